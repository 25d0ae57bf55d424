import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OFFSETS_PER_PARTITION } from './schema.js';
import { Places, seenKey } from './seen-mark.js';

const hex = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((some) => Buffer.from(some).toString('hex'));
const texts = fc.oneof(
  hex,
  fc.string({ unit: 'grapheme' }),
  hex.map((text) => text.toUpperCase()),
  hex.map((text) => `${text}0`),
);

it('takes 32 hexadecimal digits for the key itself, and hashes any other text', () => {
  fc.assert(
    fc.property(texts, (key) => {
      const expected = /^[0-9a-f]{32}$/.test(key)
        ? Buffer.from(key, 'hex')
        : createHash('sha256').update(key).digest().subarray(0, 16);
      expect(Buffer.from(seenKey(key))).toEqual(expected);
    }),
  );
});

it('makes one number of a known place, from which it can be told again, and keeps any other text', () => {
  const places = new Places({ idsOf: (topic) => (topic === 'a/b' ? [7, 8] : topic === 'a' ? [3] : []), turn: () => 0 });
  expect(places.compact('a/b/1/5')).toBe(8 * OFFSETS_PER_PARTITION + 5);
  expect(places.compact('a/b/1/0')).toBe(8 * OFFSETS_PER_PARTITION);
  expect(places.compact('a/0/12')).toBe(3 * OFFSETS_PER_PARTITION + 12);
  for (const other of [
    '',
    '/',
    'a',
    'a/0',
    'a/1/5',
    'a/0/05',
    'a/00/5',
    'a/0/-1',
    'a/0/1e3',
    'b/0/5',
    `a/0/${2 ** 40}`,
  ])
    expect(places.compact(other)).toBe(other);
});
