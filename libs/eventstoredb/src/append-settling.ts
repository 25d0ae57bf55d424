import { WrongExpectedRevision, type Append } from '@tributary/kernel';
import { failure } from './failures.js';
import { streamEnd, streamForwards } from './read-requests.js';
import { type Reads } from './reads.js';

/**
 * Are these very events in the stream, one after another, where this append would have put them? Later events may have
 * followed. The first that are left count, since a stream that was deleted and begun anew, or truncated, starts higher.
 */
const isThere = async (reads: Reads, { stream, expectedRevision, events }: Append): Promise<boolean> => {
  const found = await reads.all(streamForwards(stream, expectedRevision + 1, events.length));
  return (
    found.length === events.length &&
    events.every(({ id }, i) => found[i]!.getId()!.getString() === id.toLowerCase()) &&
    found.every(
      (record, i) => i === 0 || Number(record.getStreamRevision()) === Number(found[0]!.getStreamRevision()) + i,
    )
  );
};

/** The server refused: somebody else was first, unless it was ourselves. */
export const settleRefused = async (reads: Reads, append: Append, actual: number): Promise<void> => {
  if (actual > append.expectedRevision && (await isThere(reads, append))) return;
  throw new WrongExpectedRevision(append.stream, append.expectedRevision, actual);
};

/**
 * The answer was lost. What the stream holds decides: the events are there (done), or others took their place
 * (`WrongExpectedRevision`), or nothing was added. The last may still change while the server works through what it was
 * sent, so it is `retriable` in the sense that the same append, ids and all, may be made again: were it to arrive twice,
 * the expected revision lets one in. If reading fails as well, the append stays `unknown`.
 */
export const settleUnknown = async (reads: Reads, append: Append, why: string): Promise<void> => {
  const { stream, expectedRevision } = append;
  let arrived: boolean;
  let actual: number;
  try {
    const [last] = await reads.all(streamEnd(stream));
    actual = last ? Number(last.getStreamRevision()) : -1;
    arrived = actual > expectedRevision && (await isThere(reads, append));
  } catch (error) {
    throw failure('unknown', `an append to ${stream} has no answer (${why}), nor can the stream be read`, error);
  }
  if (arrived) return;
  if (actual !== expectedRevision) throw new WrongExpectedRevision(stream, expectedRevision, actual);
  throw failure('retriable', `an append to ${stream} has no answer (${why}) and has not arrived`);
};
