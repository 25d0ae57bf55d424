import { TurnBudget } from '../turn-budget.js';

/**
 * How long the doors work on bodies, all of them together, before the event loop sees to what else has come: answers that
 * are ready, profiles that are asked for.
 */
const TURN_MS = 1;

/**
 * The doors' work on what they were sent, in turns of the event loop. Producers come in bursts (whatever waited for one commit
 * is answered at once, and all of them send again), and a slice for each of them would be many slices one after the other: so
 * a turn's time is for all of them, and who has had it stands at the end of the line. Whoever begins has a line of its own,
 * which comes first in every other turn: one touchpoint waits for a slice of one large batch, not of each, and a large batch
 * goes on however many single ones come.
 */
export class FairTurns {
  readonly #fresh: (() => void)[] = [];
  readonly #begun: (() => void)[] = [];
  #isOfFresh = true;
  readonly #budget = new TurnBudget(TURN_MS, () => {
    this.#isOfFresh = !this.#isOfFresh;
    this.#callNext();
  });

  /** Does `work` for each index, in order. What it throws ends it. */
  async each(count: number, work: (index: number) => void): Promise<void> {
    for (let index = 0; index < count;) {
      const line = index === 0 ? this.#fresh : this.#begun;
      if (this.#budget.isOver) await new Promise<void>((resolve) => line.push(resolve));
      this.#budget.begin();
      try {
        do work(index++);
        while (index < count && !this.#budget.isOver);
      } finally {
        this.#callNext();
      }
    }
  }

  /** One piece of work, in its turn. */
  async once<T>(work: () => T): Promise<T> {
    let result: T | undefined;
    await this.each(1, () => (result = work()));
    return result as T;
  }

  /** Whoever is called begins before anything else is read, so one is called at a time. */
  #callNext(): void {
    if (this.#budget.isOver) return;
    const [first, then] = this.#isOfFresh ? [this.#fresh, this.#begun] : [this.#begun, this.#fresh];
    (first.shift() ?? then.shift())?.();
  }
}
