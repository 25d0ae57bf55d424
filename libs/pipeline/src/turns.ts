/**
 * Work on records that are changed in place, one at a time, in the order asked. If some of it fails, memory may hold
 * what was never committed: whatever waits behind it is refused, and who comes next has to begin from what is durable.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #broken: { readonly cause: unknown } | null = null;

  /** Work that changes records. */
  take<T>(work: () => Promise<T>): Promise<T> {
    return this.still(async () => {
      if (this.#broken) throw this.#broken.cause;
      try {
        return await work();
      } catch (cause) {
        this.#broken = { cause };
        throw cause;
      }
    });
  }

  /** Work beside which records stand still, and which may fail without harm to them. */
  still<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** All that was asked for by now is over, one way or the other. */
  over(): Promise<void> {
    return this.#last;
  }
}
