import { expect, it } from '@jest/globals';
import { identifierOf, type Named, openDesk } from '../controls/desk.js';
import { groups, merge, unmerge } from '../controls/desk-words.js';

it('ties also who would be kept out by somebody whom one of those that it ties brings along', async () => {
  const desk = await openDesk();
  const names: Record<'A' | 'B' | 'U' | 'V' | 'D', Named[number]> = {
    A: ['member_no', 'MA'],
    B: ['member_no', 'MB'],
    U: ['user_id', 'u-a'],
    V: ['user_id', 'u-b'],
    D: ['device', 'D'],
  };
  const { A, B, U, V, D } = names;
  await desk.call(10, [A, U]);
  await desk.call(11, [A, V]);
  await desk.call(12, [B, V, D]);
  await unmerge(desk, await desk.holder(...B), identifierOf(...D).subject);
  await desk.call(13, [U, D]);
  await unmerge(desk, await desk.holder(...U), identifierOf(...A).subject);
  expect(await groups(desk, names)).toEqual(['AV', 'B', 'DU']);
  // V has no place beside U by evidence, and tied to it would bring B, from whom the device was parted.
  await merge(desk, U, A);
  expect(await groups(desk, names)).toEqual(['ADUV', 'B']);
  await unmerge(desk, await desk.holder(...U), identifierOf(...A).subject);
  expect(await groups(desk, names)).toEqual(['AV', 'B', 'DU']);
  expect(await desk.isAsRebuilt()).toBe(true);
});
