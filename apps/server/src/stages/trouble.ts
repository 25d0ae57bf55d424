/** What fails is tried again within seconds: after so long without another failure it works, also when there was nothing to do. */
const SETTLED_MS = 15_000;

/** Why something waits for an engine, until it has got over that. */
export class Trouble {
  #reason: string | null = null;
  #since_ms = 0;

  /** `null`: it works. */
  get reason(): string | null {
    return performance.now() - this.#since_ms > SETTLED_MS ? null : this.#reason;
  }

  failed(reason: string): void {
    this.#reason = reason;
    this.#since_ms = performance.now();
  }

  /** It is tried again only now: from now on it shows whether it works. */
  again(): void {
    this.#since_ms = performance.now();
  }

  /** There was progress. */
  over(): void {
    this.#reason = null;
  }
}
