import { behaviourSummed } from '@tributary/contracts';
import { ANONYMOUS_STREAMS, anonymousStream, type BatchTaken, SUBJECT_STREAMS, subjectStream } from '@tributary/domain';
import { type GoneRecords, type LogBatch, type RecordedEvent } from '@tributary/kernel';
import { type Content } from '../decoded.js';
import { type StageContext } from '../ports.js';
import { decodeEvents } from '../read-events.js';
import { type MarkedBatch } from './claim-batch.js';
import { type Intention } from './intake-lane.js';

const PAGE = 2_000;

/**
 * Of a batch that is taken again what may be carried out though the log's retention has dropped its first records: who had their
 * share has it, and what is gone is told, unless it stands. Kafka forgets the offsets of a group that is away as it does records,
 * so that nobody knows whether a batch was carried out is nothing unusual: its events do.
 */
export const stillOwed = async (
  taken: MarkedBatch,
  { records }: LogBatch,
  { batch, position }: Intention,
  context: Pick<StageContext, 'catalogue' | 'ports'>,
  onGone: (gone: GoneRecords) => void,
): Promise<MarkedBatch> => {
  const begin = records[0]?.offset ?? batch.to + 1;
  if (begin === batch.from) return taken;
  const { streams, touchpoints } = await doneOf(batch, position, context);
  const { topic, partition, from, accepted } = batch;
  if (touchpoints < accepted) onGone({ topic, partition, from, to: begin });
  const isOpen = (stream: string): boolean => !streams.has(stream);
  return {
    ...taken,
    bySubject: new Map([...taken.bySubject].filter(([subject]) => isOpen(subjectStream(subject)))),
    anonymous: isOpen(anonymousStream(batch)) ? taken.anonymous : [],
  };
};

interface Done {
  /** An append is atomic: whoever has one event of the batch has their whole share. */
  readonly streams: ReadonlySet<string>;
  /** Touchpoints that stand. Behaviour that names nobody leaves no event, and is not among them. */
  readonly touchpoints: number;
}

/** By the events since it was said: to the head at worst, of a batch that was carried out only as far as its own reach. */
const doneOf = async (
  batch: BatchTaken,
  position: number,
  context: Pick<StageContext, 'catalogue' | 'ports'>,
): Promise<Done> => {
  const streams = new Set<string>();
  let touchpoints = 0;
  for (const prefix of [SUBJECT_STREAMS, ANONYMOUS_STREAMS])
    for (let at = position; touchpoints < batch.accepted;) {
      const page = await context.ports.events.readAll(at, PAGE, prefix);
      const last = page[page.length - 1];
      if (!last) break;
      const own = page.filter((event) => isOfBatch(batch, event));
      for (const { stream } of own) streams.add(stream);
      const sums = new Set(own.filter(({ type }) => type === behaviourSummed).map(({ id }) => id));
      for (const { events } of await decodeEvents(own, context))
        for (const { id, content } of events) touchpoints += touchpointsIn(content, sums.has(id));
      at = last.position;
    }
  return { streams, touchpoints };
};

/** How many a sum of somebody who was erased stands for is not known any more, and nothing of theirs is missed. */
const touchpointsIn = (content: Content, isSum: boolean): number => {
  if (content.kind === 'sum') return content.sum.messages.length;
  return content.kind === 'unreadable' && isSum ? Infinity : 1;
};

export const isOfBatch = (
  { topic, partition, from, to }: BatchTaken,
  { metadata: { source } }: RecordedEvent,
): boolean => source?.topic === topic && source.partition === partition && source.offset >= from && source.offset <= to;
