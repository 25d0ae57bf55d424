import { type MessagePort } from 'node:worker_threads';
import { EngineError } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { fromFailure, type FromWriter, type ToWriter, type WriterAnswers, type WriterCall } from './protocol.js';

interface Waiting {
  readonly bytes: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface MemberEvents {
  granted(partition: number): void;
  revoked(partition: number): void;
}

/** Resolves when nothing of this thread's remembers the keys of these subjects; does not reject. */
export type Forget = (subjects: readonly string[]) => void | Promise<void>;

/**
 * A thread's end of the line to the writer thread. What is under way is bounded in bytes: beyond the bound a write
 * waits for its turn, and `pressure` says so to a door that would rather refuse.
 */
export class WriterLink {
  readonly #waiting = new Map<number, Waiting>();
  readonly #turns: { readonly bytes: number; go(): void }[] = [];
  readonly #members = new Map<string, MemberEvents>();
  readonly #ends = new Map<number, number>();
  readonly #wakes = new Map<number, Set<() => void>>();
  readonly #listeners = new Set<(head: number) => void>();
  readonly #forget: Forget;
  #bytes = 0;
  #turnBytes = 0;
  #last = 0;
  #head = -1;
  #gone: Error | undefined;

  private constructor(
    readonly port: MessagePort,
    readonly bound_bytes: number,
    forget: Forget,
  ) {
    this.#forget = forget;
  }

  /** Resolves when the writer has greeted; with it comes the master key, which stays within the process. */
  static open(
    port: MessagePort,
    bound_bytes: number,
    forget: Forget,
  ): Promise<{ link: WriterLink; masterKey: Uint8Array }> {
    const link = new WriterLink(port, bound_bytes, forget);
    return new Promise((resolve, reject) => {
      port.on('message', (message: FromWriter) => {
        if (message.type !== 'hello') return link.#receive(message);
        port.unref();
        resolve({ link, masterKey: message.masterKey });
      });
      port.on('close', () => {
        link.#end();
        reject(link.#gone);
      });
    });
  }

  /** Bytes under way and waiting, as a share of the bound: 1 and above means that writes wait. */
  pressure(): number {
    return (this.#bytes + this.#turnBytes) / this.bound_bytes;
  }

  /** A frame of its own is handed over; one in shared memory must stay as it is until this resolves or rejects. */
  async write(frame: Uint8Array, independent = false): Promise<void> {
    await this.#room(frame.length);
    const handedOver = frame.buffer instanceof ArrayBuffer ? [frame.buffer] : [];
    await this.#ask<void>(frame.length, (id) => this.#post({ type: 'write', id, frame, independent }, handedOver));
  }

  call<C extends WriterCall>(call: C): Promise<WriterAnswers[C['name']]> {
    return this.#ask(0, (id) => this.#post({ type: 'call', id, call }));
  }

  member(name: string, events: MemberEvents): void {
    this.#members.set(name, events);
  }

  dismiss(name: string): void {
    this.#members.delete(name);
  }

  released(member: string, partition: number): void {
    if (!this.#gone) this.#post({ type: 'released', member, partition });
  }

  /** Resolves when a partition has grown beyond an offset, or after a while: another process may write, too. */
  grown(partition: number, beyond: number, patience_ms: number): { readonly done: Promise<void>; wake(): void } {
    if ((this.#ends.get(partition) ?? -1) > beyond || this.#gone) return { done: Promise.resolve(), wake: () => {} };
    let wake = () => {};
    const done = new Promise<void>((resolve) => {
      const wakes = this.#wakes.get(partition) ?? new Set();
      this.#wakes.set(partition, wakes);
      wake = () => {
        clearTimeout(timer);
        wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(() => wake(), patience_ms);
      wakes.add(wake);
    });
    return { done, wake: () => wake() };
  }

  /** Tells of every commit of any thread, with the position of the newest event. */
  onCommit(listener: (head: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get gone(): Error | undefined {
    return this.#gone;
  }

  /** Waits for what is under way, then lets go of the port. */
  async close(): Promise<void> {
    while (this.#waiting.size > 0 || this.#turns.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    this.port.close();
    this.#end();
  }

  /** First come, first served; one write that alone exceeds the bound goes when nothing else is under way. */
  async #room(bytes: number): Promise<void> {
    if (this.#turns.length === 0 && (this.#bytes === 0 || this.#bytes + bytes <= this.bound_bytes)) {
      this.#bytes += bytes;
      return;
    }
    this.#turnBytes += bytes;
    await new Promise<void>((go) => this.#turns.push({ bytes, go }));
    this.#turnBytes -= bytes;
  }

  #free(bytes: number): void {
    this.#bytes -= bytes;
    for (let turn = this.#turns[0]; turn; turn = this.#turns[0]) {
      if (this.#bytes > 0 && this.#bytes + turn.bytes > this.bound_bytes) return;
      this.#turns.shift();
      this.#bytes += turn.bytes;
      turn.go();
    }
  }

  #ask<T>(bytes: number, post: (id: number) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      const id = ++this.#last;
      if (this.#waiting.size === 0) this.port.ref();
      this.#waiting.set(id, { bytes, resolve: resolve as (value: unknown) => void, reject });
      post(id);
    });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.port.unref();
    this.#free(waiting.bytes);
    return waiting;
  }

  #receive(message: Exclude<FromWriter, { type: 'hello' }>): void {
    switch (message.type) {
      case 'committed':
        for (const id of message.done) this.#settle(id)?.resolve(undefined);
        for (const [id, failure] of message.refused) this.#settle(id)?.reject(fromFailure(failure));
        for (let i = 0; i < message.ends.length; i += 2) this.#grew(message.ends[i]!, message.ends[i + 1]!);
        if (message.head !== this.#head) for (const listener of this.#listeners) listener(message.head);
        this.#head = message.head;
        return;
      case 'answer':
        if (message.failure) this.#settle(message.id)?.reject(fromFailure(message.failure));
        else this.#settle(message.id)?.resolve(message.value);
        return;
      case 'forget':
        return void this.#forgets(message);
      case 'granted':
        return this.#members.get(message.member)?.granted(message.partition);
      case 'revoked':
        return this.#members.get(message.member)?.revoked(message.partition);
    }
  }

  async #forgets({ subjects, token }: Extract<FromWriter, { type: 'forget' }>): Promise<void> {
    await this.#forget(subjects);
    if (!this.#gone) this.#post({ type: 'forgotten', token });
  }

  #grew(partition: number, end: number): void {
    this.#ends.set(partition, end);
    for (const wake of [...(this.#wakes.get(partition) ?? [])]) wake();
  }

  /** The writer is gone: whether what was under way got through is not known here. */
  #end(): void {
    if (this.#gone) return;
    this.#gone = new EngineError(ENGINE, 'fatal', 'the store is closed');
    const lost = new EngineError(ENGINE, 'unknown', 'the writer thread ended before it answered');
    for (const { reject } of this.#waiting.values()) reject(lost);
    this.#waiting.clear();
    for (const turn of this.#turns.splice(0)) turn.go();
    for (const wakes of this.#wakes.values()) for (const wake of [...wakes]) wake();
  }

  #post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
  }
}
