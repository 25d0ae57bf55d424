import { type Clock, DAY_MS, type Instant } from './clock.js';

/** A clock that differs by no more than this from where it should be is believed. */
const LEAP_MS = DAY_MS;
/** One that has leapt is believed once it has gone on steadily for so long from where it leapt to. */
const HOLD_MS = 10 * 60_000;

/** What is said of a clock that has leapt by so much; `null`: it is believed again. */
export type OnLeap = (leap_ms: number | null) => void;

interface Reading {
  readonly at: Instant;
  readonly elapsed_ms: number;
}

/**
 * A clock as far as it is to be believed. One that leaps, or is not where it was left, may be wrong for a moment (a dead
 * battery, a restored machine) or right (we were off for weeks), and nobody can tell the two apart but by waiting: until it
 * has gone on steadily for ten minutes time goes on as if it had not leapt. Of a clock that cannot tell how long it has been
 * going, any time is believed.
 */
export class SteadyTime {
  readonly #clock: Clock;
  readonly #onLeap: OnLeap;
  /** As it was believed last. */
  #believed: Reading;
  /** Where it leapt to, and when. */
  #doubted: Reading | null = null;
  #wasAhead = false;

  /** `from`: when it should be now; absent: what the clock says. */
  constructor(clock: Clock, from?: Instant, onLeap: OnLeap = () => undefined) {
    this.#clock = clock;
    this.#onLeap = onLeap;
    const now = this.#read();
    this.#believed = { ...now, at: from ?? now.at };
  }

  /** How late it is for certain: as long as the clock is in doubt, the earlier of what it says and what it should say. */
  now(): Instant {
    const { at, expected } = this.#look();
    return Math.min(at, expected);
  }

  /** Whatever is dated beyond this is still to come, whether the clock is right or not. */
  latest(): Instant {
    const { at, expected } = this.#look();
    return Math.max(at, expected);
  }

  /** Whether the clock, or what was believed of it, may have been ahead for a while; says so once. */
  wasAhead(): boolean {
    this.#look();
    const was = this.#wasAhead;
    this.#wasAhead = false;
    return was;
  }

  /** What the clock says, and what it should say: the same as long as it is believed. */
  #look(): { readonly at: Instant; readonly expected: Instant } {
    const read = this.#read();
    const expected = continued(this.#believed, read.elapsed_ms);
    if (this.#clock.elapsed_ms === undefined || isNear(read.at, expected)) {
      if (this.#doubted !== null || read.at < this.#believed.at - LEAP_MS) this.#wasAhead = true;
      return this.#believe(read);
    }
    if (this.#doubted === null || !isNear(read.at, continued(this.#doubted, read.elapsed_ms))) {
      this.#doubted = read;
      this.#onLeap(read.at - expected);
    }
    if (read.elapsed_ms - this.#doubted.elapsed_ms < HOLD_MS) return { at: read.at, expected };
    if (read.at < expected) this.#wasAhead = true;
    return this.#believe(read);
  }

  #believe(read: Reading): { readonly at: Instant; readonly expected: Instant } {
    if (this.#doubted !== null) this.#onLeap(null);
    this.#doubted = null;
    this.#believed = read;
    return { at: read.at, expected: read.at };
  }

  #read(): Reading {
    return { at: this.#clock.now(), elapsed_ms: this.#clock.elapsed_ms?.() ?? 0 };
  }
}

const continued = ({ at, elapsed_ms }: Reading, to_ms: number): Instant => Math.round(at + to_ms - elapsed_ms);

const isNear = (a: Instant, b: Instant): boolean => Math.abs(a - b) <= LEAP_MS;
