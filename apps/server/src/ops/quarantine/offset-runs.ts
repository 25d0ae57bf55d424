/** A set of offsets, kept as runs of neighbours: what is dealt with together lies together. */
export class OffsetRuns {
  /** First offset of each run, and the offset behind its last; ascending, and no two touch. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  has(offset: number): boolean {
    const at = this.#runAt(offset);
    return at < this.#from.length && (this.#from[at] as number) <= offset;
  }

  add(offset: number): void {
    const at = this.#runAt(offset);
    const [from, to] = [this.#from, this.#to];
    if (at < from.length && (from[at] as number) <= offset) return;
    const joinsBefore = at > 0 && to[at - 1] === offset;
    const joinsAfter = from[at] === offset + 1;
    if (joinsBefore && joinsAfter) {
      to[at - 1] = to[at] as number;
      from.splice(at, 1);
      to.splice(at, 1);
    } else if (joinsBefore) to[at - 1] = offset + 1;
    else if (joinsAfter) from[at] = offset;
    else {
      from.splice(at, 0, offset);
      to.splice(at, 0, offset + 1);
    }
  }

  /** How many of them lie from `begin` on and before `end`. */
  count(begin: number, end: number): number {
    let count = 0;
    for (let at = this.#runAt(begin); at < this.#from.length && (this.#from[at] as number) < end; at++)
      count += Math.min(end, this.#to[at] as number) - Math.max(begin, this.#from[at] as number);
    return count;
  }

  /** The first offset from `offset` on that is not in the set. */
  firstWithout(offset: number): number {
    return this.has(offset) ? (this.#to[this.#runAt(offset)] as number) : offset;
  }

  /** The first offset from `offset` on that is in the set; `undefined`: none. */
  firstWithin(offset: number): number | undefined {
    const from = this.#from[this.#runAt(offset)];
    return from === undefined ? undefined : Math.max(from, offset);
  }

  /** Index of the first run that ends behind `offset`. */
  #runAt(offset: number): number {
    let [low, high] = [0, this.#to.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#to[middle] as number) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
