import { Worker } from 'node:worker_threads';
import { Calls, EngineError } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { type Failure, fromFailure } from './protocol.js';
import { type ToSeal } from './to-seal.js';

export interface SealingStart {
  readonly dir: string;
  readonly masterKey: Uint8Array;
  readonly cachedKeys: number;
  /** How many orders have been carried out, for whoever cannot wait for an answer. */
  readonly done: Int32Array;
}

export type ToSealer = { readonly id: number } & (
  | { readonly order: 'seal'; readonly frame: SharedArrayBuffer; readonly toSeal: ToSeal }
  | { readonly order: 'forget'; readonly subjects: readonly string[] }
  | { readonly order: 'rest' | 'close' }
);

export interface FromSealer {
  readonly id: number;
  readonly failure?: Failure;
}

type Order<T = ToSealer> = T extends ToSealer ? Omit<T, 'id'> : never;

/** In the place of how many orders are done: the thread has ended, and nothing more will be. */
export const GONE = -1;

/** Beyond any work that it can have: a part of a unit takes some tens of milliseconds, a lock of the key file 5 s at most. */
const PATIENCE_MS = 30_000;

interface Running {
  readonly worker: Worker;
  readonly calls: Calls;
  readonly done: Int32Array;
  readonly ended: Promise<void>;
  sent: number;
}

/**
 * A thread that seals events of large frames while the one that plans them goes on: looking up, making and using keys is a fifth
 * of what planning costs. It is started when it is first wanted, and again after it failed.
 */
export class SealingThread {
  readonly #dir: string;
  readonly #masterKey: Uint8Array;
  readonly #cachedKeys: number;
  #running: Running | undefined;

  constructor(dir: string, masterKey: Uint8Array, cachedKeys: number) {
    this.#dir = dir;
    this.#masterKey = masterKey;
    this.#cachedKeys = cachedKeys;
  }

  /** Resolves when these events of the frame are sealed, where they lie, and their keys durable. */
  seal(frame: SharedArrayBuffer, toSeal: ToSeal): Promise<void> {
    return this.#ask((this.#running ??= this.#start()), { order: 'seal', frame, toSeal });
  }

  /** Blocks the calling thread until all that was asked for is done: what is about to be copied must not change meanwhile. */
  waitForAll(): void {
    if (this.#running === undefined) return;
    const { done, sent } = this.#running;
    for (let at = Atomics.load(done, 0); at !== sent; at = Atomics.load(done, 0))
      if (at === GONE || Atomics.wait(done, 0, at, PATIENCE_MS) === 'timed-out')
        throw new EngineError(ENGINE, 'retriable', 'the thread that seals events does not answer, or has ended');
  }

  /** Resolves when none of these subjects' keys is remembered any more. */
  async forget(subjects: readonly string[]): Promise<void> {
    // One that fails remembers nothing.
    if (this.#running) await this.#ask(this.#running, { order: 'forget', subjects }).catch(() => undefined);
  }

  /** Resolves when it keeps nothing of the frames that it was handed. */
  async rest(): Promise<void> {
    if (this.#running) await this.#ask(this.#running, { order: 'rest' }).catch(() => undefined);
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    await this.#ask(running, { order: 'close' }).catch(() => undefined);
    // Its answer let go of it; nothing else may keep the process until it has ended.
    running.worker.ref();
    await running.ended;
  }

  #ask(running: Running, order: Order): Promise<void> {
    const { worker, calls } = running;
    worker.ref();
    return calls.ask<void>((id) => {
      worker.postMessage({ ...order, id } as ToSealer);
      running.sent++;
    });
  }

  #start(): Running {
    const done = new Int32Array(new SharedArrayBuffer(4));
    const start: SealingStart = { dir: this.#dir, masterKey: this.#masterKey, cachedKeys: this.#cachedKeys, done };
    const worker = new Worker(new URL('../dist/sealing-worker.js', import.meta.url), {
      workerData: start,
      name: 'tributary-sealing',
      execArgv: [],
    });
    worker.unref();
    const calls = new Calls();
    const fail = (cause?: unknown): void => {
      if (this.#running?.worker === worker) this.#running = undefined;
      // Nothing of a frame is written before all of it is sealed: whoever tries again loses nothing.
      calls.refuseAll(new EngineError(ENGINE, 'retriable', 'the thread that seals events ended', { cause }));
    };
    worker.on('message', ({ id, failure }: FromSealer) => {
      if (failure) calls.refused(id, fromFailure(failure));
      else calls.answered(id, undefined);
      if (calls.size === 0) worker.unref();
    });
    worker.on('error', fail);
    const ended = new Promise<void>((resolve) =>
      worker.once('exit', () => {
        fail();
        resolve();
      }),
    );
    return { worker, calls, done, ended, sent: 0 };
  }
}
