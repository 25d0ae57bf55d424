import { type Origin } from './protocol.js';

/** One question: how long the engine is at it, which is not how long its reader takes. */
export class Watch {
  isHeld = false;
  hasLeft = false;
  #timer: NodeJS.Timeout | undefined;
  #due_ms: number;

  constructor(
    readonly origin: Origin,
    limit_ms: number,
    readonly heldAfter_ms: number,
    readonly on: { leave(): void; held(): void; done(): void },
  ) {
    this.#due_ms = performance.now() + limit_ms;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    this.#arm();
    try {
      return await work;
    } finally {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** The same of each part of a stream. */
  async *over<T>(parts: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const source = parts[Symbol.asyncIterator]();
    try {
      for (;;) {
        const part = await this.during(source.next());
        if (part.done) return;
        yield part.value;
      }
    } finally {
      if (source.return) await this.during(source.return());
    }
  }

  ending(): void {
    const now_ms = performance.now();
    // Told again, as it is: time goes on since the first.
    if (this.#due_ms <= now_ms) return;
    this.#due_ms = now_ms;
    if (this.#timer !== undefined) this.#arm();
  }

  leave(): void {
    this.hasLeft = true;
    this.on.leave();
  }

  done(): void {
    this.on.done();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    // A timer of more than this fires at once; who has no limit is told to end before.
    const wait_ms = Math.min(2 ** 31 - 1, Math.max(0, this.#due_ms - performance.now()) + this.heldAfter_ms);
    this.#timer = setTimeout(() => {
      if (this.isHeld) return;
      this.isHeld = true;
      this.on.held();
    }, wait_ms);
  }
}
