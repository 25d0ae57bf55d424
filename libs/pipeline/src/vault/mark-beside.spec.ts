import { expect, it } from '@jest/globals';
import { type Fault, type Faults } from '@tributary/kernel/memory';
import { makeWorld } from '../stages/controls/world.js';
import { MarkBeside } from './mark-beside.js';

/** Each time the vault is marked it is done only when `next` is told what becomes of it. */
const marking = async () => {
  const waits: ((fault: Fault) => void)[] = [];
  const faults: Faults = {
    at: (step) => (step === 'vault.markTo' ? new Promise<Fault>((resolve) => waits.push(resolve)) : 'none'),
  };
  const world = await makeWorld(1);
  return { beside: new MarkBeside(world.context(faults)), waits };
};

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

it('a vault is marked at once, then no oftener than each second, and for the last time at the end', async () => {
  const { beside, waits } = await marking();
  for (let i = 0; i < 3; i++) beside.moved();
  await soon();
  expect(waits).toHaveLength(1);
  waits[0]?.('none');
  await soon();
  beside.moved();
  await soon();
  expect(waits).toHaveLength(1);
  const ended = beside.end();
  await soon();
  expect(waits).toHaveLength(2);
  waits[1]?.('none');
  await ended;
});

it('a mark that fails is missed, and the end waits for what is under way', async () => {
  const { beside, waits } = await marking();
  beside.moved();
  await soon();
  let isOver = false;
  const ended = beside.end().then(() => (isOver = true));
  await soon();
  expect(isOver).toBe(false);
  waits[0]?.('before');
  await ended;
  expect(waits).toHaveLength(1);
});
