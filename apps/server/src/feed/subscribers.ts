import { Refusal } from '../refusal.js';

/** Who follows the feed now; a bounded number, each of which can be asked to leave. */
export class Subscribers {
  readonly #leaving = new Set<AbortController>();

  constructor(readonly limit: number) {}

  get count(): number {
    return this.#leaving.size;
  }

  /** Throws a 429 when the bound is reached. */
  enter(): { readonly signal: AbortSignal; readonly leave: () => void } {
    if (this.#leaving.size >= this.limit)
      throw new Refusal(
        429,
        'too_many_subscribers',
        `there are ${this.limit} subscribers already`,
        'close one, or share a subscription among your services',
        null,
        {
          'retry-after': '10',
        },
      );
    const controller = new AbortController();
    this.#leaving.add(controller);
    return {
      signal: controller.signal,
      leave: () => {
        this.#leaving.delete(controller);
        controller.abort();
      },
    };
  }

  /** Ends every subscription: the server stops. They resume elsewhere, or after the restart. */
  close(): void {
    for (const controller of this.#leaving) controller.abort();
  }
}
