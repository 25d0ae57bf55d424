import { Worker } from 'node:worker_threads';
import { Calls, EngineError } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { fromFailure, toFailure, type Failure } from './protocol.js';
import { StoreReader, type Reads } from './store-reader.js';

export interface ToReader {
  readonly id: number;
  readonly method: keyof StoreReader;
  readonly args: readonly unknown[];
}

export interface FromReader {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: Failure;
}

/** The memory of every blob in an answer, so that it is handed over instead of copied. */
export const buffersOf = (value: unknown): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (part instanceof Uint8Array) {
      if (part.byteLength > 1024 && part.byteLength === part.buffer.byteLength) buffers.add(part.buffer as ArrayBuffer);
    } else if (Array.isArray(part)) part.forEach(visit);
    else if (part !== null && typeof part === 'object') Object.values(part).forEach(visit);
  };
  visit(value);
  return [...buffers];
};

const methods: readonly (keyof StoreReader)[] = [
  ...(['partitions', 'end', 'segments', 'committed', 'head', 'ofStream', 'ofStreams', 'after', 'documents'] as const),
  ...(['due', 'scan', 'count', 'seen', 'keysOf', 'keysById', 'close'] as const),
];

/** Reads on the calling thread; what fails is said as the reader thread would say it. */
export const readsHere = (dir: string): Reads => {
  const reader = new StoreReader(dir);
  const read = (method: keyof StoreReader, args: readonly unknown[]): unknown => {
    try {
      return (reader[method] as (...args: readonly unknown[]) => unknown).apply(reader, args as unknown[]);
    } catch (error) {
      throw fromFailure(toFailure(error));
    }
  };
  return Object.fromEntries(
    methods.map((method) => [method, (...args: unknown[]) => read(method, args)]),
  ) as unknown as Reads;
};

/** Starts a reader thread and answers reads by it. It keeps the process alive only while an answer is awaited. */
export const readsOnThread = (dir: string): Reads => {
  const worker = new Worker(new URL('../dist/reader-worker.js', import.meta.url), {
    workerData: { dir },
    name: 'tributary-reader',
    execArgv: [],
  });
  worker.unref();
  const calls = new Calls();
  let gone: Error | undefined;
  const fail = (error: Error) => {
    gone ??= error;
    calls.refuseAll(error);
  };
  worker.on('message', ({ id, value, failure }: FromReader) => {
    if (failure) calls.refused(id, fromFailure(failure));
    else calls.answered(id, value);
    if (calls.size === 0) worker.unref();
  });
  worker.on('error', (cause) => fail(new EngineError(ENGINE, 'fatal', 'the reader thread failed', { cause })));
  worker.on('exit', () => fail(new EngineError(ENGINE, 'fatal', 'the reader thread is closed')));
  const read = (method: keyof StoreReader, args: readonly unknown[]): Promise<unknown> => {
    if (gone) return Promise.reject(gone);
    worker.ref();
    return calls.ask((id) => worker.postMessage({ id, method, args } satisfies ToReader));
  };
  return Object.fromEntries(
    methods.map((method) => [method, (...args: unknown[]) => read(method, args)]),
  ) as unknown as Reads;
};
