import { afterEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterWork } from './after-work.js';

const LOOK_MS = 200;
let rests = 0;
let end: () => void = () => {};
const begin = (isDone = () => true): void => {
  rests = 0;
  end = afterWork(() => void rests++, { look_ms: LOOK_MS, worth_ms: LOOK_MS / 2, isDone });
};
afterEach(() => end());

/** Of this thread, so long at once. */
const work = (ms: number): void => {
  for (const late_ms = performance.now() + ms; performance.now() < late_ms;);
};

it('rests once after each time of work, and not for as long as it lasts', async () => {
  begin();
  for (let i = 0; i < 4; i++) {
    work(LOOK_MS);
    await sleep(1);
    expect(rests).toBe(0);
  }
  for (const times of [1, 2]) {
    while (rests < times) await sleep(LOOK_MS);
    await sleep(LOOK_MS * 4);
    expect(rests).toBe(times);
    work(LOOK_MS);
  }
});

it('takes no rest where there was no work', async () => {
  begin();
  await sleep(LOOK_MS * 4);
  expect(rests).toBe(0);
});

it('does not rest where it only waits for others, but once they are done', async () => {
  let isDone = false;
  begin(() => isDone);
  work(LOOK_MS);
  await sleep(LOOK_MS * 4);
  expect(rests).toBe(0);
  isDone = true;
  while (rests === 0) await sleep(LOOK_MS);
});
