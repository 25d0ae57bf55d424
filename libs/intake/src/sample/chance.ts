/** Chance that is always the same for the same seeds: no clock, no global state. */
export interface Chance {
  /** From 0 (inclusive) to 1. */
  next(): number;
  /** A whole number, both ends inclusive. */
  between(least: number, most: number): number;
  happens(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(from: readonly T[]): T;
  /** By weight. */
  weighted<T>(from: readonly (readonly [T, number])[]): T;
  /** Exponential, of this mean. */
  gap(mean: number): number;
  /** Roughly bell-shaped around 0, within ±3. */
  bell(): number;
  /** So many lower-case hex digits. */
  hex(digits: number): string;
}

/** SplitMix32 over a hash (FNV-1a) of the seeds. */
export const chance = (...seeds: readonly (number | string)[]): Chance => {
  let state = 0x811c9dc5;
  for (const seed of seeds) {
    const text = `${seed}\0`;
    for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    happens: (probability) => next() < probability,
    pick: <T>(from: readonly T[]): T => from[between(0, from.length - 1)] as T,
    weighted: (from) => {
      let left = next() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of from) if ((left -= weight) < 0) return value;
      const last = from.at(-1);
      if (!last) throw new RangeError('nothing to choose from');
      return last[0];
    },
    gap: (mean) => -Math.log(1 - next()) * mean,
    bell: () => next() + next() + next() + next() + next() + next() - 3,
    hex: (digits) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join(''),
  };
};
