import { type Readable } from 'node:stream';

const mostQueued = 4;

/**
 * Hands out every chunk of a stream before its error. (Iterating a stream directly drops what it holds when it fails,
 * which would lose the readable part of a file that was cut.) At most a few chunks wait.
 */
export async function* delivered(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  const queue: Buffer[] = [];
  let over = false;
  let failure: unknown = null;
  let wake: () => void = () => {};
  const stop = (error?: unknown) => {
    over = true;
    failure ??= error ?? null;
    wake();
  };
  stream.on('data', (chunk: Buffer) => {
    queue.push(chunk);
    if (queue.length >= mostQueued) stream.pause();
    wake();
  });
  stream.once('end', () => stop());
  stream.once('close', () => stop());
  stream.on('error', stop);
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) yield chunk;
      else if (over) break;
      else {
        stream.resume();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    if (failure) throw failure;
  } finally {
    stream.destroy();
  }
}
