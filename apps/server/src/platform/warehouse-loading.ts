import { type Catalogue } from '@tributary/contracts';
import { type BatchTaken } from '@tributary/domain';
import { type Connection } from '@tributary/embedded';
import { type Clock, EngineError, type StoredRecord, type Warehouse } from '@tributary/kernel';
import { FEED_TOPIC } from '@tributary/pipeline';
import {
  customers,
  customerSubjects,
  digest,
  eraseSubjects,
  factTables,
  feedFences,
  intakeFences,
  loadCustomers,
  type Loader,
  loadFacts,
  rebuild,
  runLoader,
  type Side,
} from '@tributary/warehouse';
import { type Verification } from '../ops/operations.js';
import { customerRowsFrom } from './customer-rows.js';
import { type WarehouseLag } from './warehouse-messages.js';

export interface LoadingDeps {
  readonly store: Pick<Connection, 'log' | 'events' | 'documents'>;
  readonly catalogue: Catalogue;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly onRetry: (message: string) => void;
  /** Loading ended for good: nothing more reaches the warehouse. */
  readonly onTrouble: (message: string) => void;
}

const ERASURES = 'warehouse-erasures';
const ERASED = Buffer.from('tributary.customer.erased');
const SCAN = 20_000;
const POLL_MS = 500;
const LEVEL_TRIES = 50;

