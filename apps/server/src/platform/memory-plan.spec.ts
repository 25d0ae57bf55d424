import { totalmem } from 'node:os';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memoryHere, memoryPlan } from './memory-plan.js';

const GB = 2 ** 30;

it('gives units their full size where there is memory for it, and smaller ones elsewhere', () => {
  expect(memoryPlan(24 * GB)).toEqual({
    unitRecords: 150_000,
    unitSubjects: 90_000,
    rememberedSubjects: 120_000,
    youngGeneration_MB: 96,
    warehouse_bytes: 4_000_000_000,
    question_bytes: 1_000_000_000,
  });
  expect(memoryPlan(4 * GB)).toMatchObject({ unitRecords: 150_000, unitSubjects: 51_831, rememberedSubjects: 89_600 });
  expect(memoryPlan(3 * GB)).toMatchObject({
    rememberedSubjects: 60_000,
    warehouse_bytes: 805_306_368,
    question_bytes: 201_326_592,
  });
  expect(memoryPlan(2 * GB)).toMatchObject({
    unitRecords: 15_230,
    unitSubjects: 4_569,
    rememberedSubjects: 15_230,
    youngGeneration_MB: 24,
  });
  expect(memoryPlan(GB).unitRecords).toBe(5_000);
});

it('plans for no less where there is more', () => {
  fc.assert(
    fc.property(fc.nat(8 * GB), fc.nat(8 * GB), (a, b) => {
      const [less, more] = [memoryPlan(Math.min(a, b)), memoryPlan(Math.max(a, b))];
      for (const name of Object.keys(less) as (keyof typeof less)[])
        expect(more[name]).toBeGreaterThanOrEqual(less[name]);
    }),
    // What was rounded in a unit once made one more of what was left.
    { examples: [[3_087_895_888, 2_988_123_882]], numRuns: 1_000 },
  );
});

it('knows what it may take', () => {
  expect(memoryHere()).toBeGreaterThan(0);
  expect(memoryHere()).toBeLessThanOrEqual(totalmem());
});
