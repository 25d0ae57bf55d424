import { describe, expect, it } from '@jest/globals';
import { type SubjectId } from '@tributary/kernel';
import { Regions } from './regions.js';

const [a, b, c, d, e] = ['s_a', 's_b', 's_c', 's_d', 's_e'] as SubjectId[] as [
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
];

describe('what is reached from many places', () => {
  it('is news once', () => {
    const regions = new Regions(10);
    expect([regions.begin(a), regions.begin(a), regions.begin(b)]).toEqual([true, false, true]);
    expect([regions.reach(c, a), regions.reach(c, b), regions.reach(c, a)]).toEqual([true, false, false]);
    expect(regions.begin(c)).toBe(false);
  });

  it('is counted together from where it meets, without where it began', () => {
    const regions = new Regions(2);
    regions.begin(a);
    regions.begin(b);
    regions.reach(c, a);
    regions.reach(d, b);
    regions.reach(e, b);
    expect([a, b, c, d, e].map((id) => regions.isTooLarge(id))).toEqual([false, false, false, false, false]);
    regions.meet(c, b);
    expect([a, b, c, d, e].map((id) => regions.isTooLarge(id))).toEqual([true, true, true, true, true]);
  });

  it('is not too large where nobody was reached', () => {
    expect(new Regions(0).isTooLarge(a)).toBe(false);
  });
});
