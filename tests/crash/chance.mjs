/**
 * Chance from a seed (mulberry32): the same seed sends the same touchpoints and plans the same kills. What exactly a
 * kill interrupts is the machine's own chance; a failure usually shows again within a few runs of its seed.
 */
export const chanceOf = (seed) => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n) => Math.floor(next() * n);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    happens: (probability) => next() < probability,
    pick: (list) => list[below(list.length)],
    shuffle: (list) => {
      for (let i = list.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [list[i], list[j]] = [list[j], list[i]];
      }
      return list;
    },
    /** Chance of its own for a part that runs beside others, so that timing does not mix their draws. */
    apart: (name) => chanceOf([...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16_777_619), seed | 1)),
  };
};
