import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type Client } from '../http/client.js';

export interface SettlePastOptions {
  /** Without any progress for so long it is given up. */
  readonly stalled_ms?: number;
  readonly signal?: AbortSignal;
}

/**
 * Whom the input passes, each group behind the one before it. Rows of customers and whoever is due by silence need no
 * input, and may have work without end.
 */
const WAYS = [['pipeline'], ['projector', 'facts', 'erasures']];

const LOOK_MS = 100;

/**
 * Resolves when what had been acknowledged when this was asked has had its effect, and each erasure decided by then is
 * carried out, whatever comes in meanwhile: beside live traffic something always waits.
 */
export const settlePast = async (
  client: Pick<Client, 'status'>,
  { stalled_ms = 120_000, signal }: SettlePastOptions = {},
): Promise<void> => {
  for (const consumers of WAYS) {
    const passages = new Map(consumers.map((consumer) => [consumer, new Passage()]));
    for (let movedAt = Date.now(); ; await sleep(LOOK_MS, undefined, signal ? { signal } : {})) {
      const { lag, lagUnknown = [] } = await client.status();
      let moved = false;
      for (const [consumer, passage] of passages)
        if (!lagUnknown.includes(consumer)) moved = passage.look(lag[consumer] ?? 0) || moved;
      const open = [...passages].filter(([, { isOver }]) => !isOver).map(([consumer]) => consumer);
      if (open.length === 0) break;
      if (moved) movedAt = Date.now();
      else if (Date.now() - movedAt > stalled_ms)
        throw new Failure(
          ExitCode.failed,
          `what was accepted before is not through yet, and nothing moves (${open.join(', ')}); no input was dropped`,
          'what was decided is durable; look at the server log, then run `tributary retention end`',
        );
    }
  }
};

/** How much of what waited at the first look is done since. */
class Passage {
  #rest = Infinity;
  #last = Infinity;

  get isOver(): boolean {
    return this.#rest <= 0;
  }

  /** Answers whether it moved. What a lag falls by between two looks was done, whatever was added meanwhile. */
  look(lag: number): boolean {
    const done = this.#last === Infinity ? 0 : Math.max(0, this.#last - lag);
    this.#rest = lag === 0 ? 0 : this.#last === Infinity ? lag : this.#rest - done;
    this.#last = lag;
    return done > 0;
  }
}
