import { setTimeout as sleep } from 'node:timers/promises';
import { type Log } from '@tributary/kernel';
import { PROFILE_EVENTS } from '@tributary/query';

/** Looks, for all subscribers who wait at the end of the feed, whether it has grown: one look for all of them. */
export class FeedWatch {
  readonly #waiting = new Set<{ readonly end: number; readonly wake: () => void }>();
  #looking = false;

  constructor(
    readonly log: Log,
    readonly poll_ms: number,
  ) {}

  /** Resolves when the feed's ends, summed, are beyond `end`, after `timeout_ms`, or when the signal aborts. */
  async beyond(end: number, timeout_ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const waiter = { end, wake: () => done() };
      const timer = setTimeout(() => done(), timeout_ms);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(waiter);
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#waiting.add(waiter);
      if (!this.#looking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#waiting.size > 0) {
        const ranges = await this.log.partitions(PROFILE_EVENTS);
        const end = ranges.reduce((sum, range) => sum + range.end, 0);
        for (const waiter of this.#waiting) if (end > waiter.end) waiter.wake();
        if (this.#waiting.size > 0) await sleep(this.poll_ms);
      }
    } catch {
      // Whoever reads the feed next meets the same failure, and reports it.
      for (const waiter of this.#waiting) waiter.wake();
    } finally {
      this.#looking = false;
    }
  }
}

/** The sum of the offsets that a position stands before; comparable with the sum of the feed's ends. */
export const endOf = (position: string): number =>
  position === ''
    ? 0
    : position.split(',').reduce((sum, part) => sum + Number(part.slice(part.indexOf(':') + 1)) + 1, 0);
