import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { seldom } from './seldom.js';

it('tells a reason at once, and when it comes again and again, seldom and with how often', async () => {
  const told: [string, number][] = [];
  const tell = seldom((reason, times) => told.push([reason, times]), 1_000);
  for (let i = 0; i < 5; i++) tell('no space left');
  tell('away');
  tell('no space left');
  expect(told).toEqual([
    ['no space left', 1],
    ['away', 1],
  ]);
  await sleep(1_100);
  tell('no space left');
  tell('no space left');
  expect(told.slice(2)).toEqual([['no space left', 6]]);
});

it('remembers a bounded number of reasons', () => {
  let told = 0;
  const tell = seldom(() => (told += 1));
  for (let i = 0; i < 1_000; i++) tell(`no connection to 127.0.0.1:${i}`);
  tell('no connection to 127.0.0.1:999');
  expect(told).toBe(1_000);
});
