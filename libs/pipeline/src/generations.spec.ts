import { describe, expect, it } from '@jest/globals';
import { Generations, type Remembered } from './generations.js';

const keys = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `k${from + i}`);

describe('a bounded memory', () => {
  it('lets go of what was not used for longest, and only between rounds', () => {
    const memory = new Generations<Remembered & { readonly n: number }>(8);
    for (const key of keys(0, 5)) memory.set(key, { n: 1, used: 0 });
    memory.age();
    for (const key of keys(5, 10)) memory.set(key, { n: 2, used: 0 });
    expect(keys(0, 10).every((key) => memory.get(key) !== undefined)).toBe(true);
    memory.age();
    // All were used in the round that has just ended: none has to go.
    expect(keys(0, 10).every((key) => memory.get(key) !== undefined)).toBe(true);
    memory.age();
    for (const key of keys(3, 9)) memory.get(key);
    memory.age();
    expect(keys(0, 10).filter((key) => memory.get(key) !== undefined)).toEqual(keys(3, 9));
  });

  it('keeps all of a round that is larger than its bound', () => {
    const memory = new Generations<Remembered & { readonly n: number }>(4);
    for (const key of keys(0, 100)) memory.set(key, { n: 0, used: 0 });
    memory.age();
    expect(keys(0, 100).every((key) => memory.get(key)?.n === 0)).toBe(true);
    memory.age();
    memory.get('k7');
    memory.age();
    memory.age();
    expect(keys(0, 100).filter((key) => memory.get(key) !== undefined)).toEqual(['k7']);
  });

  it('holds the newest value of a key', () => {
    const memory = new Generations<Remembered & { readonly n: number }>(4);
    memory.set('a', { n: 1, used: 0 });
    memory.set('a', { n: 2, used: 0 });
    expect(memory.get('a')?.n).toBe(2);
    memory.clear();
    expect(memory.get('a')).toBeUndefined();
  });
});
