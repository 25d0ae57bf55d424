import { parentPort, workerData } from 'node:worker_threads';
import { toFailure } from './protocol.js';
import { StoreReader } from './store-reader.js';
import { buffersOf, type FromReader, type ToReader } from './reader-link.js';

/** Reads on behalf of a thread that must not block, such as the one that answers HTTP. */
const reader = new StoreReader((workerData as { readonly dir: string }).dir);

parentPort!.on('message', ({ id, method, args }: ToReader) => {
  try {
    const read = reader[method] as (...args: unknown[]) => unknown;
    const value = read.apply(reader, args as unknown[]);
    parentPort!.postMessage({ id, value } satisfies FromReader, buffersOf(value));
    if (method === 'close') parentPort!.close();
  } catch (error) {
    parentPort!.postMessage({ id, failure: toFailure(error) } satisfies FromReader);
  }
});
