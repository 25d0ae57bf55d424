import { expect, it } from '@jest/globals';
import { identifierOf, type Named, openDesk } from '../controls/desk.js';
import { groups, merge, unmerge } from '../controls/desk-words.js';

it.each(['before', 'after'] as const)(
  'leaves to evidence, of whom a merge had to tie beside the two, whoever is found to be of the other of them, %s it is taken back',
  async (when) => {
    const desk = await openDesk();
    const names: Record<'U' | 'V' | 'D' | 'M' | 'N', Named[number]> = {
      U: ['user_id', 'u-a'],
      V: ['user_id', 'u-b'],
      D: ['device', 'D'],
      M: ['member_no', 'MA'],
      N: ['member_no', 'MB'],
    };
    const { U, V, D, M, N } = names;
    await desk.call(10, [U]);
    await desk.call(11, [U, D]);
    await desk.call(12, [V, D]);
    await unmerge(desk, await desk.holder(...U), identifierOf(...D).subject);
    await desk.call(20, [M, V]);
    await desk.call(21, [M, U]);
    expect(await groups(desk, names)).toEqual(['DMV', 'U']);
    // What tied the device to U counts again, and leaves V no place by evidence: the merge has to tie V's card, too.
    await merge(desk, U, V);
    expect(await groups(desk, names)).toEqual(['DMUV']);
    // The card was named with both; V had another before, so it is U's.
    const found = (): Promise<void> => desk.call(15, [N, V]);
    if (when === 'before') await found();
    await unmerge(desk, await desk.holder(...U), identifierOf(...D).subject);
    if (when === 'after') await found();
    expect(await groups(desk, names)).toEqual(['DNV', 'MU']);
    expect(await desk.isAsRebuilt()).toBe(true);
  },
);
