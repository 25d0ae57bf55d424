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

test('what fills the gaps of hundreds of thousands costs no more than what follows them', () => {
  const offsets = new OffsetSet();
  const began = performance.now();
  for (let odd = 1; odd < 400_000; odd += 2) offsets.add(odd);
  for (let even = 0; even < 400_000; even += 2) offsets.add(even);
  expect(offsets.count(0, 400_000)).toBe(400_000);
  // Some hundredths of a second. As a list that each of them moves it was many seconds, in which the doors stood still.
  expect(performance.now() - began).toBeLessThan(1_500);
});
