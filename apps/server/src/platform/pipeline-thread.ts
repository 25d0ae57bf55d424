import { Worker } from 'node:worker_threads';
import { type Logger } from 'pino';
import { isFused } from '../engines/mixed.js';
import { type Verification } from '../ops/operations.js';
import { type PipelineOrder, type PipelineReport, type PipelineStart } from './pipeline-messages.js';

/** The pipeline, seen from the main thread. */
export interface PipelineThread {
  /** `null` while it runs; else why it stopped, or what it waits for. */
  readonly trouble: () => string | null;
  addChannel(channel: string): void;
  verify(): Promise<Verification>;
  rebuild(): Promise<Verification>;
  /** Finishes the batch in hand, then ends the thread. */
  stop(): Promise<void>;
}

/** Resolves when it consumes. A pipeline that stops later is told to the log and to `trouble`: the doors stay open, the log waits. */
export const startPipelineThread = async (start: PipelineStart, logger: Logger): Promise<PipelineThread> => {
  const worker = new Worker(
    new URL(`../../dist/${isFused(start.engines) ? 'pipeline' : 'stages'}-worker.js`, import.meta.url),
    {
      workerData: start,
      transferList: [start.port],
      name: 'tributary-pipeline',
      // What a batch makes dies with it; a small nursery would have most of it carried over to the old generation first.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    },
  );
  const calls = new Map<number, { resolve(verification: Verification): void; reject(error: Error): void }>();
  let trouble: string | null = null;
  let waiting: string | null = null;
  let stopping = false;
  let lastCall = 0;
  let stopped!: () => void;
  const ended = new Promise<void>((resolve) => (stopped = resolve));

  const fail = (message: string): void => {
    if (!stopping && trouble === null) {
      trouble = message;
      logger.error({ reason: message }, 'the pipeline stopped; what comes in is kept in the log until it runs again');
    }
    for (const { reject } of calls.values()) reject(new Error(`the pipeline stopped: ${message}`));
    calls.clear();
  };

  const started = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: PipelineReport) => {
      switch (message.report) {
        case 'started':
          return resolve();
        case 'waiting':
          if (waiting === null && message.message !== null)
            logger.warn(
              { reason: message.message },
              'the pipeline waits for the store; what comes in is kept in the log',
            );
          if (message.message === null) logger.info('the pipeline goes on');
          return void (waiting = message.message);
        case 'answered':
          calls.get(message.call)?.resolve(message.verification);
          return void calls.delete(message.call);
        case 'failed':
          calls.get(message.call)?.reject(new Error(message.message));
          return void calls.delete(message.call);
        case 'stopped':
          if (message.message !== null) fail(message.message);
          return reject(new Error(message.message ?? 'stopped'));
        default:
          return message satisfies never;
      }
    });
    worker.once('error', (error: Error) => {
      fail(error.message);
      reject(error);
    });
    worker.once('exit', () => {
      fail('its thread ended');
      stopped();
    });
  });
  await started;

  const send = (order: PipelineOrder): void => worker.postMessage(order);
  const ask = (order: 'verify' | 'rebuild'): Promise<Verification> =>
    new Promise((resolve, reject) => {
      if (trouble !== null) return reject(new Error(`the pipeline stopped: ${trouble}`));
      const call = ++lastCall;
      calls.set(call, { resolve, reject });
      send({ order, call });
    });
  return {
    trouble: () => trouble ?? waiting,
    addChannel: (channel) => send({ order: 'channel', channel }),
    verify: () => ask('verify'),
    rebuild: () => ask('rebuild'),
    stop: async () => {
      stopping = true;
      if (trouble === null) send({ order: 'stop' });
      await ended;
    },
  };
};
