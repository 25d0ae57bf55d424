import { type IncomingMessage } from 'node:http';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';

type Answer = AsyncIterable<Buffer> & Pick<IncomingMessage, 'headers'>;

/** Of why it failed no more is kept: whoever answers might go on for ever. */
const MOST_TOLD_BYTES = 16 * 1024;

/**
 * The bytes of an answer in SQL. Of one that fails midway ClickHouse tells why at its broken end, marked by the tag that a header
 * said: that is no part of the answer, and the failure of the command.
 */
export async function* sqlAnswer(incoming: Answer): AsyncGenerator<Buffer, void, undefined> {
  const tag = incoming.headers['x-clickhouse-exception-tag'];
  const mark = Buffer.from(`\r\n__exception__\r\n${String(tag)}\r\n`);
  let held: Buffer = Buffer.alloc(0);
  let isTold = false;
  let isBroken = false;
  try {
    for await (const chunk of incoming) {
      if (isTold && held.length - mark.length > MOST_TOLD_BYTES) continue;
      held = Buffer.concat([held, chunk]);
      if (isTold) continue;
      const at = tag === undefined ? -1 : held.indexOf(mark);
      isTold = at >= 0;
      const sure = isTold ? at : Math.max(0, held.length - mark.length + 1);
      yield held.subarray(0, sure);
      held = held.subarray(sure);
    }
  } catch (error) {
    // Else it was interrupted here.
    if (!isTold && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    isBroken = true;
  }
  // Nobody but the server knows the tag: with it the answer has failed, also where something between us ends it well.
  if (isTold)
    throw new Failure(ExitCode.failed, `the answer is not whole: ${reasonIn(held.subarray(mark.length), String(tag))}`);
  if (isBroken) throw new Failure(ExitCode.failed, 'the answer broke off: it is not whole');
  yield held;
}

/** `text⏎length tag⏎__exception__⏎`, of which the end may be missing. */
const reasonIn = (told: Buffer, tag: string): string => {
  const text = told.subarray(0, MOST_TOLD_BYTES).toString();
  const [reason = ''] = text.split(`${tag}\r\n__exception__`);
  const isCut = reason.length === text.length && told.length > MOST_TOLD_BYTES;
  return reason.replace(/\n\d+ $/, '').replace(/\s+/g, ' ') + (isCut ? '…' : '');
};
