import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';
import { whileOurs } from './while-ours.js';

const until = async (said: () => boolean): Promise<void> => {
  for (let i = 0; !said(); i++) {
    if (i > 400) throw new Error('it did not come');
    await sleep(5);
  }
};

const given = (fails: readonly Error[] = []) => {
  let number: number | null = null;
  const told: string[] = [];
  const left = [...fails];
  const asks: (() => boolean)[] = [];
  const working = whileOurs({
    turn: { current: () => number, done: new Promise<never>(() => undefined) },
    begin: async (isOurs) => {
      asks.push(isOurs);
      const failure = left.shift();
      if (failure) throw failure;
      const name = asks.length;
      told.push(`${name} begins`);
      return { name, stop: async () => void told.push(`${name} stops`) };
    },
    onRetry: (message) => told.push(message),
    look_ms: 1,
  });
  return { working, told, asks, turnIs: (is: number | null) => (number = is) };
};

test('waits for its turn, works while it lasts, and begins anew when it comes back', async () => {
  const { working, told, asks, turnIs } = given();
  await sleep(20);
  expect([told, working.current()]).toEqual([[], null]);
  turnIs(1);
  await until(() => working.current()?.name === 1);
  turnIs(null);
  await until(() => told.length === 2);
  expect(working.current()).toBeNull();
  turnIs(2);
  await until(() => working.current()?.name === 2);
  // Lost and come back between two looks: others may have been at work.
  turnIs(3);
  await until(() => working.current()?.name === 3);
  expect(told).toEqual(['1 begins', '1 stops', '2 begins', '2 stops', '3 begins']);
  expect(asks.map((isOurs) => isOurs())).toEqual([false, false, true]);
  await working.stop();
  expect(told.at(-1)).toBe('3 stops');
});

test('what may pass is tried again, a bug ends it', async () => {
  const passing = new EngineError('clickhouse', 'retriable', 'it is away');
  const { working, told, turnIs } = given([passing, new Error('a bug')]);
  turnIs(1);
  await expect(working.done).rejects.toThrow('a bug');
  expect(told).toEqual(['clickhouse: it is away']);
  await working.stop();
});
