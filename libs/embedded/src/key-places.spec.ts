import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { viewOf } from './bytes.js';
import { KeyPlaces } from './key-places.js';

/** Few different keys, some of which share their first word: they meet in the same slots. */
const key = fc
  .tuple(fc.nat(3), fc.nat(2), fc.nat(2_000))
  .map(([a, b, c]) => viewOf(new Uint8Array(new Uint32Array([a, 0, b, c]).buffer)));

it('keeps the first place of each key, however many there are', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.array(fc.tuple(key, fc.integer()), { maxLength: 4_000, size: 'max' }),
      (expected, added) => {
        const places = new KeyPlaces(expected);
        const first = new Map<string, number>();
        const named = (bytes: DataView): string => Buffer.from(bytes.buffer as ArrayBuffer).toString('hex');
        for (const [bytes, place] of added) {
          places.add(bytes, 0, place);
          if (!first.has(named(bytes))) first.set(named(bytes), place);
        }
        expect(places.size).toBe(first.size);
        expect(added.map(([bytes]) => places.get(bytes))).toEqual(added.map(([bytes]) => first.get(named(bytes))));
        expect(places.get(viewOf(new Uint8Array(16).fill(9)))).toBeUndefined();
      },
    ),
    { numRuns: 20 },
  );
});

it('finds its way also among keys that differ in a few bits only', () => {
  const places = new KeyPlaces();
  const count = 60_000;
  const counted = (n: number): DataView => viewOf(new Uint8Array(new Uint32Array([1, 0, 0, n]).buffer));
  for (let n = 0; n < count; n++) places.add(counted(n), 0, n);
  expect([0, 1, 59_999, 60_000].map((n) => places.get(counted(n)))).toEqual([0, 1, 59_999, undefined]);
});
