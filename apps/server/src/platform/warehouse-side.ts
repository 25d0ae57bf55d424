import { Worker } from 'node:worker_threads';
import { type Logger } from 'pino';
import { keepEngineLoaded } from '@tributary/warehouse';
import { type Verification } from '../ops/operations.js';
import {
  type WarehouseLag,
  type WarehouseOrder,
  type WarehouseReport,
  type WarehouseStart,
} from './warehouse-messages.js';

/** ClickHouse's side of the platform, seen from the main thread. */
export interface WarehouseSide {
  readonly sqlPort: number;
  /** `null` while it loads; else why it stopped. */
  readonly trouble: () => string | null;
  lag(): Promise<WarehouseLag>;
  /** Whether each table equals what is built anew from the log and the documents. */
  verify(): Promise<Verification['projections']>;
  rebuild(): Promise<Verification['projections']>;
  /** The SQL door closes, the loader flushes what it has, chDB closes before its thread ends. */
  stop(): Promise<void>;
}

/** Resolves when it loads and its SQL door listens. Trouble later is told to the log and to `trouble`; all else goes on. */
export const startWarehouseSide = async (start: WarehouseStart, logger: Logger): Promise<WarehouseSide> => {
  await keepEngineLoaded();
  const worker = new Worker(new URL('../../dist/warehouse-worker.js', import.meta.url), {
    workerData: start,
    transferList: [start.port],
    name: 'tributary-warehouse',
  });
  const calls = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
  let trouble: string | null = null;
  let lastCall = 0;
  let ended = false;
  let onEnd!: () => void;
  const end = new Promise<void>((resolve) => (onEnd = resolve));
  const fail = (message: string): void => {
    if (trouble === null)
      logger.error({ reason: message }, 'the warehouse stopped loading; what is missing is loaded at the next start');
    trouble ??= message;
  };

  const sqlPort = await new Promise<number>((resolve, reject) => {
    worker.on('message', (message: WarehouseReport) => {
      switch (message.report) {
        case 'started':
          return resolve(message.sqlPort);
        case 'answered':
          calls.get(message.call)?.resolve(message.answer as never);
          return void calls.delete(message.call);
        case 'failed':
          calls.get(message.call)?.reject(new Error(message.message));
          return void calls.delete(message.call);
        case 'retrying':
          return logger.warn({ reason: message.message }, 'the warehouse did not take a batch; it is tried again');
        case 'trouble':
          return fail(message.message);
        default:
          return message satisfies never;
      }
    });
    worker.once('error', (error: Error) => {
      fail(error.message);
      reject(error);
    });
    worker.once('exit', () => {
      ended = true;
      reject(new Error('the warehouse thread ended'));
      for (const { reject: refuse } of calls.values()) refuse(new Error('the warehouse thread ended'));
      calls.clear();
      onEnd();
    });
  });

  const ask = <A>(order: WarehouseOrder['order']): Promise<A> =>
    new Promise<A>((resolve, reject) => {
      if (ended) return reject(new Error(`the warehouse does not run: ${trouble ?? 'stopped'}`));
      const call = ++lastCall;
      calls.set(call, { resolve: resolve as (answer: never) => void, reject });
      worker.postMessage({ order, call } satisfies WarehouseOrder);
    });
  return {
    sqlPort,
    trouble: () => trouble,
    lag: () => ask<WarehouseLag>('lag'),
    verify: () => ask<Verification['projections']>('verify'),
    rebuild: () => ask<Verification['projections']>('rebuild'),
    stop: async () => {
      if (!ended) await ask('stop').catch(() => undefined);
      await end;
    },
  };
};
