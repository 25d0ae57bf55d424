import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryStore } from '@tributary/kernel/memory';
import { Interrupted, interruptible, PipelineTurns } from './pipeline-turns.js';

const unexpected = async (error: unknown): Promise<void> => {
  throw error;
};

it('an examination waits for the change before it', async () => {
  const turns = new PipelineTurns(unexpected);
  let pipeline = 'old';
  turns.change(async () => {
    await sleep(10);
    pipeline = 'new';
  });
  expect(await turns.examine(async () => pipeline)).toBe('new');
});

it('a change interrupts the examination, and comes when that has ended', async () => {
  const turns = new PipelineTurns(unexpected);
  const { documents } = memoryStore();
  const order: string[] = [];
  const examined = turns.examine(async (signal) => {
    try {
      for (;;) {
        await interruptible(documents, signal).count('customer');
        await sleep(1);
      }
    } finally {
      await sleep(10);
      order.push('examined');
    }
  });
  await sleep(5);
  turns.change(async () => void order.push('changed'));
  await expect(examined).rejects.toThrow(Interrupted);
  await turns.examine(async () => undefined);
  expect(order).toEqual(['examined', 'changed']);
});

it('one that has not begun when the change comes does not begin', async () => {
  const turns = new PipelineTurns(unexpected);
  let began = false;
  const examined = turns.examine(async () => void (began = true));
  turns.change(async () => undefined);
  await expect(examined).rejects.toThrow(Interrupted);
  expect(began).toBe(false);
});
