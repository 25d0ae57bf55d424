import { expect, it } from '@jest/globals';
import { FrameMemory } from './frame-memory.js';

it('gives memory out again only when it was given back, and lets go of what nobody needs any more', () => {
  const memory = new FrameMemory();
  const [a, b] = [memory.take(1_000), memory.take(2_000)];
  expect(b).not.toBe(a);
  memory.giveBack(a);
  memory.giveBack(b);
  // Too small for it: the next best is taken, and not given twice.
  expect(memory.take(1_500)).toBe(b);
  expect(memory.take(500)).toBe(a);
  expect([a, b]).not.toContain(memory.take(500));
  memory.giveBack(b);
  memory.isIdle(1_000);
  expect(memory.take(100)).toBe(b);
  memory.giveBack(b);
  memory.isIdle(10);
  expect(memory.take(100)).not.toBe(b);
});
