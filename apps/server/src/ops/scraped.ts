import { ifKnown } from './if-known.js';

/** Prometheus gives a scrape up after 10 s, and with it everything else that the process tells. */
const PATIENCE_MS = 5_000;
/** A question that has had no answer for so long is not believed to have one any more. */
const LOST_MS = 60_000;

/**
 * Asks something of engines for one scrape. `null`: one that is away, or silent, hides it, and what else is scraped is told all
 * the same. Gauges of a scrape, which the registry asks in one go, share an answer; so do scrapes that come while there is none
 * yet, for an engine that hangs must not be asked more and more.
 */
export const scraped = <T>(ask: () => T | Promise<T>, patience_ms = PATIENCE_MS): (() => Promise<T | null>) => {
  let asked: Promise<T> | null = null;
  let askedAt = 0;
  const askAnew = (): Promise<T> => {
    const mine = (async () => ask())().finally(() => {
      if (asked === mine) asked = null;
    });
    // Nobody may be left to be told.
    mine.catch(() => undefined);
    askedAt = performance.now();
    return (asked = mine);
  };
  return () => {
    const isLost = performance.now() - askedAt > LOST_MS;
    return ifKnown(asked === null || isLost ? askAnew() : asked, patience_ms);
  };
};
