import { isMainThread, Worker } from 'node:worker_threads';
import { EngineError, messageOf } from '@tributary/kernel';
import { failureOf } from '../warehouse-errors.js';
import { endProcess } from './end-process.js';
import { HELD_AFTER_MS } from './held-places.js';
import {
  type AnswerPart,
  type Answers,
  type Call,
  ENGINE,
  type FromThread,
  type HeldQuestion,
  type OpenRequest,
  type Question,
  type ThreadData,
  type ToThread,
} from './protocol.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Told of all questions that do not end, and how many can be answered beside them, whenever that changes. */
export type OnHeld = (held: readonly HeldQuestion[], placesLeft: number) => void;

interface Listening {
  chunk(part: AnswerPart): void;
  end(error?: Error): void;
}

const MAX_UNDER_WAY = 512;
const EXIT_PATIENCE_MS = 5000;
/** For what was under way when it failed: told to end, it has ended by then, or does not. */
const BROKEN_PATIENCE_MS = HELD_AFTER_MS + 5_000;

/** This thread's end of the line to the thread that holds chDB. */
export class ChdbThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listening = new Map<number, Listening>();
  #last = 0;
  /** Why nothing is asked of it any more. */
  #gone: Error | undefined;
  #ended = false;
  #closing: Promise<void> | undefined;
  #closed = (_error?: Error) => {};
  #patience: NodeJS.Timeout | undefined;
  readonly #onHeld: OnHeld;
  readonly #onExit: () => void;

  private constructor(worker: Worker, closed: ThreadData['closed'], onHeld: OnHeld) {
    this.#worker = worker;
    this.#onHeld = onHeld;
    // A process that ends by an error or `process.exit` ends its threads, and one that holds chDB crashes it, or waits for
    // ever for a question that does not end: hold the end up until chDB is closed, for a while.
    this.#onExit = () => {
      this.#post({ type: 'close' });
      // A thread that ends need not take the process with it: that is for whoever ends the process.
      if (Atomics.wait(closed, 0, 0, EXIT_PATIENCE_MS) === 'timed-out' && isMainThread)
        endProcess(`chdb is not closed after ${EXIT_PATIENCE_MS / 1000} s: a statement does not end`);
    };
    process.on('exit', this.#onExit);
  }

  static async open(
    request: Omit<OpenRequest, 'type'>,
    onHeld: OnHeld,
  ): Promise<{ thread: ChdbThread; version: string }> {
    // When the last thread that loaded an addon ends, Node unmaps its code, under the feet of the engine's own threads.
    // This thread loads it too, and so keeps it.
    await import('chdb');
    // Always from dist: a worker has no transpiler.
    const workerData: ThreadData = { closed: new Int32Array(new SharedArrayBuffer(4)) };
    const worker = new Worker(new URL('../../dist/chdb/chdb-worker.js', import.meta.url), { name: 'chdb', workerData });
    const thread = new ChdbThread(worker, workerData.closed, onHeld);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.type === 'opened') return resolve({ thread, version: message.version });
        if (message.type === 'failed' && message.id === 0) {
          reject(new EngineError(ENGINE, 'fatal', message.message));
          return void thread.close();
        }
        thread.#receive(message);
      });
      worker.on('error', (cause) => {
        thread.#break(new EngineError(ENGINE, 'unknown', `its thread ended: ${cause.message}`, { cause }));
        reject(thread.#gone as Error);
      });
      worker.on('exit', () => {
        thread.#end(new EngineError(ENGINE, 'fatal', 'it is closed'));
        reject(thread.#gone as Error);
      });
      thread.#post({ type: 'open', ...request });
    });
  }

  call<C extends Call>(call: C, transfer: ArrayBuffer[] = []): Promise<Answers[C['name']]> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (this.#waiting.size >= MAX_UNDER_WAY)
      return Promise.reject(
        new EngineError(ENGINE, 'retriable', `${MAX_UNDER_WAY} statements are waiting; try again later`),
      );
    const id = ++this.#last;
    return new Promise<Answers[C['name']]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#post({ type: 'call', id, call }, transfer);
    });
  }

  /**
   * The answer's parts as they come; the reader's pace is the engine's pace. Leaving the loop early cancels, and so does
   * `signal` at any time: then the loop ends.
   */
  async *ask(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerPart, void, undefined> {
    if (this.#gone) throw this.#gone;
    if (signal?.aborted) return;
    const id = ++this.#last;
    const chunks: AnswerPart[] = [];
    let ended = false;
    let error: Error | undefined;
    let wake = () => {};
    this.#listening.set(id, {
      chunk: (part) => {
        chunks.push(part);
        wake();
      },
      end: (why) => {
        ended = true;
        error = why;
        wake();
      },
    });
    const left = () => wake();
    signal?.addEventListener('abort', left);
    this.#post({ type: 'ask', id, question });
    try {
      for (;;) {
        if (signal?.aborted) return;
        const chunk = chunks.shift();
        if (chunk) {
          yield chunk;
          this.#post({ type: 'credit', id });
        } else if (error) throw error;
        else if (ended) return;
        else await new Promise<void>((tell) => (wake = tell));
      }
    } finally {
      signal?.removeEventListener('abort', left);
      if (!ended) this.#post({ type: 'cancel', id });
      this.#listening.delete(id);
    }
  }

  /**
   * Waits for what runs, then closes chDB, then ends the thread: in any other order the process crashes. Rejects when a
   * question does not end, or what failed by a bug cannot be closed: then only the end of the process ends it (`endProcess`).
   */
  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve, reject) => {
      if (this.#ended) return resolve();
      this.#closed = (error) => {
        clearTimeout(this.#patience);
        if (error) reject(error);
        else resolve();
      };
      this.#post({ type: 'close' });
    });
    if (this.#gone) this.#hurry(this.#gone);
    return this.#closing;
  }

  /** One that failed, be it by closing, may never say that it is closed. */
  #hurry(why: Error): void {
    if (!this.#ended) this.#patience ??= setTimeout(() => this.#closed(unclosed(messageOf(why))), BROKEN_PATIENCE_MS);
  }

  #post(message: ToThread, transfer: ArrayBuffer[] = []): void {
    if (!this.#ended) this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'answer': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        return waiting?.resolve(message.value);
      }
      case 'failed': {
        const error = failureOf(ENGINE, message.message);
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        waiting?.reject(error);
        return this.#listening.get(message.id)?.end(error);
      }
      case 'chunk':
        return this.#listening.get(message.id)?.chunk(message.part);
      case 'end':
        return this.#listening.get(message.id)?.end();
      case 'held':
        return this.#onHeld(message.held, message.placesLeft);
      case 'unclosed':
        return this.#closed(unclosed(`${message.questions} question(s) of analysts cannot be ended`));
      case 'broken':
        return this.#break(new EngineError(ENGINE, 'unknown', `its thread failed: ${message.message}`));
      case 'opened':
      case 'closed':
        return;
      default:
        return message satisfies never;
    }
  }

  /** Answers nobody any more; questions that are under way would keep it from being closed. */
  #break(error: EngineError): void {
    this.#gone ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
    for (const [id, listening] of this.#listening) {
      this.#post({ type: 'cancel', id });
      listening.end(this.#gone);
    }
    this.#listening.clear();
    if (this.#closing) this.#hurry(this.#gone);
  }

  #end(error: EngineError): void {
    this.#ended = true;
    this.#break(error);
    process.off('exit', this.#onExit);
    this.#closed();
  }
}

const unclosed = (why: string): EngineError =>
  new EngineError(ENGINE, 'fatal', `it stays open: ${why}; only the end of the process does`);
