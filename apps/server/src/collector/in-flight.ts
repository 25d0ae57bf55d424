import { Refusal, RETRY_AFTER_S } from '../refusal.js';

/**
 * The bytes of all bodies between a door's threshold and the log's acknowledgement. A request pays before its body is
 * read, by the length that it announces, and again when it inflates.
 */
export class InFlight {
  #bytes = 0;
  #refused = 0;

  constructor(readonly limit_bytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Throws a 429 when the bound is reached. One request alone always fits. */
  take(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.limit_bytes) {
      this.#refused++;
      throw new Refusal(
        429,
        'busy',
        'the door holds as much as it may; nothing was accepted',
        'send the same request again after the pause in Retry-After',
        null,
        {
          'retry-after': RETRY_AFTER_S.busy,
        },
      );
    }
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
