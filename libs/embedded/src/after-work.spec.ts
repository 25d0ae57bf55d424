import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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

describe('a thread as busy as it is told to be', () => {
  // What a thread really does is not a spec's to say: one that the machine holds up amid nothing counts as active.
  let [idle, active] = [0, 0];
  beforeEach(() => {
    [idle, active] = [0, 0];
    jest.useFakeTimers({ doNotFake: ['performance'] });
    jest.spyOn(performance, 'eventLoopUtilization').mockImplementation((now, before) => {
      const since = {
        idle: (now?.idle ?? idle) - (before?.idle ?? 0),
        active: (now?.active ?? active) - (before?.active ?? 0),
      };
      return { ...since, utilization: since.active / (since.idle + since.active || 1) };
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** For so many looks, with so much of each in which the thread does something. */
  const pass = async (looks: number, share: number): Promise<void> => {
    for (let i = 0; i < looks; i++) {
      active += LOOK_MS * share;
      idle += LOOK_MS * (1 - share);
      await jest.advanceTimersByTimeAsync(LOOK_MS);
    }
  };

  it('rests once after each time of work, and not for as long as it lasts', async () => {
    begin();
    for (const times of [1, 2]) {
      await pass(4, 1);
      expect(rests).toBe(times - 1);
      await pass(5, 0);
      expect(rests).toBe(times);
    }
  });

  it('takes no rest where there was no work, or only a little all the time', async () => {
    begin();
    await pass(5, 0);
    await pass(50, 0.15);
    await pass(5, 0);
    expect(rests).toBe(0);
  });

  it('does not rest where it only waits for others, but once they are done', async () => {
    let isDone = false;
    begin(() => isDone);
    await pass(1, 1);
    await pass(4, 0);
    expect(rests).toBe(0);
    isDone = true;
    await pass(1, 0);
    expect(rests).toBe(1);
  });
});

it('rests after what this thread has really done', async () => {
  begin();
  for (const late_ms = performance.now() + 2 * LOOK_MS; performance.now() < late_ms;);
  while (rests === 0) await sleep(LOOK_MS);
});
