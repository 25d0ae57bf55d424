import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ordersNeeded } from './orders-needed.js';

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `o${i}`);

/** One after the other, each on trial: what the answer has to be. */
const oneByOne = (orders: readonly string[], suffices: (orders: readonly string[]) => boolean): string[] => {
  const needed = new Set(orders);
  for (const each of orders) {
    needed.delete(each);
    if (!suffices([...needed])) needed.add(each);
  }
  return [...needed].sort();
};

describe('the orders that have to be taken back', () => {
  it('are those that remain if each in turn is left out that can be', () => {
    // Each path between the two that are to be parted is cut by any of some orders.
    const paths = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { minLength: 1, maxLength: 6 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(paths, (cuts) => {
        const orders = named(20);
        const suffices = (some: readonly string[]): boolean =>
          cuts.every((cut) => cut.some((i) => some.includes(`o${i}`)));
        const needed = ordersNeeded(orders, suffices);
        expect([...needed].sort()).toEqual(oneByOne(orders, suffices));
        expect(suffices(needed)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['the last of many', ['o4095'], 30],
    ['none of many', [], 15],
    ['two of many', ['o17', 'o2000'], 60],
    ['all of many', named(4_096), 4_096],
  ])('are found without asking about each: %s', (_, meant, most) => {
    let asked = 0;
    const needed = ordersNeeded(named(4_096), (some) => {
      asked += 1;
      const there = new Set(some);
      return meant.every((each) => there.has(each));
    });
    expect(needed).toEqual(meant);
    expect(asked).toBeLessThanOrEqual(most);
  });
});
