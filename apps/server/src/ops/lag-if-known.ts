import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';

/** Of an engine over the network: Prometheus gives a scrape up after 10 s, and with it everything else that it tells. */
export const SCRAPE_PATIENCE_MS = 3_000;

/**
 * What waits for some consumers; `null` of each while an engine that is away, silent, or without its tables hides it: that
 * is no reason to tell nothing of the others. Our own bugs still throw. Without `patience_ms` it waits for as long as it takes.
 */
export const lagIfKnown = <Consumer extends string>(
  consumers: readonly Consumer[],
  ask: () => Promise<Readonly<Record<Consumer, number>>>,
  patience_ms?: number,
): (() => Promise<Readonly<Record<string, number | null>>>) => {
  const hidden = Object.fromEntries(consumers.map((consumer) => [consumer, null]));
  return async () => {
    const late = new AbortController();
    try {
      if (patience_ms === undefined) return await ask();
      return await Promise.race([ask(), sleep(patience_ms, hidden, { signal: late.signal })]);
    } catch (error) {
      if (error instanceof EngineError) return hidden;
      throw error;
    } finally {
      late.abort();
    }
  };
};
