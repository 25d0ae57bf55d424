/** What is remembered. There is much of it, and it is asked for often: the round stands in it, not beside it. */
export interface Remembered {
  /** In which round it was used last. */
  used: number;
}

/** Of the bound, what is left after letting go: so that this is not to be done again in the very next round. */
const KEPT = 0.75;

/**
 * A bounded memory of what was used lately. Time is counted in rounds: a use notes the round, which costs nothing but the
 * look-up, and between two rounds whatever has not been used for longest is let go.
 */
export class Generations<V extends Remembered> {
  readonly #bound: number;
  readonly #entries = new Map<string, V>();
  #round = 0;

  /** @param bound entries that are remembered at most, beside those used since the last `age` */
  constructor(bound: number) {
    this.#bound = bound;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = this.#round;
    return entry;
  }

  set(key: string, value: V): void {
    value.used = this.#round;
    this.#entries.set(key, value);
  }

  /** A round is over: lets go of what is beyond the bound, the longest unused first. Nothing is let go at any other time. */
  age(): void {
    if (this.#entries.size > this.#bound) {
      const oldest = this.#oldestKept();
      for (const [key, { used }] of this.#entries) if (used < oldest) this.#entries.delete(key);
    }
    this.#round += 1;
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The earliest round whose entries all have room, counted from now on backwards; the present one has in any case. */
  #oldestKept(): number {
    const uses = new Map<number, number>();
    for (const { used } of this.#entries.values()) uses.set(used, (uses.get(used) ?? 0) + 1);
    let oldest = this.#round;
    let kept = 0;
    for (const round of [...uses.keys()].sort((a, b) => b - a)) {
      kept += uses.get(round) as number;
      if (round < this.#round && kept > this.#bound * KEPT) break;
      oldest = round;
    }
    return oldest;
  }
}
