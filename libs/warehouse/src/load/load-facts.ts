import { decodeBatchTaken } from '@tributary/contracts';
import { type AnyTouchpoint, type BatchTaken, INTAKE_STREAMS } from '@tributary/domain';
import {
  type EngineError,
  type EventStore,
  type Log,
  type RecordedEvent,
  type TopicPartition,
  type Warehouse,
} from '@tributary/kernel';
import { type Side } from '../schema/shadow.js';
import { rawTouchpoints } from '../schema/tables.js';
import { FactBuffer } from './fact-buffer.js';
import { sureIntakeFences } from './fences.js';
import { breathe, pause, retrying } from './pacing.js';
import { readRange } from './read-range.js';

export interface FactSources {
  readonly log: Pick<Log, 'read' | 'partitions'>;
  readonly events: Pick<EventStore, 'readAll'>;
  readonly catalogue: { decode(value: Uint8Array): AnyTouchpoint };
  readonly warehouse: Warehouse;
}

export interface FactLoading extends FactSources {
  readonly signal: AbortSignal;
  /** `shadow`: fill the tables of a rebuild. */
  readonly side?: Side;
  /** Return when there is nothing left to load, instead of waiting for more. */
  readonly once?: boolean;
  /** Load nothing of the intake beyond this event-store position: two sides so loaded hold the same, whatever comes in. */
  readonly upTo?: number;
  /** A flush comes at so many touchpoints (10,000 unless told) … */
  readonly flushRows?: number;
  /** … or when the first of them has waited so long (1,000 ms unless told). */
  readonly flushAfter_ms?: number;
  /** Whether a touchpoint is to be loaded; a rebuild leaves out those of erased subjects that the log still holds. */
  readonly accepts?: (touchpoint: AnyTouchpoint) => boolean;
  /** How long to wait at the end of the event store (100 ms unless told). */
  readonly poll_ms?: number;
  /** Told after each flush: touchpoints written, records that the log no longer held, and the position reached. */
  readonly onLoaded?: (progress: FactProgress) => void;
  /** Told of an engine's failure that will be retried. */
  readonly onRetry?: (error: EngineError) => void;
}

export interface FactProgress {
  readonly touchpoints: number;
  readonly missing: number;
  readonly position: number;
  /** By partition of the log: the offset behind all that was written, or needed no writing. */
  readonly offsets: readonly (TopicPartition & { readonly next: number })[];
}

const EVENTS_AT_ONCE = 256;
const RECORDS_AT_ONCE = 20_000;
/** About two milliseconds of work: then whatever else lives on this thread has its turn. */
const RECORDS_A_TURN = 256;

/**
 * Copies what the intake accepted into the fact tables, exactly once: each table says how far it has come, one insert
 * is one part, and a flush holds whole intake batches in order. After any crash the tables differ at most by the last
 * flush, and each skips what it has. Resolves when told to stop; rejects with what cannot be retried.
 */
export const loadFacts = (loading: FactLoading): Promise<void> =>
  retrying(loading, (succeeded) => load(loading, succeeded));

const load = async (
  {
    log,
    events,
    catalogue,
    warehouse,
    signal,
    side = 'live',
    once = false,
    upTo = Infinity,
    flushRows = 10_000,
    flushAfter_ms = 1_000,
    poll_ms = 100,
    accepts,
    onLoaded,
  }: FactLoading,
  succeeded: () => void,
): Promise<void> => {
  const fences = await sureIntakeFences(warehouse, side);
  const buffer = new FactBuffer(fences);
  let position = fences.get(rawTouchpoints.name) ?? -1;
  let since = 0;
  let missing = 0;
  const passed = new Map<string, FactProgress['offsets'][number]>();
  /** The flush under way: the next block is read and decoded beside it, never the one after that. */
  let flushing: Promise<void> = Promise.resolve();
  let failure: unknown;

  const flush = async (): Promise<void> => {
    await flushing;
    if (failure !== undefined) throw failure;
    if (buffer.size === 0 && passed.size === 0) return;
    const progress: FactProgress = { touchpoints: buffer.size, missing, position, offsets: [...passed.values()] };
    missing = 0;
    passed.clear();
    flushing = buffer.flush(warehouse, side).then(
      () => {
        succeeded();
        onLoaded?.(progress);
      },
      (error: unknown) => void (failure = error),
    );
  };

  const take = async (
    event: RecordedEvent,
    batch: BatchTaken,
    records: Awaited<ReturnType<typeof readRange>>,
  ): Promise<void> => {
    missing += Math.max(0, batch.accepted - records.length);
    if (buffer.size === 0) since = performance.now();
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as (typeof records)[number];
      const at = { topic: batch.topic, partition: batch.partition, offset: record.offset, intake: event.position };
      const touchpoint = catalogue.decode(record.value);
      if (accepts === undefined || accepts(touchpoint)) buffer.add(touchpoint, at);
      if (i % RECORDS_A_TURN === RECORDS_A_TURN - 1) await breathe();
    }
    position = event.position;
    const { topic, partition, to } = batch;
    passed.set(`${topic}/${partition}`, { topic, partition, next: to + 1 });
    if (buffer.size >= flushRows) await flush();
  };

  let after = position;
  while (!signal.aborted) {
    const found = (await events.readAll(after, EVENTS_AT_ONCE, INTAKE_STREAMS)).filter(
      (event) => event.position <= upTo,
    );
    const batches = found.map((event) => ({ event, batch: decodeBatchTaken(event.data) }));
    for (let next = 0; next < batches.length && !signal.aborted;) {
      const block: typeof batches = [];
      for (let records = 0; next < batches.length && records < RECORDS_AT_ONCE; next++) {
        const one = batches[next] as (typeof batches)[number];
        block.push(one);
        records += one.batch.to - one.batch.from + 1;
      }
      const ranges = await Promise.all(
        block.map(({ batch }) => (batch.accepted === 0 ? Promise.resolve([]) : readRange(log, batch))),
      );
      for (let i = 0; i < block.length; i++) {
        const { event, batch } = block[i] as (typeof block)[number];
        await take(event, batch, ranges[i] as (typeof ranges)[number]);
      }
    }
    after = found[found.length - 1]?.position ?? after;
    const idle = found.length === 0;
    const waiting = buffer.size > 0 ? performance.now() - since >= flushAfter_ms || (idle && once) : idle;
    if (waiting) await flush();
    if (idle && once && buffer.size === 0) break;
    if (idle) await pause(poll_ms, signal);
  }
  await flush();
  await flush();
};
