import { FEED_TOPIC } from '@tributary/domain';
import { type EngineError, type Log, type RowBatch, type StoredRecord, type Warehouse } from '@tributary/kernel';
import { type Side, storedName } from '../schema/shadow.js';
import { feedFences } from './fences.js';
import { breathe, pause, retrying } from './pacing.js';

export interface FeedPosition {
  readonly partition: number;
  /** Goes into `feed_offset` of every row: where the loader goes on when it is started again. */
  readonly offset: number;
}

/**
 * Rows of these customers as they are now, in the order in which they are to be written: customer_subjects first,
 * customers last. `sequences` says for each customer the position of the newest event that the feed told of: the version
 * of a row that only says that the customer is gone.
 */
export type CustomerRows = (
  customerIds: readonly string[],
  feed: FeedPosition,
  sequences: ReadonlyMap<string, number>,
) => Promise<readonly RowBatch[]>;

export interface CustomerLoading {
  readonly log: Pick<Log, 'read' | 'partitions'>;
  readonly warehouse: Warehouse;
  readonly customerRows: CustomerRows;
  readonly signal: AbortSignal;
  /** `shadow`: fill the tables of a rebuild. */
  readonly side?: Side;
  readonly topic?: string;
  /** Return at what the feed held at the beginning, instead of waiting for more. */
  readonly once?: boolean;
  /** Changes of one customer within this time are written as one row (1,000 ms unless told). */
  readonly every_ms?: number;
  /** Whether the stages before are far behind: what they have not told yet is waited for, for a while. */
  readonly moreComes?: () => Promise<boolean>;
  readonly onLoaded?: (progress: { readonly customers: number; readonly records: number }) => void;
  readonly onRetry?: (error: EngineError) => void;
}

/** So many messages are read at a time, … */
const RECORDS_AT_ONCE = 10_000;
/**
 * … for the rows of about so many customers: the more, the more of the messages are about one of them. Of those, many may
 * be gone by then: who comes in as five strangers leaves four.
 */
const CUSTOMERS_A_ROUND = 250_000;
/** While messages keep coming, rendering customers may take this share of the thread's time; the facts have the rest. */
const SHARE = 0.25;
/** … but after this a round begins in any case. */
const LONGEST_WAIT_MS = 120_000;
/**
 * A customer of tens of thousands of orders takes half a second. So where few take long, they have no more than that share even if
 * nobody else's messages come; but their rows are no later than this by it.
 */
const COSTLY_MS = 20;
const LONGEST_REST_MS = 5_000;
/** Rendered together, and one insert into each table: those before are written meanwhile. */
const CUSTOMERS_AT_ONCE = 1_000;

interface Loaded {
  records: number;
  customers: number;
  rendering_ms: number;
}

interface FeedText {
  readonly customerId: string;
  readonly sequence: number;
  readonly data?: {
    readonly absorbed?: readonly string[];
    readonly released?: readonly { readonly customerId: string }[];
  };
}

/** Every customer that the messages from an offset on are about, in the order in which they were named first: what a round writes. */
class Named {
  readonly sequences = new Map<string, number>();
  /** Of each customer: the offset at which it was named first. */
  readonly #firstAt: number[] = [];
  /** Behind what was read. */
  to: number;

  constructor(readonly from: number) {
    this.to = from;
  }

  /** Those that a merge ended or an unmerge brought back, too. */
  note(records: readonly StoredRecord[]): void {
    this.to = (records[records.length - 1] as StoredRecord).offset + 1;
    for (const { value, offset } of records) {
      const { customerId, sequence, data } = JSON.parse(Buffer.from(value).toString()) as FeedText;
      this.#add(customerId, sequence, offset);
      for (const absorbed of data?.absorbed ?? []) this.#add(absorbed, sequence, offset);
      if (Array.isArray(data?.released))
        for (const released of data.released) this.#add(released.customerId, sequence, offset);
    }
  }

  #add(id: string, sequence: number, offset: number): void {
    const before = this.sequences.get(id);
    if (before === undefined) this.#firstAt.push(offset);
    if (before === undefined || sequence > before) this.sequences.set(id, sequence);
  }

  /** The offset up to which all messages are about the first `count` customers. */
  coveredBy(count: number): number {
    return this.#firstAt[count] ?? this.to;
  }
}

/**
 * Keeps customers and customer_subjects as the profile feed says. A row is guarded by its version, so writing one
 * twice changes nothing; where to go on stands in the rows themselves.
 */
