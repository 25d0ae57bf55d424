import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonBytes } from './json-bytes.js';

const json = new JsonBytes();
const written = (write: (json: JsonBytes) => void): string => {
  json.begin();
  write(json);
  return new TextDecoder().decode(json.written());
};

it('writes numbers and texts as JSON.stringify does', () => {
  const numbers = fc.oneof(
    fc.maxSafeInteger(),
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, 999_999_999, 1e9, 1e15),
  );
  fc.assert(fc.property(numbers, (value) => written((to) => to.number(value)) === JSON.stringify(value)));
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
  // Half a surrogate pair is escaped, so that it is UTF-8 all the same.
  for (const text of ['\ud83d', '消息', 'a"b\\c\n\u0000\u007f'])
    expect(written((to) => to.string(text))).toBe(JSON.stringify(text));
  fc.assert(fc.property(texts, (value) => written((to) => to.string(value)) === JSON.stringify(value)));
});

it('writes lists, and what is longer than its room', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { maxLength: 5_000, size: 'max' }), (list) => {
      expect(written((to) => to.list(list, (one) => to.number(one)))).toBe(JSON.stringify(list));
    }),
    { numRuns: 20 },
  );
});
