interface Waiting {
  go(): void;
  refuse(error: Error): void;
}

/** Runs at most `width` jobs at once, in the order in which they came. */
export class Lane {
  readonly #width: number;
  readonly #waiting: Waiting[] = [];
  readonly #idle: (() => void)[] = [];
  #running = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** A job that calls `leave` goes on beside the lane: its place is another's, and `drained` waits for it no more. */
  async run<T>(job: (leave: () => void) => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>((go, refuse) => this.#waiting.push({ go, refuse }));
    else this.#running++;
    let isIn = true;
    const leave = (): void => {
      if (isIn) this.#next();
      isIn = false;
    };
    try {
      return await job(leave);
    } finally {
      leave();
    }
  }

  /** Fails all that wait. */
  turnAway(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(error);
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((tell) => this.#idle.push(tell));
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next) next.go();
    else if (--this.#running === 0) for (const tell of this.#idle.splice(0)) tell();
  }
}