/** The warehouse's way in: facts from the intake, customers from the feed, and erasures after both. */
export class WarehouseLoading {
  readonly #deps: LoadingDeps;
  #loader: Loader | null = null;
  #scan: NodeJS.Timeout | null = null;
  #scanned = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(deps: LoadingDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const [checkpoint] = await this.#deps.store.documents.get('checkpoint', [ERASURES]);
    this.#scanned = checkpoint?.version ?? 0;
    this.#load();
    this.#scan = setInterval(
      () => void this.#inTurn(() => this.#erase()).catch((error: unknown) => this.#failed(error)),
      POLL_MS,
    );
  }

  #load(): void {
    const { store, catalogue, warehouse, clock, onRetry } = this.#deps;
    const told = (error: EngineError): void => onRetry(error.message);
    const loader = runLoader({
      facts: { log: store.log, events: store.events, catalogue, warehouse, onRetry: told },
      customers: {
        log: store.log,
        warehouse,
        customerRows: customerRowsFrom(store.documents, () => clock.now()),
        onRetry: told,
      },
    });
    loader.done.catch((error: unknown) => this.#deps.onTrouble(messageOf(error)));
    this.#loader = loader;
  }

  #failed(error: unknown): void {
    if (error instanceof EngineError && error.failure !== 'fatal') this.#deps.onRetry(error.message);
    else this.#deps.onTrouble(messageOf(error));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async lag(): Promise<WarehouseLag> {
    const { store, warehouse } = this.#deps;
    const [intake, feed] = [await intakeFences(warehouse), await feedFences(warehouse)];
    const after = Math.min(
      ...factTables.map(({ name }) => (name === 'raw_touchpoints' ? (intake.get(name) ?? -1) : Infinity)),
    );
    const waiting = await store.events.readAll(after, 1_000, 'intake-');
    const facts = waiting.reduce(
      (sum, { data }) => sum + (JSON.parse(Buffer.from(data).toString()) as BatchTaken).accepted,
      0,
    );
    const ranges = await store.log.partitions(FEED_TOPIC);
    const behind = ranges.reduce((sum, { partition, end }) => sum + Math.max(0, end - (feed.get(partition) ?? 0)), 0);
    const end = ranges[0]?.end ?? 0;
    return { facts, customers: behind, erasures: Math.max(0, end - this.#scanned) };
  }

  /** Looks through new feed messages for erasures; carries them out once everything before them is loaded. */
  async #erase(): Promise<void> {
    const { store } = this.#deps;
    while (!this.#stopped) {
      const records = await store.log.read({ topic: FEED_TOPIC, partition: 0 }, this.#scanned, SCAN);
      const last = records[records.length - 1];
      if (!last) return;
      const erasures = erasuresIn(records);
      if (erasures.size > 0 && !(await this.#eraseNow(erasures, last.offset))) return;
      this.#scanned = last.offset + 1;
      if (erasures.size > 0)
        await store.documents.put([{ kind: 'checkpoint', key: ERASURES, version: this.#scanned, body: '{}' }]);
    }
  }

  async #eraseNow(erasures: ReadonlyMap<string, number>, upTo: number): Promise<boolean> {
    const { store, warehouse, clock } = this.#deps;
    const { customers: behind } = await this.lag();
    const [range] = await store.log.partitions(FEED_TOPIC);
    // What came before the erasure must not be loaded after it; what comes after it may wait, or come.
    const last = Math.max(...erasures.values());
    const waiting = await store.events.readAll(
      (await intakeFences(warehouse)).get('raw_touchpoints') ?? -1,
      1_000,
      'intake-',
    );
    const before = waiting.filter(({ position, data }) => position < last && takenIn(data).accepted > 0);
    if (before.length > 0 || (range?.end ?? 0) - behind <= upTo) return false;
    await this.#loader?.stop();
    try {
      const [feed] = await feedFences(warehouse);
      const { customers: affected } = await eraseSubjects(warehouse, erasures);
      const rows = customerRowsFrom(store.documents, () => clock.now());
      for (const batch of await rows(
        [...affected.keys()],
        { partition: feed?.[0] ?? 0, offset: feed?.[1] ?? 0 },
        affected,
      ))
        if (batch.rows.length > 0) await warehouse.insert(batch);
    } finally {
      if (!this.#stopped) this.#load();
    }
    return true;
  }

  /** Every erasure that the feed tells of. */
  async #allErasures(): Promise<ReadonlyMap<string, number>> {
    const all = new Map<string, number>();
    for (let offset = 0; ;) {
      const records = await this.#deps.store.log.read({ topic: FEED_TOPIC, partition: 0 }, offset, SCAN);
      const last = records[records.length - 1];
      if (!last) return all;
      for (const [subject, position] of erasuresIn(records)) all.set(subject, position);
      offset = last.offset + 1;
    }
  }

  /** Builds every table anew beside the live one, compares, and changes over only if told to. */
  again(changeOver: boolean): Promise<Verification['projections']> {
    return this.#inTurn(async () => {
      const { store, catalogue, warehouse, clock } = this.#deps;
      // Raw input is dropped by its retention; from then on only what comes from documents can be built anew.
      const whole = await this.#wholeLog();
      const tables = [...(whole ? factTables : []), customerSubjects, customers].map(({ name }) => name);
      const report: { name: string; equal: boolean; rows: number; difference?: string }[] = whole
        ? []
        : [
            {
              name: 'facts',
              equal: true,
              rows: 0,
              difference: 'not compared: the log’s retention dropped the beginning',
            },
          ];
      const { signal } = new AbortController();
      const load = async (side: Side): Promise<void> => {
        const customerRows = customerRowsFrom(store.documents, () => clock.now());
        if (whole)
          await loadFacts({ log: store.log, events: store.events, catalogue, warehouse, signal, side, once: true });
        await loadCustomers({ log: store.log, warehouse, customerRows, signal, side, once: true });
      };
      const fill = (): Promise<void> => load('shadow');
      const settle = async (): Promise<() => void> => {
        await this.#loader?.stop();
        return () => {
          if (!this.#stopped) this.#load();
        };
      };
      /** Input goes on meanwhile: both sides are brought up until they stand at one place, and nothing came after it. */
      const level = async (): Promise<boolean> => {
        for (let tries = 0; tries < LEVEL_TRIES && !this.#stopped; tries++) {
          await load('live');
          await load('shadow');
          const { facts, customers: behind } = await this.lag();
          const same =
            JSON.stringify([...(await feedFences(warehouse))]) ===
            JSON.stringify([...(await feedFences(warehouse, 'shadow'))]);
          if (facts === 0 && behind === 0 && same) return true;
        }
        return false;
      };
      const filled = async (): Promise<void> => {
        const comparable = await level();
        // What the log still holds of erased people must not come back with the new tables.
        if (whole) await eraseSubjects(warehouse, await this.#allErasures(), 'shadow');
        for (const name of tables) {
          const [live, built] = [await digest(warehouse, name), await digest(warehouse, name, 'shadow')];
          const compared = { name: `clickhouse.${name}`, rows: live.rows };
          if (!comparable) report.push({ ...compared, equal: true, difference: 'not compared: input never paused' });
          else if (live.hash === built.hash) report.push({ ...compared, equal: true });
          else report.push({ ...compared, equal: false, difference: `${live.rows} rows live, ${built.rows} rebuilt` });
        }
        if (!changeOver) throw new OnlyLooked();
      };
      await rebuild({ warehouse, tables, fill, settle, filled }).catch((error: unknown) => {
        if (!(error instanceof OnlyLooked)) throw error;
      });
      return report;
    });
  }

  async #wholeLog(): Promise<boolean> {
    const { store } = this.#deps;
    const topics = new Set<string>();
    for (let after = -1; ;) {
      const page = await store.events.readAll(after, 5_000, 'intake-');
      const last = page[page.length - 1];
      if (!last) break;
      for (const { data } of page) topics.add((JSON.parse(Buffer.from(data).toString()) as BatchTaken).topic);
      after = last.position;
    }
    for (const topic of topics) if ((await store.log.partitions(topic)).some(({ begin }) => begin > 0)) return false;
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#scan) clearInterval(this.#scan);
    await this.#turn;
    await this.#loader?.stop();
  }
}

const takenIn = (data: Uint8Array): BatchTaken => JSON.parse(Buffer.from(data).toString()) as BatchTaken;

/** By subject: the position of its last erasure among these messages. */
const erasuresIn = (records: readonly StoredRecord[]): Map<string, number> => {
  const erasures = new Map<string, number>();
  for (const { value } of records) {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    if (!text.includes(ERASED)) continue;
    const { sequence, data } = JSON.parse(text.toString()) as {
      sequence: number;
      data: { subject: string; members: readonly string[] };
    };
    for (const id of [data.subject, ...data.members]) erasures.set(id, sequence);
  }
  return erasures;
};

/** The tables were compared, and are to stay as they are. */
class OnlyLooked extends Error {}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
