import { setTimeout as sleep } from 'node:timers/promises';
import { decodeBatchTaken } from '@tributary/contracts';
import { INTAKE_STREAMS, quarantineTopic, touchpointTopic } from '@tributary/domain';
import { type EventStore, type Log, type TopicPartition } from '@tributary/kernel';
import { PIPELINE_GROUP } from '@tributary/pipeline';
import { type Operations } from '../ops/operations.js';
import { notLoaded } from '../refusal.js';

export interface EndInputDeps {
  readonly log: Pick<Log, 'partitions' | 'committed' | 'truncate'>;
  readonly events: Pick<EventStore, 'head' | 'readAll'>;
  /** Position up to which the warehouse holds what was taken, -1 for nothing; `null`: nobody loads. */
  readonly loadedTo: (() => Promise<number>) | null;
  readonly channels: () => readonly string[];
  /** Called when all is dropped: the bytes leave the files before this resolves. */
  readonly scrub?: () => Promise<void>;
  /** What is left nevertheless, in words. */
  readonly remaining?: string;
  readonly patience_ms?: number;
}

/** What Kafka does not do at once. */
export const REMAINING_IN_KAFKA =
  'nobody can read it any more; its bytes leave the brokers’ disks when their segment is deleted, which is after the segment is closed (segment.ms, 7 days unless the topic says less)';

const PATIENCE_MS = 15_000;
const PAGE = 1_000;

/**
 * Drops input that has had its effect, and the quarantine whole. How far the processors have come is looked at first and the
 * warehouse after it, so what is taken meanwhile is never dropped before it is loaded.
 */
export const endInput =
  (deps: EndInputDeps): Operations['endRetention'] =>
  async () => {
    const { log, events, channels } = deps;
    const ends: (TopicPartition & { readonly begin: number; readonly before: number })[] = [];
    for (const channel of channels()) {
      for (const { topic, partition, begin } of await log.partitions(touchpointTopic(channel)))
        ends.push({
          topic,
          partition,
          begin,
          before: (await log.committed(PIPELINE_GROUP, { topic, partition })) ?? 0,
        });
      for (const { topic, partition, begin, end } of await log.partitions(quarantineTopic(channel)))
        ends.push({ topic, partition, begin, before: end });
    }
    await loaded(deps, await events.head());
    const dropped = ends.filter(({ begin, before }) => before > begin);
    for (const { topic, partition, before } of dropped) await log.truncate({ topic, partition }, before);
    await deps.scrub?.();
    const records = dropped.reduce((sum, { begin, before }) => sum + before - begin, 0);
    const { remaining } = deps;
    return { topics: dropped.length, records, ...(remaining === undefined ? {} : { remaining }) };
  };

/** Resolves when the tables hold all that was taken up to this position. */
const loaded = async ({ events, loadedTo, patience_ms = PATIENCE_MS }: EndInputDeps, upTo: number): Promise<void> => {
  if (!loadedTo) return;
  for (const late_ms = performance.now() + patience_ms; ; await sleep(200)) {
    if (!(await waits(events, await loadedTo(), upTo))) return;
    if (performance.now() < late_ms) continue;
    throw notLoaded();
  }
};

const waits = async (events: EndInputDeps['events'], from: number, upTo: number): Promise<boolean> => {
  for (let after = from; ;) {
    const page = await events.readAll(after, PAGE, INTAKE_STREAMS);
    const last = page[page.length - 1];
    if (!last) return false;
    if (page.some(({ position, data }) => position <= upTo && decodeBatchTaken(data).accepted > 0)) return true;
    if (last.position >= upTo) return false;
    after = last.position;
  }
};
