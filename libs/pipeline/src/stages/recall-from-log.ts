import { decodeBatchTaken } from '@tributary/contracts';
import { type BatchTaken, intakeStream } from '@tributary/domain';
import { type TopicPartition } from '@tributary/kernel';
import { type StageContext } from '../ports.js';
import { readAlone } from './claim-batch.js';

/** A batch names each of its duplicates: so many numbers are held at most, times the largest batch. */
const BATCHES = 200;
const RECORDS = 2_000;

/**
 * Marks the message ids of what a partition's intake stream says was accepted, from a revision of it on, each with its
 * place, as its claim was. What lies behind the last batch was claimed at most, and will be claimed again. Answers where that ends.
 */
export const recallFromLog = async (
  context: StageContext,
  at: TopicPartition,
  revision: number,
): Promise<number | undefined> => {
  const { events } = context.ports;
  let to: number | undefined;
  for (let next = revision; ;) {
    const page = await events.readStream(intakeStream(at.topic, at.partition), next, BATCHES);
    const last = page[page.length - 1];
    if (!last) return to;
    const batches = page.map(({ data }) => decodeBatchTaken(data));
    await markAccepted(context, at, batches);
    to = batches[batches.length - 1]?.to;
    next = last.revision + 1;
  }
};

/** Batches of a partition follow each other without gaps, so they are read as one run of records however small they are. */
const markAccepted = async (
  { catalogue, ports: { log, seen } }: StageContext,
  at: TopicPartition,
  batches: readonly BatchTaken[],
): Promise<void> => {
  const without = new Set(batches.flatMap(({ duplicates, quarantined }) => [...duplicates, ...quarantined]));
  const to = batches[batches.length - 1]?.to ?? -1;
  for (let next = batches[0]?.from ?? 0; next <= to;) {
    const page = await log.read(at, next, RECORDS);
    const last = page[page.length - 1];
    if (!last) return;
    const records = page.filter(({ offset }) => offset <= to && !without.has(offset));
    // What can be read no more, or was taken twice after an earlier loss, is passed over as it would be then.
    await seen.markSeen((await readAlone({ ...at, records, end: to + 1 }, { catalogue })).seen);
    next = last.offset + 1;
  }
};
