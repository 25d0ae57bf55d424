import { type LogBatch, type SeenMark, type SeenStore } from '@tributary/kernel';
import { takeBatch, type TakenBatch } from '../take-batch.js';
import { type StageContext } from '../ports.js';
import { batchMark } from './intake-lane.js';

type Hands = Pick<StageContext, 'catalogue'> & { readonly ports: { readonly seen: SeenStore } };

/** A batch that was read, with the marks by which its messages, and it, are known again. */
export interface MarkedBatch extends TakenBatch {
  readonly seen: readonly SeenMark[];
}

/** What a batch holds as such, as if nothing had been seen before it. */
export const readAlone = (batch: LogBatch, { catalogue }: Pick<Hands, 'catalogue'>): Promise<MarkedBatch> =>
  readMarked(batch, { catalogue, ports: { seen: nothingSeen } });

const readMarked = async (batch: LogBatch, hands: Parameters<typeof takeBatch>[1]): Promise<MarkedBatch> => {
  const seen: SeenMark[] = [];
  const taken = await takeBatch(batch, hands, { onSeen: (key, at) => void seen.push({ key, at }) });
  return { ...taken, seen };
};

/** Answers that nothing was seen before. */
const nothingSeen: Pick<SeenStore, 'firstSeen'> = { firstSeen: async (keys) => keys.map(() => undefined) };

/**
 * Reads a batch, claiming each message id for the place at which it lies before anything is said of it: where two
 * partitions hold the same message, one of them wins whatever the timing. A claim that is ours from before is ours.
 */
export const claimBatch = async (batch: LogBatch, hands: Hands): Promise<MarkedBatch> => {
  const { seen } = hands.ports;
  const taken = withMark(batch, await readMarked(batch, hands));
  await seen.markSeen(taken.seen);
  const places = await seen.firstSeen(taken.seen.map(({ key }) => key));
  const lost = taken.seen
    .filter(({ at }, i) => places[i] !== undefined && places[i] !== at)
    .map(({ at }) => offsetIn(at));
  if (lost.length === 0) return taken;
  const duplicates = [...taken.duplicates, ...lost].sort((a, b) => a - b);
  const quarantined = taken.unreadable.map(({ record }) => record.offset);
  const rest = await takeAgain(batch, { duplicates, quarantined }, hands);
  return { ...withMark(batch, rest), unreadable: taken.unreadable };
};

/** Reads a batch of which it was said before what has no effect; what the stores know by now does not matter. */
export const takeAgain = async (
  batch: LogBatch,
  said: { readonly duplicates: readonly number[]; readonly quarantined: readonly number[] },
  hands: Pick<Hands, 'catalogue'>,
): Promise<MarkedBatch> => {
  const quarantined = new Set(said.quarantined);
  const without = new Set([...said.duplicates, ...said.quarantined]);
  const records = batch.records.filter(({ offset }) => !without.has(offset));
  const taken = await readAlone({ ...batch, records }, hands);
  if (taken.duplicates.length > 0 || taken.unreadable.length > 0)
    throw new Error('a batch that is taken again reads differently from what was said of it');
  return {
    ...taken,
    duplicates: said.duplicates,
    unreadable: batch.records
      .filter(({ offset }) => quarantined.has(offset))
      .map((record) => ({ record, reason: 'it could not be read when its batch was taken' })),
  };
};

const withMark = (batch: LogBatch, taken: MarkedBatch): MarkedBatch => ({
  ...taken,
  seen: [...taken.seen, batchMark(batch, batch.records[batch.records.length - 1]?.offset ?? -1)],
});

const offsetIn = (place: string): number => Number(place.slice(place.lastIndexOf('/') + 1));
