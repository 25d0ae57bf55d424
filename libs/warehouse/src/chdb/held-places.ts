import { type HeldQuestion, type Origin } from './protocol.js';
import { Watch } from './watch.js';

/** How long past its limit, or past the order to end, a question may be with the engine before it counts as one that does not end. */
export const HELD_AFTER_MS = 10_000;

interface Options {
  /** How many questions may be answered at once. */
  readonly places: number;
  readonly heldAfter_ms: number;
  /** Told of each question once it does not end. */
  onHeld(id: number): void;
  /** Told of all that do not end, whenever one is added or has ended after all. */
  onChange(held: readonly HeldQuestion[], placesLeft: number): void;
}

/**
 * Questions that the engine does not end. It looks at its limits, and whether it was told to stop, between blocks only; one
 * call of a function on one large value may be at it for hours, and no thread of the engine can be ended from without. Each
 * gives its place to another, as long as there are spare ones: as many as places. Whoever asked it is answered nothing until
 * it has ended, since he would take those, too. Those who have no name cannot be told from each other: as soon as they hold as
 * many as there are places, none of them is answered. By then fewer than that are under way, so that one is left to those who
 * have a name, whatever comes of them.
 */
export class HeldPlaces {
  readonly #options: Options;
  readonly #watched = new Map<number, Watch>();
  readonly #settled: (() => void)[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  /** What keeps a question of his from being asked now, as the engine would tell it; `undefined`: nothing. */
  refusal(asker: string | undefined): Error | undefined {
    const own = this.#held().filter(({ origin }) => origin.asker === asker);
    if (asker === undefined && own.length >= this.#options.places)
      return refused(
        `${own.length} questions that were asked without a key are past their limit and cannot be ended: the places that are left are for those who have one. Ask with a key, or try again in a minute`,
      );
    if (asker !== undefined && own[0])
      return refused(
        `Your question ${own[0].origin.queryId} is past its limit and cannot be ended: the engine works long on one value. Nothing else is answered to you until it has ended; ask it of smaller values next time`,
      );
    return this.full();
  }

  /** The same of a question of anybody's. */
  full(): Error | undefined {
    const held = this.#held();
    if (this.#left(held) > 0) return undefined;
    return refused(
      `All places are held by ${held.length} questions that are past their limit and cannot be ended. Try again in a minute; starting the platform anew frees them`,
    );
  }

  /** Watches a question, which has begun, until `done`; `limit_ms` is what the engine was told. `leave` frees its place. */
  watch(id: number, origin: Origin, limit_ms: number, leave: () => void): Watch {
    const watch = new Watch(origin, limit_ms, this.#options.heldAfter_ms, {
      leave,
      held: () => {
        this.#changed();
        this.#options.onHeld(id);
      },
      done: () => {
        this.#watched.delete(id);
        if (watch.isHeld) this.#changed();
        else this.#settle();
      },
    });
    this.#watched.set(id, watch);
    return watch;
  }

  /** The question was told to end. */
  ending(id: number): void {
    this.#watched.get(id)?.ending();
  }

  /** Resolves when nothing is asked but what does not end; answers how many that are. */
  async settled(): Promise<number> {
    if (!this.#isSettled()) await new Promise<void>((tell) => this.#settled.push(tell));
    return this.#watched.size;
  }

  #held(): readonly Watch[] {
    return [...this.#watched.values()].filter(({ isHeld }) => isHeld);
  }

  #left(held: readonly Watch[]): number {
    return Math.max(0, Math.min(this.#options.places, 2 * this.#options.places - held.length));
  }

  #isSettled(): boolean {
    return [...this.#watched.values()].every(({ isHeld }) => isHeld);
  }

  #changed(): void {
    const held = this.#held();
    const staying = held.filter(({ hasLeft }) => !hasLeft);
    for (const watch of staying.slice(0, this.#options.places - (held.length - staying.length))) watch.leave();
    this.#options.onChange(
      held.map(({ origin }) => origin),
      this.#left(held),
    );
    this.#settle();
  }

  #settle(): void {
    if (this.#isSettled()) for (const tell of this.#settled.splice(0)) tell();
  }
}

const refused = (text: string): Error => new Error(`Code: 439. DB::Exception: ${text}. (CANNOT_SCHEDULE_TASK)`);
