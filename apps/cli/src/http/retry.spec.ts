import { describe, expect, it } from '@jest/globals';
import { type Answer } from './exchange.js';
import { patiently } from './retry.js';

const answer = (status: number, retryAfter?: string): Answer => ({
  status,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  text: '',
});
const broken = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' });

const scripted = (steps: readonly (Answer | Error)[]) => {
  let calls = 0;
  return {
    send: async () => {
      const step = steps[Math.min(calls++, steps.length - 1)] as Answer | Error;
      if (step instanceof Error) throw step;
      return step;
    },
    calls: () => calls,
  };
};

describe('patiently', () => {
  it('waits as long as Retry-After says, then sends again', async () => {
    const waits: number[] = [];
    const { send, calls } = scripted([answer(429, '0'), answer(503, '0'), answer(200)]);
    expect((await patiently(send, { total_ms: 1_000, onWait: (ms) => waits.push(ms) })).status).toBe(200);
    expect(waits).toEqual([0, 0]);
    expect(calls()).toBe(3);
  });

  it('sends again where the connection broke', async () => {
    const { send } = scripted([broken(), answer(200)]);
    expect((await patiently(send, { total_ms: 1_000 })).status).toBe(200);
  });

  it('takes the last answer, or error, when its patience is at an end', async () => {
    expect((await patiently(scripted([answer(503, '30')]).send, { total_ms: 1_000 })).status).toBe(503);
    await expect(patiently(scripted([broken()]).send, { total_ms: 100 })).rejects.toThrow('reset');
  });

  it('understands a date in Retry-After', async () => {
    const waits: number[] = [];
    const now = Date.parse('2026-01-01T00:00:00Z');
    const { send } = scripted([answer(503, 'Thu, 01 Jan 2026 00:00:05 GMT')]);
    await patiently(send, { total_ms: 4_000, now: () => now, onWait: (ms) => waits.push(ms) });
    expect(waits).toEqual([]);
    const controller = new AbortController();
    const going = patiently(send, {
      total_ms: 6_000,
      now: () => now,
      signal: controller.signal,
      onWait: (ms) => (waits.push(ms), controller.abort()),
    });
    await expect(going).rejects.toThrow('aborted');
    expect(waits).toEqual([5_000]);
  });

  it('repeats nothing that was refused or failed otherwise', async () => {
    const { send, calls } = scripted([answer(400)]);
    expect((await patiently(send, { total_ms: 1_000 })).status).toBe(400);
    expect(calls()).toBe(1);
    await expect(patiently(scripted([new TypeError('ours')]).send, { total_ms: 1_000 })).rejects.toThrow('ours');
  });
});
