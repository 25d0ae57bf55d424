import { Worker } from 'node:worker_threads';
import { type Logger } from 'pino';
import { Calls } from '@tributary/kernel';
import { isFused } from '../engines/mixed.js';
import { type Verification } from '../ops/operations.js';
import { GONE_UNTAKEN } from '../stages/gone-untaken.js';
import { KEYS_BACK } from '../stages/keys-back.js';
import { PASSED_OVER } from '../stages/passed-over.js';
import { tellOfLeap } from './clock-leap.js';
import { type PipelineOrder, type PipelineReport, type PipelineStart } from './pipeline-messages.js';
import { thrownThere } from './thread-failure.js';

/** The pipeline, seen from the main thread. */
export interface PipelineThread {
  /** `null` while it runs; else why it stopped, or what it waits for. */
  readonly trouble: () => string | null;
  /** By how much the clock has leapt, as long as silence waits for that to prove right; `null`: it does not. */
  readonly leap_ms: () => number | null;
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
      resourceLimits: { maxYoungGenerationSizeMb: start.plan.youngGeneration_MB },
    },
  );
  const calls = new Calls();
  let trouble: string | null = null;
  let waiting: string | null = null;
  let leap_ms: number | null = null;
  let stopping = false;
  let stopped!: () => void;
  const ended = new Promise<void>((resolve) => (stopped = resolve));

  const fail = (message: string): void => {
    if (!stopping && trouble === null) {
      trouble = message;
      logger.error({ reason: message }, 'the pipeline stopped; what comes in is kept in the log until it runs again');
    }
    calls.refuseAll(new Error(`the pipeline stopped: ${message}`));
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
        case 'clock':
          if (message.leap_ms !== leap_ms) tellOfLeap(logger, message.leap_ms);
          return void (leap_ms = message.leap_ms);
        case 'gone': {
          const { topic, partition, from, to } = message;
          return logger.error({ topic, partition, from, to }, GONE_UNTAKEN);
        }
        case 'keys back':
          return logger.warn({ keys: message.keys }, KEYS_BACK);
        case 'passed over': {
          const { report: _, ...record } = message;
          return logger.warn(record, PASSED_OVER);
        }
        case 'answered':
          return calls.answered(message.call, message.verification);
        case 'failed':
          return calls.refused(message.call, thrownThere(message));
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
  const ask = async (order: 'verify' | 'rebuild'): Promise<Verification> => {
    if (trouble !== null) throw new Error(`the pipeline stopped: ${trouble}`);
    return calls.ask<Verification>((call) => send({ order, call }));
  };
  return {
    trouble: () => trouble ?? waiting,
    leap_ms: () => leap_ms,
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
