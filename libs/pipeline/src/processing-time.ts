import { type Clock, type DocumentStore, type Instant, type OnLeap, SteadyTime } from '@tributary/kernel';

/** How far time may go on before it is written down how far it has come. */
const MARK_MS = 60 * 60_000;
const MARK = 'processing-time';

type Documents = Pick<DocumentStore, 'get' | 'replace' | 'scan'>;

/**
 * Processing time as far as the clock is to be believed (`SteadyTime`), over restarts, too: silence is concluded up to there.
 * How far it has come is written down now and then, and before anything is concluded by it.
 */
export class ProcessingTime {
  readonly #clock: Clock;
  readonly #onLeap: OnLeap | undefined;
  #steady: SteadyTime;
  #hasBegun = false;
  #marked: Instant | null = null;
  #mustAskAgain = false;
  #timesAhead = 0;

  constructor(clock: Clock, onLeap?: OnLeap) {
    this.#clock = clock;
    this.#onLeap = onLeap;
    this.#steady = new SteadyTime(clock, onLeap ? { onLeap } : {});
  }

  /**
   * Begins where an earlier life left off. Whoever begins again in one process hands over the same, which knows of a leap under
   * way: that may well be why it had to.
   */
  async begin(documents: Documents): Promise<void> {
    const [stored] = await documents.get('checkpoint', [MARK]);
    this.#marked = stored ? (JSON.parse(stored.body) as { readonly to: Instant }).to : null;
    if (!this.#hasBegun && !this.#steady.isDoubted()) this.#steady = this.#asLeft(this.#marked);
    this.#hasBegun = true;
    // There was an earlier life, and nobody wrote down how far time had come: then it may have been anywhere.
    this.#mustAskAgain ||= this.#marked === null && (await documents.scan('customer', '', 1)).length > 0;
    this.now();
  }

  /**
   * What the machine's clock says when we begin it is taken to have said since the machine began: a clock that is put right is
   * so soon after that, and whoever runs us for a moment each week must not wait for ten minutes that never pass.
   */
  #asLeft(at: Instant | null): SteadyTime {
    const onLeap = this.#onLeap;
    return new SteadyTime(this.#clock, {
      since_ms: 0,
      ...(at === null ? {} : { from: at }),
      ...(onLeap ? { onLeap } : {}),
    });
  }

  /** How far silence may be concluded: as long as the clock is in doubt, what is certain either way. */
  now(): Instant {
    return this.#steady.now();
  }

  /** Whatever is dated beyond this is still to come, whether the clock is right or not. */
  latest(): Instant {
    return this.#steady.latest();
  }

  /** Whether there may be decisions of a time that has not come: the clock was ahead when they were made. */
  get mustAskAgain(): boolean {
    if (this.#steady.wasAhead()) {
      this.#mustAskAgain = true;
      this.#timesAhead += 1;
    }
    return this.#mustAskAgain;
  }

  /** How often the clock turned out to have been ahead: whoever is asking again has to begin anew when it did once more. */
  get timesAhead(): number {
    return this.#timesAhead;
  }

  askedAgain(): void {
    this.#mustAskAgain = false;
    this.#marked = null;
  }

  async mark(documents: Documents): Promise<void> {
    const to = this.now();
    if (this.mustAskAgain || (this.#marked !== null && to - this.#marked < MARK_MS)) return;
    await documents.replace([{ kind: 'checkpoint', key: MARK, version: 0, body: JSON.stringify({ to }) }]);
    this.#marked = to;
  }
}
