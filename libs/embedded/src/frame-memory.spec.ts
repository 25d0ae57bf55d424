import { expect, it } from '@jest/globals';
import { manualClock } from '@tributary/kernel';
import { FrameMemory } from './frame-memory.js';

const MB = 2 ** 20;

it('gives memory out again only when it was given back, also where a little more is wanted', () => {
  const memory = new FrameMemory();
  const [a, b] = [memory.take(10 * MB, 12 * MB), memory.take(30 * MB, 36 * MB)];
  expect([a.byteLength, b.byteLength]).toEqual([16 * MB, 48 * MB]);
  memory.giveBack(a);
  memory.giveBack(b);
  expect(memory.take(40 * MB, 48 * MB)).toBe(b);
  expect(memory.take(15 * MB, 18 * MB)).toBe(a);
  expect([a, b]).not.toContain(memory.take(MB, MB));
});

it('keeps two, and lets go of them when nothing large was wanted for a minute', () => {
  const clock = manualClock(0);
  const memory = new FrameMemory(() => clock.now());
  const three = [1, 2, 3].map(() => memory.take(MB, MB));
  three.forEach((one) => memory.giveBack(one));
  clock.advance(59_999);
  expect(memory.letGoIfUnused()).toBe(false);
  expect([memory.take(MB, MB), memory.take(MB, MB)]).toEqual([three[1], three[2]]);
  three.forEach((one) => memory.giveBack(one));
  clock.advance(60_000);
  expect(memory.letGoIfUnused()).toBe(true);
  expect(three).not.toContain(memory.take(MB, MB));
});
