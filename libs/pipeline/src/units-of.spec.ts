import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LogBatch } from '@tributary/kernel';
import { unitsOf } from './units-of.js';

const batch = (partition: number, keys: readonly (string | null)[]): LogBatch => ({
  topic: 'touchpoints.shop',
  partition,
  records: keys.map((key, i) => ({ key, offset: 10 + 2 * i, timestamp_ms: i, value: new Uint8Array() })),
  end: 1_000,
});

const shown = (units: Iterable<readonly LogBatch[]>): string[] =>
  [...units].map((unit) =>
    unit.map(({ partition, records }) => `${partition}:${records.map(({ key }) => key ?? '-').join('')}`).join(' '),
  );

describe('units of batches', () => {
  it('hold what there is of few subjects', () => {
    const given = [batch(0, ['a', 'b', 'a']), batch(1, ['b', 'a'])];
    const [unit, ...more] = unitsOf(given, 2);
    expect(more).toEqual([]);
    expect(unit![0]).toBe(given[0]);
    expect(unit![1]).toBe(given[1]);
  });

  it('end before they name one subject too many, within a batch or between two', () => {
    expect(shown(unitsOf([batch(0, ['a', 'b', 'a', 'c', 'c', 'd', 'e'])], 2))).toEqual(['0:aba', '0:ccd', '0:e']);
    expect(shown(unitsOf([batch(0, ['a', 'b']), batch(1, ['c', 'a', 'd'])], 2))).toEqual(['0:ab', '1:ca', '1:d']);
    expect(shown(unitsOf([batch(0, ['a', 'b']), batch(1, ['a', 'c'])], 2))).toEqual(['0:ab 1:a', '1:c']);
  });

  it('count whoever is not named as somebody', () => {
    expect(shown(unitsOf([batch(0, [null, 'a', null, 'a', null])], 2))).toEqual(['0:-a', '0:-a', '0:-']);
  });

  it('lose and double nothing, keep the order, and none names too many, for any batches', () => {
    const key = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { freq: 5 });
    fc.assert(
      fc.property(fc.array(fc.array(key, { minLength: 1 })), fc.integer({ min: 1, max: 8 }), (drawn, most) => {
        const given = drawn.map((keys, i) => batch(i, keys));
        const units = [...unitsOf(given, most)];
        const placesIn = (batches: readonly LogBatch[]) =>
          batches.flatMap(({ partition, records }) => records.map(({ offset }) => `${partition}/${offset}`));
        expect(placesIn(units.flat())).toEqual(placesIn(given));
        for (const unit of units) {
          expect(new Set(unit.map(({ partition }) => partition)).size).toBe(unit.length);
          const keys = unit.flatMap(({ records }) => records.map((record) => record.key));
          const named = new Set(keys.filter((one) => one !== null)).size + keys.filter((one) => one === null).length;
          expect(named).toBeGreaterThan(0);
          expect(named).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
