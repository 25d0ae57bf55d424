import { type Instant } from '@tributary/kernel';
import { courseOf, type Moment } from './life-course.js';
import { personOf } from './people.js';
import { type SampleTouchpoint, touchpointOf } from './touchpoint-of.js';

/**
 * Two years of touchpoints of people who do not exist, up to `now`, in the order of time, over four channels. The same
 * arguments give the same touchpoints; message ids depend on `seed` only through what they name, so feed a data folder
 * one sample.
 */
export function* sample(seed: number, customers: number, now: Instant): Generator<SampleTouchpoint, void, undefined> {
  const people = Array.from({ length: customers }, (_, index) => personOf(seed, index));
  const moments: Moment[] = [];
  for (const person of people) for (const moment of courseOf(seed, person, now)) moments.push(moment);
  moments.sort((a, b) => a.at - b.at || a.person - b.person || a.n - b.n);
  for (const moment of moments) {
    const person = people[moment.person];
    if (person) yield touchpointOf(seed, person, moment);
  }
}
