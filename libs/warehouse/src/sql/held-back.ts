import { type AnswerPart } from '../chdb/protocol.js';

/** So much of an answer is held; of 32 at once whose readers are slow, 128 MB. */
const MOST_BYTES = 4 * 2 ** 20;

/**
 * `wait_end_of_query=1`: hands out nothing of an answer until it is whole, so that what fails midway has the status of a failure.
 * ClickHouse keeps a large one on disk meanwhile; here it begins when it is larger than what is held, and says at its
 * broken end why. clickhouse-connect asks so for all that it does not stream itself.
 */
export async function* heldBack(
  parts: AsyncIterable<AnswerPart>,
  most_bytes = MOST_BYTES,
): AsyncGenerator<AnswerPart, void, undefined> {
  const held: AnswerPart[] = [];
  let left_bytes = most_bytes;
  for await (const part of parts) {
    held.push(part);
    left_bytes -= part.bytes.length;
    if (left_bytes < 0) yield* held.splice(0);
  }
  yield* held;
}
