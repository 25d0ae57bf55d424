import { describe, expect, it } from '@jest/globals';
import { type CustomerId } from '@tributary/kernel';
import { Awaited } from './awaited.js';

const [one, other, third] = ['c_1' as CustomerId, 'c_2' as CustomerId, 'c_3' as CustomerId];

describe('what is on its way', () => {
  it('is waited for up to the revision that it has, with the facts that came meanwhile', () => {
    const awaited = new Awaited();
    awaited.begin(one, 4, false);
    awaited.because(one)?.push('a fact');
    expect(awaited.arrived(one, 3)).toEqual([]);
    expect(awaited.has(one)).toBe(true);
    expect(awaited.arrived(one, 4)).toEqual([[one, ['a fact']]]);
    expect(awaited.has(one)).toBe(false);
  });

  it('of one customer is waited for up to the last of it, and keeps the facts', () => {
    const awaited = new Awaited();
    awaited.begin(one, 1, true);
    awaited.because(one)?.push('a fact');
    awaited.begin(one, 2, false);
    expect(awaited.changesMembersOf(one)).toBe(true);
    expect(awaited.arrived(one, 1)).toEqual([]);
    expect(awaited.arrived(one, 2)).toEqual([[one, ['a fact']]]);
  });

  it('frees those whom it concerns, too, and of several that concern one all must have come', () => {
    const awaited = new Awaited();
    for (const id of [one, other]) awaited.begin(id, 0, true);
    awaited.concerns(one, [third]);
    awaited.concerns(other, [third]);
    expect(awaited.arrived(one, 0).map(([id]) => id)).toEqual([one]);
    expect(awaited.waitsForOthers(third)).toBe(true);
    expect(awaited.arrived(other, 0).map(([id]) => id)).toEqual([other, third]);
  });
});
