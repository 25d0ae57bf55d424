import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Transition } from '@tributary/domain';
import { type CustomerId } from '@tributary/kernel';
import { courseDifference, MOST_TRANSITIONS } from './course-difference.js';
import { type Decided } from './decide-identity.js';

const id = 'c_1' as CustomerId;
const moved = { because: ['e'], revises: false };
const transition = fc.record({
  track: fc.constantFrom('relationship' as const, 'buyer' as const, 'tier' as const),
  from: fc.option(fc.constantFrom('a', 'b')),
  to: fc.constantFrom('a', 'b'),
  at: fc.nat(20),
  evidence: fc.dictionary(fc.constantFrom('purchases', 'days'), fc.nat(3), { noNullPrototype: true }),
});
const course = fc
  .array(transition, { maxLength: 30 })
  .map((all): readonly Transition[] => all.sort((x, y) => x.at - y.at));
/** Two courses that begin alike. */
const changes = fc.tuple(course, course, course).map(
  ([both, before, after]) =>
    [
      [...both, ...before],
      [...both, ...after],
    ] as const,
);

/** As `Projection` and subscribers of the feed do. */
const folded = (before: readonly Transition[], decisions: readonly Decided[]): readonly Transition[] => {
  const now = [...before];
  for (const { event } of decisions) {
    if (event.type === 'CourseRevised') now.length -= event.withdrawn;
    if (event.type === 'CourseRevised' || event.type === 'CourseAdvanced') now.push(...event.transitions);
  }
  return now;
};

test('told in pieces, a course comes to what it would told at once, in pieces of the size and no more than are needed', () => {
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 9 }), ([before, after], most) => {
      const whole = courseDifference(id, before, after, 'r', moved, Infinity);
      const pieces = courseDifference(id, before, after, 'r', moved, most);
      expect(whole.length).toBeLessThanOrEqual(1);
      for (const told of [whole, pieces]) expect(folded(before, told)).toEqual(after);
      if (whole.length === 0) return expect(pieces).toEqual([]);
      const [all, ...told] = [...whole, ...pieces].map(({ event }) => event as CourseEvent);
      expect(told.flatMap(({ transitions }) => transitions)).toEqual(all!.transitions);
      expect(told).toHaveLength(Math.max(1, Math.ceil(all!.transitions.length / most)));
      expect(new Set(told.map(({ type }) => type))).toEqual(new Set([all!.type]));
      // The first says all that is withdrawn, and since when.
      expect({ ...told[0], transitions: [] }).toEqual({ ...all, transitions: [] });
      for (const { withdrawn = 0 } of told.slice(1)) expect(withdrawn).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});

type CourseEvent = { type: string; transitions: readonly Transition[]; withdrawn?: number };

test('the rest of a revision that was told in part is told as one, too, and nothing where there is no rest', () => {
  fc.assert(
    fc.property(course, course, ([...before], rest) => {
      const after = [...before, ...rest];
      const told = courseDifference(id, before, after, 'r', { ...moved, revises: true }, 4);
      expect(folded(before, told)).toEqual(after);
      expect(told).toHaveLength(Math.ceil(rest.length / 4));
      for (const { event } of told) expect(event).toMatchObject({ type: 'CourseRevised', withdrawn: 0 });
    }),
  );
});

test('one event stays within what engines take at once, whatever a course comes to', () => {
  const flips = Array.from({ length: 32_000 }, (_, at): Transition => ({
    ...{ track: 'relationship', from: 'acquisition', to: 'acquisition', at: 1_764_547_200_000 + at },
    evidence: { purchase_days_365d: at, tenure_days: 1234.5678, silence_days: 1234.5678, rhythm_days: 123.4567 },
  }));
  const told = courseDifference(
    id,
    flips,
    flips.map((each) => ({ ...each, to: 'growth' })),
    'lifecycle-1',
    moved,
  );
  expect(told).toHaveLength(32_000 / MOST_TRANSITIONS);
  for (const { event } of told) expect(JSON.stringify(event).length).toBeLessThan(200_000);
});
