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

export interface SteadyTimeOptions {
  /** When it should be now; absent: what the clock says. */
  readonly from?: Instant;
  /** From when on (`elapsed_ms`) the clock is taken to have gone on steadily; absent: from now on. */
  readonly since_ms?: number;
  readonly onLeap?: OnLeap;
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
  /** Where it was before we looked for the first time, as far as we are to take that for granted. */
  #assumed: Reading | null = null;
  #isTold = false;
  #wasAhead = false;

  constructor(clock: Clock, { from, since_ms, onLeap = () => undefined }: SteadyTimeOptions = {}) {
    this.#clock = clock;
    this.#onLeap = onLeap;
    const now = this.#read();
    this.#believed = { ...now, at: from ?? now.at };
    if (since_ms !== undefined) this.#assumed = { at: continued(now, since_ms), elapsed_ms: since_ms };
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

  /** Whether the clock has leapt, and is not believed yet. */
  isDoubted(): boolean {
    this.#look();
    return this.#doubted !== null;
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
    const assumed = this.#assumed;
    this.#assumed = null;
    if (this.#clock.elapsed_ms === undefined || isNear(read.at, expected)) {
      if (this.#doubted !== null || read.at < this.#believed.at - LEAP_MS) this.#wasAhead = true;
      return this.#believe(read);
    }
    if (this.#doubted === null || !isNear(read.at, continued(this.#doubted, read.elapsed_ms))) {
      this.#doubted = assumed ?? read;
      this.#isTold = false;
    }
    if (read.elapsed_ms - this.#doubted.elapsed_ms >= HOLD_MS) {
      if (read.at < expected) this.#wasAhead = true;
      return this.#believe(read);
    }
    if (!this.#isTold) this.#onLeap(read.at - expected);
    this.#isTold = true;
    return { at: read.at, expected };
  }

  #believe(read: Reading): { readonly at: Instant; readonly expected: Instant } {
    if (this.#isTold) this.#onLeap(null);
    this.#isTold = false;
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
