/**
 * A bounded memory of what was used lately: entries live in a young and an old half; use moves an entry to the young one,
 * and when that is full the old one is let go. Costs nothing per use of a young entry, unlike a list in order of use.
 */
export class Generations<V> {
  readonly #bound: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param bound entries that are remembered at most, beside those used since the last `age` */
  constructor(bound: number) {
    this.#bound = bound;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#young.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
  }

  /** Lets go of what has not been used for long. Nothing is let go at any other time. */
  age(): void {
    if (this.#young.size < this.#bound / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
