import { Worker } from 'node:worker_threads';
import { Calls, EngineError } from '@tributary/kernel';
import { type Profiles, type When } from '@tributary/query';
import { type Logger } from 'pino';
import {
  fromThrown,
  type ProfilesCall,
  type ProfilesOrder,
  type ProfilesReport,
  type ProfilesStart,
  reads,
} from './profiles-messages.js';

/** The read side, on a thread of its own. */
export interface ProfilesThread {
  readonly profiles: Profiles;
  /** `null` while it answers; else why it does not. */
  readonly trouble: () => string | null;
  /** Answers what it has in hand, refuses what waits, then ends the thread. */
  stop(): Promise<void>;
}

/** Beyond so many reads under way callers are asked to come again. */
const MOST_READS = 500;
const AGAIN_MS = 1_000;

export const profilesWorker = (start: ProfilesStart): Worker =>
  new Worker(new URL('../../dist/profiles-worker.js', import.meta.url), {
    workerData: start,
    transferList: [start.port],
    name: 'tributary-profiles',
  });

/** Resolves when it answers. `spawn` is called again when the thread has died: it holds nothing that is not in the store. */
export const startProfilesThread = async (spawn: () => Worker, logger: Logger): Promise<ProfilesThread> => {
  const thread = new ReadingThread(spawn, logger);
  await thread.begin();
  const profiles = Object.fromEntries(
    reads.map((read) => [read, (...args: readonly unknown[]) => thread.ask(read, args)]),
  ) as unknown as Profiles;
  return { profiles, trouble: () => thread.trouble, stop: () => thread.stop() };
};

/** Where a read's `When` stands among its arguments; absent or empty, it is of today. */
const whenAt: Partial<Record<ProfilesCall['read'], number>> = { get: 1, findByIdentifier: 2 };

/** What is made of all of a customer's events, as many as there may be. */
type Long = 'fold' | 'timeline';

/** `null`: it is some documents, as most reads are. */
const longOf = ({ read, args }: Pick<ProfilesCall, 'read' | 'args'>): Long | null => {
  if (read === 'timeline') return 'timeline';
  if (read === 'explain') return 'fold';
  const at = whenAt[read];
  const when = at === undefined ? undefined : (args[at] as When | undefined);
  return when?.asOf !== undefined || when?.knownAt !== undefined ? 'fold' : null;
};

/** Long reads of one kind: one is in the thread's hands at a time. */
class Lane {
  inHand: number | null = null;
  waiting: ProfilesCall[] = [];

  /** @param mostWaiting beyond so many callers are asked to come again */
  constructor(readonly mostWaiting: number) {}

  get isFull(): boolean {
    return this.inHand !== null && this.waiting.length >= this.mostWaiting;
  }
}

class ReadingThread {
  readonly #calls = new Calls();
  /** So that no other read waits for more than one of each. A timeline does not wait for a fold, which may go on for long. */
  readonly #lanes: Readonly<Record<Long, Lane>> = { fold: new Lane(50), timeline: new Lane(400) };
  #worker: Worker | null = null;
  #ended: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
  #stopping = false;
  #failure: Error | null = null;

  constructor(
    readonly spawn: () => Worker,
    readonly logger: Logger,
  ) {}

  get trouble(): string | null {
    return this.#worker ? null : 'the thread of reads begins anew';
  }

  async begin(): Promise<void> {
    const worker = this.spawn();
    return new Promise((resolve, reject) => {
      let reason = new Error('the thread of reads ended');
      worker.on('message', (message: ProfilesReport) => {
        if (message !== 'started') return this.#answered(message);
        this.#worker = worker;
        // Told while it began: nobody could hear of it then.
        if (this.#stopping) this.#send('stop');
        resolve();
      });
      worker.once('error', (error: Error) => (reason = this.#failure = error));
      this.#ended = new Promise((ended) =>
        worker.once('exit', () => {
          const began = this.#worker !== null;
          this.#worker = null;
          this.#refuse();
          if (began && !this.#stopping) this.#beginAgain(reason);
          ended();
          reject(reason);
        }),
      );
    });
  }

  #beginAgain(reason: Error): void {
    this.logger.error({ reason: reason.message }, 'the thread of reads ended; it begins anew');
    this.#again = setTimeout(() => {
      this.begin().catch((error: Error) => {
        if (!this.#stopping) this.#beginAgain(error);
      });
    }, AGAIN_MS).unref();
  }

  #refuse(): void {
    this.#calls.refuseAll(notNow('the thread of reads ended'));
    for (const lane of Object.values(this.#lanes)) {
      lane.waiting = [];
      lane.inHand = null;
    }
  }

  #answered(message: Exclude<ProfilesReport, 'started'>): void {
    for (const lane of Object.values(this.#lanes)) if (message.call === lane.inHand) this.#nextOf(lane);
    if ('thrown' in message) this.#calls.refused(message.call, fromThrown(message.thrown));
    else this.#calls.answered(message.call, message.value);
  }

  #begin(order: ProfilesCall, lane: Lane): void {
    this.#send(order);
    lane.inHand = order.call;
  }

  #nextOf(lane: Lane): void {
    lane.inHand = null;
    for (let next = lane.waiting.shift(); next && lane.inHand === null; next = lane.waiting.shift())
      try {
        return this.#begin(next, lane);
      } catch (error) {
        this.#calls.refused(next.call, error as Error);
      }
  }

  #send(order: ProfilesOrder): void {
    this.#worker?.postMessage(order);
  }

  async ask(read: ProfilesCall['read'], args: readonly unknown[]): Promise<unknown> {
    const long = longOf({ read, args });
    const lane = long && this.#lanes[long];
    if (!this.#worker || this.#stopping) throw notNow('the thread of reads begins anew, or ends');
    if (this.#calls.size >= MOST_READS || lane?.isFull) throw notNow('too many reads wait');
    return this.#calls.ask((call) => {
      const order: ProfilesCall = { call, read, args };
      if (!lane) this.#send(order);
      else if (lane.inHand === null) this.#begin(order, lane);
      else lane.waiting.push(order);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#failure = null;
    clearTimeout(this.#again);
    for (const { waiting } of Object.values(this.#lanes))
      for (const { call } of waiting.splice(0)) this.#calls.refused(call, notNow('the platform stops'));
    this.#send('stop');
    await this.#ended;
    if (this.#failure) throw this.#failure as Error;
  }
}

const notNow = (reason: string): EngineError => new EngineError('reads', 'retriable', reason);
