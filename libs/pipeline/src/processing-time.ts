import { type Clock, DAY_MS, type DocumentStore, type Instant } from '@tributary/kernel';

/** A clock that differs by no more than this from where it should be is believed. */
const LEAP_MS = DAY_MS;
/** One that has leapt is believed once it has gone on steadily for so long from where it leapt to. */
const HOLD_MS = 10 * 60_000;
/** How far time may go on before it is written down how far it has come. */
const MARK_MS = 60 * 60_000;
const MARK = 'processing-time';

type Documents = Pick<DocumentStore, 'get' | 'replace' | 'scan'>;

/** What is said of a clock that has leapt by so much; `null`: it is believed again. */
export type OnLeap = (leap_ms: number | null) => void;

interface Reading {
  readonly at: Instant;
  readonly elapsed_ms: number;
}

/**
 * Processing time as far as the clock is to be believed: silence is concluded up to there. A clock that leaps, or that is
 * not where an earlier life left it, may be wrong for a moment (a dead battery, a restored machine) or right (we were off for
 * weeks), and nobody can tell the two apart but by waiting: until it has gone on steadily for ten minutes time goes on as if
 * it had not leapt. Of a clock that cannot tell how long it has been going, any time is believed.
 */
export class ProcessingTime {
  readonly #clock: Clock;
  readonly #onLeap: OnLeap;
  /** As it was believed last. */
  #believed: Reading;
  /** Where it leapt to, and when. */
  #doubted: Reading | null = null;
  #marked: Instant | null = null;
  #mustRecall = false;

  constructor(clock: Clock, onLeap: OnLeap = () => undefined) {
    this.#clock = clock;
    this.#onLeap = onLeap;
    this.#believed = this.#read();
  }

  /** Begins where an earlier life left off. */
  async begin(documents: Documents): Promise<void> {
    const [stored] = await documents.get('checkpoint', [MARK]);
    this.#marked = stored ? (JSON.parse(stored.body) as { readonly to: Instant }).to : null;
    const now = this.#read();
    this.#believed = this.#marked === null ? now : { ...now, at: this.#marked };
    this.#doubted = null;
    // There was an earlier life, and nobody wrote down how far time had come: then it may have been anywhere.
    this.#mustRecall = this.#marked === null && (await documents.scan('customer', '', 1)).length > 0;
    this.now();
  }

  /** How far silence may be concluded: as long as the clock is in doubt, what is certain either way. */
  now(): Instant {
    const { at, expected } = this.#look();
    return Math.min(at, expected);
  }

  /** Whatever is dated beyond this is still to come, whether the clock is right or not. */
  latest(): Instant {
    const { at, expected } = this.#look();
    return Math.max(at, expected);
  }

  /** What the clock says, and what it should say: the same as long as it is believed. */
  #look(): { readonly at: Instant; readonly expected: Instant } {
    const read = this.#read();
    const expected = continued(this.#believed, read.elapsed_ms);
    if (this.#clock.elapsed_ms === undefined || isNear(read.at, expected)) {
      // What was decided while the clock was elsewhere may lie ahead of it.
      if (this.#doubted !== null || read.at < this.#believed.at - LEAP_MS) this.#mustRecall = true;
      return this.#believe(read);
    }
    if (this.#doubted === null || !isNear(read.at, continued(this.#doubted, read.elapsed_ms))) {
      this.#doubted = read;
      this.#onLeap(read.at - expected);
    }
    if (read.elapsed_ms - this.#doubted.elapsed_ms < HOLD_MS) return { at: read.at, expected };
    if (read.at < expected) this.#mustRecall = true;
    return this.#believe(read);
  }

  /** Whether there may be decisions of a time that has not come: the clock was ahead when they were made. */
  get mustRecall(): boolean {
    this.#look();
    return this.#mustRecall;
  }

  recalled(): void {
    this.#mustRecall = false;
    this.#marked = null;
  }

  /** Writes down, now and then, how far time has come. */
  async mark(documents: Documents): Promise<void> {
    const to = this.now();
    if (this.#mustRecall || (this.#marked !== null && to - this.#marked < MARK_MS)) return;
    await documents.replace([{ kind: 'checkpoint', key: MARK, version: 0, body: JSON.stringify({ to }) }]);
    this.#marked = to;
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
