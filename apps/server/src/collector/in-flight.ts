import { Refusal, RETRY_AFTER_S } from '../refusal.js';

/** Of the bound, what one caller may hold: whoever announces much and sends little shuts no door to others. */
const CALLER_SHARE = 1 / 2;

/**
 * The bytes of all bodies between a door's threshold and the log's acknowledgement. A request pays before its body is
 * read, by the length that it announces, and again when it inflates.
 */
export class InFlight {
  #bytes = 0;
  #refused = 0;
  /** By caller: a channel, whichever of its keys was used, or a role. */
  readonly #held = new Map<string, number>();

  constructor(readonly limit_bytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Throws a 429 when a bound is reached. One request alone always fits. */
  take(bytes: number, caller: string): void {
    const own = this.#held.get(caller) ?? 0;
    if (this.#bytes > 0 && this.#bytes + bytes > this.limit_bytes) throw this.refusal('the door holds');
    if (own > 0 && own + bytes > this.limit_bytes * CALLER_SHARE) throw this.refusal('from this caller the door holds');
    this.#bytes += bytes;
    this.#held.set(caller, own + bytes);
  }

  give(bytes: number, caller: string): void {
    this.#bytes -= bytes;
    const own = (this.#held.get(caller) ?? 0) - bytes;
    if (own > 0) this.#held.set(caller, own);
    else this.#held.delete(caller);
  }

  /** To be thrown; counted here, whoever it is that holds as much as it may. */
  refusal(who: string): Refusal {
    this.#refused++;
    return new Refusal(
      429,
      'busy',
      `${who} as much as it may; nothing was accepted`,
      'send the same request again after the pause in Retry-After',
      null,
      {
        'retry-after': RETRY_AFTER_S.busy,
      },
    );
  }
}

/**
 * What one request holds: as long as its socket is there or its body is worked on. A client that leaves frees no memory, and
 * one that leaves while its body is inflated must not leave what was taken for that.
 */
export class Hold {
  #bytes: number;
  #users = 0;

  /** Throws as `take` does. */
  constructor(
    readonly inFlight: InFlight,
    readonly caller: string,
    bytes: number,
  ) {
    this.#bytes = bytes;
    this.use();
  }

  /** Throws as `take` does; then nothing more is held than before. */
  more(bytes: number): void {
    this.inFlight.take(bytes, this.caller);
    this.#bytes += bytes;
  }

  use(): void {
    if (this.#users === 0) this.inFlight.take(this.#bytes, this.caller);
    this.#users++;
  }

  end(): void {
    if (--this.#users === 0) this.inFlight.give(this.#bytes, this.caller);
  }
}
