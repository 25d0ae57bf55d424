import { type IncomingMessage } from 'node:http';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';

type Answer = AsyncIterable<Buffer> & Pick<IncomingMessage, 'headers'>;

/**
 * The bytes of an answer in SQL. Of one that fails midway ClickHouse tells why at its broken end, marked by the tag that a header
 * said: that is no part of the answer, and the failure of the command.
 */
export async function* sqlAnswer(incoming: Answer): AsyncGenerator<Buffer, void, undefined> {
  const tag = incoming.headers['x-clickhouse-exception-tag'];
  const mark = Buffer.from(`\r\n__exception__\r\n${String(tag)}\r\n`);
  let held: Buffer = Buffer.alloc(0);
  let isTold = false;
  try {
    for await (const chunk of incoming) {
      held = Buffer.concat([held, chunk]);
      if (isTold) continue;
      const at = held.indexOf(mark);
      isTold = at >= 0;
      const sure = isTold ? at : Math.max(0, held.length - mark.length + 1);
      yield held.subarray(0, sure);
      held = held.subarray(sure);
    }
  } catch (error) {
    // Else it was interrupted here.
    if (!isTold && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    const [reason] = held
      .subarray(mark.length)
      .toString()
      .split(`${String(tag)}\r\n__exception__`);
    throw new Failure(
      ExitCode.failed,
      isTold
        ? `the answer is not whole: ${(reason ?? '').replace(/\n\d+ $/, '').replace(/\s+/g, ' ')}`
        : 'the answer broke off: it is not whole',
    );
  }
  yield held;
}
