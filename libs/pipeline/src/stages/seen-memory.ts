import { DAY_MS, type Instant, type RecordedEvent, type SeenMark, type TopicPartition } from '@tributary/kernel';
import { decodeBatchTaken } from '@tributary/contracts';
import { ANONYMOUS_STREAMS, intakeStream, SUBJECT_STREAMS } from '@tributary/domain';
import { decodeEvents } from '../read-events.js';
import { seenIn } from '../event-page.js';
import { type StageContext } from '../ports.js';
import { lastEventOf } from '../stream-tail.js';
import { batchMark, type Lane } from './intake-lane.js';
import { recallFromLog } from './recall-from-log.js';

/** How long a producer may repeat a message and be understood. */
export const SEEN_RETENTION_MS = 7 * DAY_MS;
const KNOWN_IN_A_ROW = 200;
const PAGE = 2_000;

/** Which life of the memory this is; another one means that it was lost in between. */
export interface SeenEpoch {
  readonly key: string;
  readonly epoch: string;
}

/** Whether the memory holds what a lane took last, as far as that can be told: a mark goes when its time is over. */
export const isRemembered = async (
  { ports: { seen }, clock }: StageContext,
  { mark, takenAt }: Lane,
): Promise<boolean> => {
  if (!mark || takenAt < clock.now() - SEEN_RETENTION_MS + DAY_MS) return true;
  return (await seen.firstSeen([mark.key]))[0] !== undefined;
};

const today = (context: StageContext): number => Math.floor(context.clock.now() / DAY_MS);
const markOf = (day: number): string => `epoch/${day}`;

/** The life that the memory is in; `undefined`: it was lost, or a day began. */
export const seenToday = async (context: StageContext): Promise<SeenEpoch | undefined> => {
  const key = markOf(today(context));
  const [epoch] = await context.ports.seen.firstSeen([key]);
  return epoch === undefined ? undefined : { key, epoch };
};

/**
 * The memory of message ids is a projection: what it lost is read back from the log and the events, before anything is
 * taken. A mark per day tells whether it was lost; by the next day the mark is renewed, so that it never outlives what it stands for.
 *
 * @param setBack it is known to lack some of what its mark stands for
 */
export const recallSeen = async (
  context: StageContext,
  partitions: () => Promise<readonly TopicPartition[]>,
  newEpoch: () => string,
  setBack = false,
): Promise<SeenEpoch> => {
  const { seen } = context.ports;
  const day = today(context);
  const [key, yesterday] = [markOf(day), markOf(day - 1)];
  const [epoch, before] = await seen.firstSeen([key, yesterday]);
  if (epoch !== undefined && !setBack) return { key, epoch };
  if (before === undefined || setBack)
    await rebuildSeen(context, await partitions(), context.clock.now() - SEEN_RETENTION_MS, setBack);
  await seen.markSeen([{ key, at: before ?? newEpoch() }]);
  return { key, epoch: (await seen.firstSeen([key]))[0] ?? '' };
};

/**
 * Events outlive the log, but tell nothing of behaviour that names nobody, and no more of whom was erased; the log tells
 * of all that it still holds. Of every partition, since a copy may come on any.
 */
const rebuildSeen = async (
  context: StageContext,
  partitions: readonly TopicPartition[],
  since: Instant,
  setBack: boolean,
): Promise<void> => {
  const starts: number[] = [];
  const marks: SeenMark[] = [];
  for (const at of partitions) {
    const held = await firstTakenSince(context, at, since);
    const first = held && setBack ? await firstForgotten(context, at, held) : held;
    if (!first) continue;
    starts.push(first.position);
    const to = await recallFromLog(context, at, first.revision);
    if (to !== undefined) marks.push(batchMark(at, to));
  }
  if (starts.length > 0) await recallFromEvents(context, Math.min(...starts));
  await context.ports.seen.markSeen(marks);
};

const recallFromEvents = async (context: StageContext, first: number): Promise<void> => {
  const { events, seen } = context.ports;
  for (const prefix of [SUBJECT_STREAMS, ANONYMOUS_STREAMS])
    for (let at = first; ;) {
      const page = await events.readAll(at, PAGE, prefix);
      const last = page[page.length - 1];
      if (!last) break;
      await seen.markSeen(seenIn(await decodeEvents(page, context)));
      at = last.position;
    }
};

/**
 * Where what is forgotten of a partition begins, at the earliest: behind so many batches in a row that are all known that none of a
 * cluster's nodes was without a mark of theirs. Who lost a second would else read a week back, and take nothing meanwhile.
 */
const firstForgotten = async (
  { ports: { events, seen } }: StageContext,
  at: TopicPartition,
  first: RecordedEvent,
): Promise<RecordedEvent | undefined> => {
  const stream = intakeStream(at.topic, at.partition);
  for (let end = ((await lastEventOf(events, stream))?.revision ?? -1) + 1; ; end -= KNOWN_IN_A_ROW) {
    const from = end - KNOWN_IN_A_ROW;
    if (from <= first.revision) return first;
    const batches = (await events.readStream(stream, from, KNOWN_IN_A_ROW)).map(({ data }) => decodeBatchTaken(data));
    const known = await seen.firstSeen(batches.map(({ to }) => batchMark(at, to).key));
    if (batches.every(({ toAt }, i) => toAt !== undefined && known[i] !== undefined))
      return (await events.readStream(stream, end, 1))[0];
  }
};

/** First batch of a partition taken since; every fact since then stands behind one of these. */
const firstTakenSince = async (
  { ports: { events } }: StageContext,
  { topic, partition }: TopicPartition,
  since: Instant,
): Promise<RecordedEvent | undefined> => {
  const stream = intakeStream(topic, partition);
  const last = await lastEventOf(events, stream);
  if (!last || last.metadata.recordedAt < since) return undefined;
  let [low, high] = [0, last.revision];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await events.readStream(stream, middle, 1);
    if (event && event.metadata.recordedAt >= since) high = middle;
    else low = middle + 1;
  }
  return (await events.readStream(stream, low, 1))[0];
};
