import { Worker } from 'node:worker_threads';
import { type FromStream, type StreamQuestion, type StreamStart, type ToStream } from './stream-protocol.js';

/**
 * Streams answers, each in a thread of its own: see `stream-worker.ts`. Threads are made when they are needed, and kept until
 * the engine closes: when one ends, the addon's code for it waits, and what is asked of the engine next, for ever.
 */
export class StreamThreads {
  readonly #path: string;
  readonly #idle: StreamThread[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** The parts of the answer, at the reader's pace; who leaves the loop ends it. */
  async *parts(question: StreamQuestion): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const thread = this.#idle.pop() ?? new StreamThread(this.#path);
    try {
      let told = await thread.tell({ type: 'begin', question });
      while (told.type === 'part') {
        yield told.bytes;
        told = await thread.tell({ type: 'next' });
      }
    } finally {
      await thread.tell({ type: 'leave' }).catch(() => undefined);
      if (thread.isAlive) this.#idle.push(thread);
    }
  }

  /** No answer may be under way. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }
}

interface Told {
  resolve(told: FromStream): void;
  reject(error: Error): void;
}

class StreamThread {
  isAlive = true;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #waiting: Told | undefined;

  constructor(path: string) {
    const workerData: StreamStart = { path };
    this.#worker = new Worker(new URL('./stream-worker.js', import.meta.url), { name: 'chdb-stream', workerData });
    this.#worker.on('message', (told: FromStream) => {
      const waiting = this.#taken();
      if (told.type === 'failed') waiting?.reject(new Error(told.message));
      else waiting?.resolve(told);
    });
    this.#worker.on('error', (error) => this.#gone(error));
    this.#ended = new Promise((resolve) =>
      this.#worker.on('exit', () => {
        this.#gone(new Error('the thread that streams the answer ended'));
        resolve();
      }),
    );
  }

  tell(message: ToStream): Promise<FromStream> {
    if (!this.isAlive) return Promise.reject(new Error('the thread that streams the answer ended'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  async end(): Promise<void> {
    if (this.isAlive) this.#worker.postMessage({ type: 'end' } satisfies ToStream);
    await this.#ended;
  }

  #taken(): Told | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #gone(error: Error): void {
    this.isAlive = false;
    this.#taken()?.reject(error);
  }
}
