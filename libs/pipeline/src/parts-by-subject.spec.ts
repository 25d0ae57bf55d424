import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type StoredRecord } from '@tributary/kernel';
import { partsBySubject } from './parts-by-subject.js';

const subject = (letter: string): string => `s_${letter.repeat(32)}`;

const records = (keys: readonly (string | null)[]): StoredRecord[] =>
  keys.map((key, i) => ({ key: key && subject(key), offset: 10 + 2 * i, timestamp_ms: i, value: new Uint8Array() }));

const offsets = (parts: Iterable<readonly StoredRecord[]>): number[][] =>
  [...parts].map((part) => part.map(({ offset }) => offset));

describe('records in parts by subject', () => {
  it('keeps together what a subject did, subjects as they come', () => {
    expect(offsets(partsBySubject(records(['a', 'b', 'a', null, 'b', null]), 1))).toEqual([
      [10, 14],
      [12, 18],
      [16, 20],
    ]);
  });

  it('closes a part once it has enough', () => {
    expect(offsets(partsBySubject(records(['a', 'b', 'a', 'c', 'd', 'b']), 3))).toEqual([
      [10, 14, 12, 20],
      [16, 18],
    ]);
  });

  it('leaves whole what is keyed by anything else', () => {
    const keyed = records(['a', 'b', 'a']).map((record, i) => (i === 1 ? { ...record, key: 'order-1' } : record));
    expect([...partsBySubject(keyed, 1)]).toEqual([keyed]);
  });

  it('makes no part of nothing', () => {
    expect(offsets(partsBySubject([], 3))).toEqual([]);
  });

  it('loses and doubles nothing, and cuts no subject, for any keys and size', () => {
    const keys = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')), { maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 20 }), (drawn, least) => {
        const given = records(drawn);
        const parts = [...partsBySubject(given, least)];
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
