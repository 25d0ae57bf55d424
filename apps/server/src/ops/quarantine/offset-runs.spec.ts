import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OffsetRuns } from './offset-runs.js';

const offset = fc.integer({ min: 0, max: 40 });

test('runs answer as a set of offsets does, in whatever order they were added', () => {
  fc.assert(
    fc.property(fc.array(offset, { maxLength: 60 }), offset, offset, (added, one, other) => {
      const runs = new OffsetRuns();
      for (const each of added) runs.add(each);
      const slow = [...new Set(added)].sort((a, b) => a - b);
      const [begin, end] = [Math.min(one, other), Math.max(one, other)];
      const without = Array.from({ length: 50 }, (_, i) => begin + i).find((each) => !slow.includes(each));
      expect({
        has: runs.has(begin),
        count: runs.count(begin, end),
        without: runs.firstWithout(begin),
        within: runs.firstWithin(begin),
      }).toEqual({
        has: slow.includes(begin),
        count: slow.filter((each) => each >= begin && each < end).length,
        without,
        within: slow.find((each) => each >= begin),
      });
    }),
  );
});
