import { type Instant } from '@tributary/kernel';
import { ensureIn, type Keyed } from './keyed.js';
import { type Register, type Tally } from './state.js';

/** Of two statements the newer, by `at`, then by `id`: commutative, associative, idempotent. */
export const newer = <T>(a: Register<T> | null | undefined, b: Register<T> | null | undefined): Register<T> | null => {
  if (!a) return b ?? null;
  if (!b) return a;
  return newest(a, b);
};

export const newest = <T>(a: Register<T>, b: Register<T>): Register<T> => {
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return a.id >= b.id ? a : b;
};

export const earlier = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
export const later = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** Counts `n` more at `at` under `key`. */
export const count = (tallies: Keyed<Tally>, key: string, at: Instant, n = 1): void => {
  const tally = ensureIn(tallies, key, () => ({ n: 0, first: at, last: at }));
  tally.n += n;
  if (at < tally.first) tally.first = at;
  if (at > tally.last) tally.last = at;
};

export const addTally = (a: Tally, b: Tally): Tally => ({
  n: a.n + b.n,
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
});
