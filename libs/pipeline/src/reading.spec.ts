import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { noEffects } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { KeepingUp, nothingWaits, waitingFor } from './reading.js';

const at = { topic: 't', partition: 0 };
const A_LOOK_MS = 1_010;

// Nothing is waited for here; how long ago a look was is not for a busy machine to say.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());

const world = async () => {
  const { log, sink } = memoryStore();
  await log.ensureTopics([{ name: 't', partitions: 2 }]);
  const send = (n: number) =>
    log.append([
      {
        topic: 't',
        records: Array.from({ length: n }, () => ({ key: 'k', value: new Uint8Array(1), timestamp_ms: 0 })),
      },
    ]);
  const partition = async () => (await log.partitions('t')).find(({ end }) => end > 0)?.partition ?? 0;
  const read = async (next: number) =>
    sink.commit({
      ...noEffects,
      offsets: [{ group: 'g', ...at, partition: await partition(), next }],
    });
  return { log, send, read };
};

describe('what a group has read', () => {
  it('is all, or so and so many are missing', async () => {
    const { log, send, read } = await world();
    expect(await nothingWaits(log, 'g', ['t'])).toBe(true);
    await send(5);
    expect([await nothingWaits(log, 'g', ['t']), await waitingFor(log, 'g', ['t'])]).toEqual([false, 5]);
    await read(3);
    expect(await waitingFor(log, 'g', ['t'])).toBe(2);
    await read(5);
    expect(await nothingWaits(log, 'g', ['t'])).toBe(true);
  });

  it('keeps up while it has read what was there a look ago, however much comes', async () => {
    const { log, send, read } = await world();
    const reading = new KeepingUp(log, 'g', ['t']);
    expect(await reading.look()).toBe(true);
    await send(5);
    expect(await reading.look()).toBe(false);
    await read(5);
    await send(1);
    expect(await reading.look()).toBe(true);
    // What has come since is the next to be read.
    expect(await reading.look()).toBe(false);
  });

  it('keeps up also when it is late by more than the time between two looks', async () => {
    const { log, send, read } = await world();
    const reading = new KeepingUp(log, 'g', ['t']);
    await send(5);
    expect(await reading.look()).toBe(false);
    await send(5);
    jest.advanceTimersByTime(A_LOOK_MS);
    expect(await reading.look()).toBe(false);
    await send(5);
    await read(5);
    jest.advanceTimersByTime(A_LOOK_MS);
    expect(await reading.look()).toBe(true);
  });

  it('does not keep up with what was there a look ago, or looks too seldom to say', async () => {
    const { log, send, read } = await world();
    const reading = new KeepingUp(log, 'g', ['t']);
    await send(5);
    expect(await reading.look()).toBe(false);
    await read(4);
    jest.advanceTimersByTime(A_LOOK_MS);
    expect(await reading.look()).toBe(false);
    await read(5);
    await send(100);
    jest.advanceTimersByTime(3 * A_LOOK_MS);
    expect(await reading.look()).toBe(false);
  });
});
