import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { patiently } from './patiently.js';

const away = new EngineError('test', 'retriable', 'away');

it('tells once that a try failed, and why', async () => {
  const told: string[] = [];
  let tries = 0;
  const work = async (): Promise<number> => {
    if (++tries < 3) throw away;
    return tries;
  };
  expect(await patiently(work, { onWait: (reason) => told.push(reason) })).toBe(3);
  expect(told).toEqual([away.message]);
});

it('tells that nothing has come for a while, before the first try is over', async () => {
  const told: string[] = [];
  let tries = 0;
  const work = async (): Promise<string> => {
    await delay(100);
    if (++tries === 1) throw away;
    return 'there';
  };
  const options = { silent_ms: 50, onWait: (reason: string) => void told.push(reason) };
  expect(await patiently(work, options)).toBe('there');
  expect(told).toEqual(['no answer within 0.05 s', away.message]);
});

it('tells nothing of an engine that is there, and lets go what cannot pass', async () => {
  const told: string[] = [];
  const options = { silent_ms: 20, onWait: (reason: string) => void told.push(reason) };
  expect(await patiently(async () => 1, options)).toBe(1);
  await expect(patiently(() => Promise.reject(new EngineError('test', 'fatal', 'never')), options)).rejects.toThrow(
    'never',
  );
  await delay(40);
  expect(told).toEqual([]);
});
