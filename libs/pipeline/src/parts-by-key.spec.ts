import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type StoredRecord } from '@tributary/kernel';
import { partsByKey } from './parts-by-key.js';

const records = (keys: readonly (string | null)[]): StoredRecord[] =>
  keys.map((key, i) => ({ key, offset: 10 + 2 * i, timestamp_ms: i, value: new Uint8Array() }));

const offsets = (parts: Iterable<readonly StoredRecord[]>): number[][] =>
  [...parts].map((part) => part.map(({ offset }) => offset));

describe('records in parts by key', () => {
  it('keeps what belongs to a key together, keys as they come', () => {
    expect(offsets(partsByKey(records(['a', 'b', 'a', null, 'b', null]), 1))).toEqual([
      [10, 14],
      [12, 18],
      [16, 20],
    ]);
  });

  it('closes a part once it has enough', () => {
    expect(offsets(partsByKey(records(['a', 'b', 'a', 'c', 'd', 'b']), 3))).toEqual([
      [10, 14, 12, 20],
      [16, 18],
    ]);
  });

  it('makes no part of nothing', () => {
    expect(offsets(partsByKey([], 3))).toEqual([]);
  });

  it('loses and doubles nothing, and cuts no key, for any keys and size', () => {
    const keys = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor')), { maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 20 }), (drawn, least) => {
        const given = records(drawn);
        const parts = [...partsByKey(given, least)];
        expect(parts.flat().sort((a, b) => a.offset - b.offset)).toEqual(given);
        const home = new Map<string | null, number>();
        parts.forEach((part, i) => {
          if (i < parts.length - 1) expect(part.length).toBeGreaterThanOrEqual(least);
          expect(part.length).toBeGreaterThan(0);
          for (const { key } of part) {
            expect(home.get(key) ?? i).toBe(i);
            home.set(key, i);
          }
          for (const key of new Set(part.map((record) => record.key))) {
            const own = part.filter((record) => record.key === key).map(({ offset }) => offset);
            expect(own).toEqual([...own].sort((a, b) => a - b));
          }
        });
      }),
    );
  });
});
