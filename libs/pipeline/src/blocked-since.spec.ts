import { describe, expect, it } from '@jest/globals';
import { openDesk } from './controls/desk.js';

const phones = ['13912345001', '13912345002', '13912345003', '13912345004'];

/** Four strangers whose till writes one member number for all. */
const pooled = async () => {
  const desk = await openDesk();
  for (const [i, phone] of phones.entries()) {
    await desk.call(i, [['phone', phone]]);
    await desk.call(4 + i, [
      ['member_no', 'TILL-7'],
      ['phone', phone],
    ]);
  }
  return desk;
};

describe('an identifier that is blocked once it has tied strangers together', () => {
  it('lets them go as soon as one of them is heard of', async () => {
    const desk = await pooled();
    expect(await desk.customers()).toHaveLength(1);
    await desk.block('member_no', 'TILL-7');
    await desk.call(10, [
      ['phone', phones[1] as string],
      ['email', 'wang@example.org'],
    ]);
    const holders = await Promise.all(phones.map((phone) => desk.holder('phone', phone)));
    expect(new Set([...holders, await desk.holder('member_no', 'TILL-7')]).size).toBe(5);
    expect(await desk.holder('email', 'wang@example.org')).toBe(holders[1]);
    expect(await desk.counted()).toBe(9);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('lets go whom they hold together among themselves, too', async () => {
    const desk = await pooled();
    await desk.call(9, [
      ['phone', phones[2] as string],
      ['email', 'li@example.org'],
    ]);
    await desk.block('member_no', 'TILL-7');
    await desk.call(10, [
      ['phone', phones[3] as string],
      ['device', 'd-1'],
    ]);
    expect(await desk.holder('email', 'li@example.org')).toBe(await desk.holder('phone', phones[2] as string));
    expect(await desk.customers()).toHaveLength(5);
    expect(await desk.counted()).toBe(10);
    expect(await desk.isAsRebuilt()).toBe(true);
  });
});
