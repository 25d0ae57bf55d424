import { Worker } from 'node:worker_threads';
import { type Profiles } from '@tributary/query';
import { type Logger } from 'pino';
import { fromThrown, type ProfilesOrder, type ProfilesReport, type ProfilesStart, reads } from './profiles-messages.js';

/** The read side, on a thread of its own. */
export interface ProfilesThread {
  readonly profiles: Profiles;
  /** `null` while it answers; else why it does not. */
  readonly trouble: () => string | null;
  /** Answers what was asked before, then ends the thread. */
  stop(): Promise<void>;
}

interface Asked {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Resolves when it answers. */
export const startProfilesThread = async (start: ProfilesStart, logger: Logger): Promise<ProfilesThread> => {
  const worker = new Worker(new URL('../../dist/profiles-worker.js', import.meta.url), {
    workerData: start,
    transferList: [start.port],
    name: 'tributary-profiles',
  });
  const asked = new Map<number, Asked>();
  let lastCall = 0;
  let trouble: string | null = null;
  let stopping = false;
  let onEnd!: () => void;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  const fail = (reason: string): void => {
    if (!stopping && trouble === null) logger.error({ reason }, 'the thread of reads ended; profiles are not answered');
    trouble ??= reason;
    for (const { reject } of asked.values()) reject(new Error(`profiles cannot be read: ${reason}`));
    asked.clear();
  };

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: ProfilesReport) => {
      if (message === 'started') return resolve();
      const one = asked.get(message.call);
      asked.delete(message.call);
      if ('thrown' in message) one?.reject(fromThrown(message.thrown));
      else one?.resolve(message.value as never);
    });
    worker.once('error', (error: Error) => {
      fail(error.message);
      reject(error);
    });
    worker.once('exit', () => {
      fail(stopping ? 'the platform stops' : 'its thread ended');
      reject(new Error('the thread of reads ended'));
      onEnd();
    });
  });

  const send = (order: ProfilesOrder): void => worker.postMessage(order);
  const ask = (read: (typeof reads)[number], args: readonly unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      if (trouble !== null) return reject(new Error(`profiles cannot be read: ${trouble}`));
      const call = ++lastCall;
      asked.set(call, { resolve, reject });
      send({ call, read, args });
    });
  return {
    profiles: Object.fromEntries(
      reads.map((read) => [read, (...args: readonly unknown[]) => ask(read, args)]),
    ) as unknown as Profiles,
    trouble: () => trouble,
    stop: async () => {
      stopping = true;
      if (trouble === null) send('stop');
      await ended;
    },
  };
};