export const loadCustomers = (loading: CustomerLoading): Promise<void> =>
  retrying(loading, (succeeded) => load(loading, succeeded));

const load = async (
  {
    log,
    warehouse,
    customerRows,
    signal,
    side = 'live',
    topic = FEED_TOPIC,
    once = false,
    every_ms = 1_000,
    moreComes = async () => false,
    onLoaded,
  }: CustomerLoading,
  succeeded: () => void,
): Promise<void> => {
  const next = new Map(await feedFences(warehouse, side));
  /** By partition: what was read ahead of the next round. */
  const ahead = new Map<number, Named>();

  /** Reads on as long as there are messages and room for customers. */
  const readNamed = async (partition: number, end: number): Promise<Named> => {
    const named = ahead.get(partition) ?? new Named(next.get(partition) ?? 0);
    ahead.set(partition, named);
    while (named.to < end && named.sequences.size < CUSTOMERS_A_ROUND && !signal.aborted) {
      const records = await log.read({ topic, partition }, named.to, RECORDS_AT_ONCE);
      if (records.length === 0) break;
      named.note(records);
      await breathe();
    }
    return named;
  };

  const write = async (batches: readonly RowBatch[]): Promise<void> => {
    for (const batch of batches)
      if (batch.rows.length > 0) await warehouse.insert({ ...batch, table: storedName(batch.table, side) });
  };

  const loadPartition = async (partition: number, end: number): Promise<Loaded> => {
    const named = await readNamed(partition, end);
    ahead.delete(partition);
    const ids = [...named.sequences.keys()];
    let written: Promise<void> = Promise.resolve();
    let rendering_ms = 0;
    try {
      for (let i = 0; i < ids.length && !signal.aborted; i += CUSTOMERS_AT_ONCE) {
        // The position that rows carry: whoever goes on after a crash, or a stop, begins there.
        const offset = named.coveredBy(i + CUSTOMERS_AT_ONCE);
        const some = ids.slice(i, i + CUSTOMERS_AT_ONCE);
        const renderedFrom = performance.now();
        const batches = await customerRows(some, { partition, offset }, named.sequences);
        rendering_ms += performance.now() - renderedFrom;
        await written;
        written = write(batches).then(() => void next.set(partition, offset));
        // Heard of at the next wait for it.
        written.catch(() => undefined);
      }
    } finally {
      await written;
    }
    const records = named.to - named.from;
    if (records === 0) return { records, customers: 0, rendering_ms: 0 };
    succeeded();
    onLoaded?.({ customers: ids.length, records });
    return { records, customers: ids.length, rendering_ms };
  };

  /** How many messages there are by now; whom they are about is noted while there is nothing else to do. */
  const readAhead = async (): Promise<number> => {
    let sum = 0;
    for (const { partition, end } of await log.partitions(topic)) {
      await readNamed(partition, end);
      sum += end;
    }
    return sum;
  };

  /** After a round that began then: lets changes of a customer gather while they keep coming; not if it left some behind. */
  const rest = async (began: number, leftSome: boolean, { customers, rendering_ms }: Loaded): Promise<void> => {
    const took = performance.now() - began;
    let end = await readAhead();
    const isCostly = rendering_ms > customers * COSTLY_MS;
    const least = isCostly ? Math.min(LONGEST_REST_MS, rendering_ms / SHARE - rendering_ms) : 0;
    await pause(Math.max(every_ms - took, Math.min(every_ms, took), least), signal);
    while (!signal.aborted && performance.now() - began < LONGEST_WAIT_MS) {
      const isBehind = !leftSome && (await moreComes());
      const now = await readAhead();
      if (!isBehind && (now === end || performance.now() - began >= took / SHARE)) return;
      end = now;
      await pause(every_ms, signal);
    }
  };

  const whole = once ? await log.partitions(topic) : null;
  while (!signal.aborted) {
    const began = performance.now();
    const round: Loaded = { records: 0, customers: 0, rendering_ms: 0 };
    let leftSome = false;
    for (const { partition, end } of whole ?? (await log.partitions(topic))) {
      const loaded = await loadPartition(partition, end);
      round.records += loaded.records;
      round.customers += loaded.customers;
      round.rendering_ms += loaded.rendering_ms;
      leftSome ||= (next.get(partition) ?? 0) < end;
      if (signal.aborted) return;
    }
    if (once && round.records === 0) return;
    if (!once) await rest(began, leftSome, round);
  }
};
