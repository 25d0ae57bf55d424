interface Waiting {
  readonly records: number;
  go(): void;
}

/** How many records are read and not yet done with, bounded: whoever would read more waits, first come, first served. */
export class ReadingRoom {
  readonly #bound: number;
  readonly #waiting: Waiting[] = [];
  #inHand = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /**
   * Waits for room for as many as will be read at most; what was not read, and later the rest, is to be given back. `giveUp` is
   * told how to end the waiting: then there is no room, and the answer is false.
   */
  async take(records: number, giveUp: (end: () => void) => void): Promise<boolean> {
    if (this.#waiting.length === 0 && this.#fits(records)) {
      this.#inHand += records;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const waiting: Waiting = { records, go: () => resolve(true) };
      this.#waiting.push(waiting);
      giveUp(() => {
        const at = this.#waiting.indexOf(waiting);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        resolve(false);
        this.#admit();
      });
    });
  }

  giveBack(records: number): void {
    this.#inHand -= records;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.records); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inHand += next.records;
      next.go();
    }
  }

  /** One that alone exceeds the bound has the room for itself. */
  #fits(records: number): boolean {
    return this.#inHand === 0 || this.#inHand + records <= this.#bound;
  }
}
