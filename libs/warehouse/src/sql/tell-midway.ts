import { randomBytes } from 'node:crypto';
import { type ServerResponse } from 'node:http';
import { type Transform } from 'node:stream';

/** Tells what fails midway from rows that look like it; goes ahead in `X-ClickHouse-Exception-Tag`. */
export const exceptionTag = (): string => randomBytes(8).toString('hex');

/** How ClickHouse from 25.11 on ends an answer that fails midway, and its clients find why. */
const blockOf = (tag: string, exception: string): string => {
  const told = `${exception}\n`;
  return `\r\n__exception__\r\n${tag}\r\n${told}${Buffer.byteLength(told)} ${tag}\r\n__exception__\r\n`;
};

/**
 * Says why, in the packing of what has been sent, and resolves when that has gone out. The answer is not ended: whoever knows
 * nothing of such blocks must not take it for whole.
 */
export const tellMidway = (
  response: ServerResponse,
  packer: Transform | undefined,
  { tag, exception, stalled_ms }: { readonly tag: string; readonly exception: string; readonly stalled_ms: number },
): Promise<void> =>
  new Promise((resolve) => {
    response.once('close', resolve);
    response.setTimeout(stalled_ms, () => response.destroy());
    const block = blockOf(tag, exception);
    if (packer === undefined) return response.write(block, () => resolve());
    // Not piped: the pipe would end the answer together with what is packed.
    packer.unpipe(response);
    packer.on('data', (bytes: Uint8Array) => response.write(bytes));
    packer.once('end', () => response.write('', () => resolve()));
    packer.resume().end(block);
    return undefined;
  });
