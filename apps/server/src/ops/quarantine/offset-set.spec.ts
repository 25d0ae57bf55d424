import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OffsetSet } from './offset-set.js';

/** At the borders of pages, too. */
const offset = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 4_090, max: 4_102 }),
  fc.integer({ min: 8_186, max: 8_198 }),
);
const whole = fc.constantFrom<readonly number[]>(
  [],
  Array.from({ length: 4_096 }, (_, i) => i),
  Array.from({ length: 4_100 }, (_, i) => 4_094 + i),
);

test('it answers as a set of numbers does, in whatever order they were added', () => {
  fc.assert(
    fc.property(fc.array(offset, { maxLength: 60 }), whole, offset, offset, (some, run, one, other) => {
      const offsets = new OffsetSet();
      for (const each of [...some, ...run]) offsets.add(each);
      const slow = new Set([...some, ...run]);
      const [begin, end] = [Math.min(one, other), Math.max(one, other)];
      let without = begin;
      while (slow.has(without)) without += 1;
      const later = [...slow].filter((each) => each >= begin);
      expect({
        has: offsets.has(begin),
        count: offsets.count(begin, end),
        without: offsets.firstWithout(begin),
        within: offsets.firstWithin(begin),
      }).toEqual({
        has: slow.has(begin),
        count: later.filter((each) => each < end).length,
        without,
        within: later.length === 0 ? undefined : Math.min(...later),
      });
    }),
  );
});

test('hundreds of thousands of single ones, and then what lies between them, are there once', () => {
  const offsets = new OffsetSet();
  for (let odd = 1; odd < 400_000; odd += 2) offsets.add(odd);
  expect([offsets.count(0, 400_000), offsets.firstWithout(0), offsets.firstWithin(0)]).toEqual([200_000, 0, 1]);
  for (let even = 0; even < 400_000; even += 2) offsets.add(even);
  expect([offsets.count(0, 400_000), offsets.firstWithout(0)]).toEqual([400_000, 400_000]);
});
