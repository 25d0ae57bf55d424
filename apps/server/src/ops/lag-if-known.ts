import { ifKnown } from './if-known.js';

/** Of an engine over the network: Prometheus gives a scrape up after 10 s, and with it everything else that it tells. */
export const SCRAPE_PATIENCE_MS = 3_000;

/** What waits for some consumers, `null` of each that is not known: that is no reason to tell nothing of the others. */
export const lagIfKnown = <Consumer extends string>(
  consumers: readonly Consumer[],
  ask: () => Promise<Readonly<Record<Consumer, number>>>,
  patience_ms?: number,
): (() => Promise<Readonly<Record<string, number | null>>>) => {
  const hidden = Object.fromEntries(consumers.map((consumer) => [consumer, null]));
  return async () => (await ifKnown(ask(), patience_ms)) ?? hidden;
};
