import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepRunning, type Stage } from './keep-running.js';

// The pause between two stages is waited for; how long one has run is not.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick'] }));
afterEach(() => void jest.useRealTimers());

const AWAY = new EngineError('log', 'retriable', 'the log is away');

/** Stages that a spec ends when it likes. */
const stages = () => {
  const fail: ((error: unknown) => void)[] = [];
  const begin = (): Stage => {
    let end!: () => void;
    const done = new Promise<void>((resolve, reject) => {
      end = resolve;
      fail.push(reject);
    });
    return { start: () => ({ done }), stop: async () => end() };
  };
  return { begin, begun: () => fail.length, fail: (error: unknown) => fail.at(-1)?.(error) };
};

const until = async (holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 10_000) throw new Error('waited in vain');
    await sleep(5);
  }
};

describe('a stage that is kept running', () => {
  it('begins anew after a failure that may pass, and tells of it at once, until it has run for a while', async () => {
    const { begin, begun, fail } = stages();
    const told: string[] = [];
    const kept = keepRunning(begin, (reason) => told.push(reason));
    jest.advanceTimersByTime(60_000);
    fail(AWAY);
    await until(() => told.length > 0);
    expect([kept.trouble(), begun(), told]).toEqual([AWAY.message, 1, [AWAY.message]]);
    await until(() => begun() === 2);
    jest.advanceTimersByTime(14_000);
    expect(kept.trouble()).toBe(AWAY.message);
    jest.advanceTimersByTime(2_000);
    expect(kept.trouble()).toBeNull();
    await kept.stop();
  });

  it('works as soon as it made progress', async () => {
    const { begin, fail } = stages();
    const kept = keepRunning(begin, () => undefined);
    fail(AWAY);
    await until(() => kept.trouble() !== null);
    kept.progressed();
    expect(kept.trouble()).toBeNull();
    await kept.stop();
  });

  it('ends with what does not pass', async () => {
    const { begin, begun, fail } = stages();
    const kept = keepRunning(begin, () => undefined);
    fail(new TypeError('a bug'));
    await expect(kept.done).rejects.toThrow('a bug');
    expect(begun()).toBe(1);
  });

  it('ends where nothing helped for long, counted from the first failure after it worked', async () => {
    const { begin, begun, fail } = stages();
    const kept = keepRunning(begin, () => undefined, 5_000);
    jest.advanceTimersByTime(60_000);
    fail(AWAY);
    await until(() => begun() === 2);
    jest.advanceTimersByTime(4_000);
    fail(AWAY);
    await until(() => begun() === 3);
    jest.advanceTimersByTime(2_000);
    fail(AWAY);
    await expect(kept.done).rejects.toBe(AWAY);
  });

  it('goes on with a new one at once when told to', async () => {
    const { begin, begun } = stages();
    const kept = keepRunning(begin, () => undefined);
    await kept.renew();
    await until(() => begun() === 2);
    expect(kept.trouble()).toBeNull();
    await kept.stop();
    await kept.done;
  });
});
