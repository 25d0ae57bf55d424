import { describe, expect, it } from '@jest/globals';
import { DAY_MS, manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { COMMAND_TOPIC } from '@tributary/pipeline';
import { SettledItems } from '../ops/quarantine/settled-items.js';
import { platformStats } from './platform-stats.js';

const NOW = Date.UTC(2026, 0, 1);

describe('what the platform says of itself', () => {
  const told = async (leap_ms: number | null, due_ms: number) => {
    const store = memoryStore();
    await store.log.ensureTopics([COMMAND_TOPIC, 'quarantine-settled'].map((name) => ({ name, partitions: 1 })));
    await store.documents.put([{ kind: 'customer', key: 'c', version: 0, body: '{}', due_ms }]);
    const stats = platformStats({
      store,
      settled: new SettledItems(store.log),
      channels: () => [],
      titleOf: () => undefined,
      lagBeyond: async () => ({}),
      clock: manualClock(NOW),
      startedAt: '',
      leap_ms: () => leap_ms,
    });
    const { lag, notice } = await stats();
    return { timers: lag['timers'], notice };
  };

  it('counts who is due, and says nothing of a clock that is believed', async () => {
    expect(await told(null, NOW - 1)).toEqual({ timers: 1, notice: undefined });
  });

  it('of a clock that has leapt says by how much, and does not wait for who is due by it alone', async () => {
    const ahead = await told(365 * DAY_MS, NOW - 1);
    expect(ahead.timers).toBe(0);
    expect(ahead.notice).toContain('leapt by 365 days');
    expect(ahead.notice).toContain('时钟跳变了 365 天');
    expect((await told(365 * DAY_MS, NOW - 365 * DAY_MS)).timers).toBe(1);
    expect((await told(-365 * DAY_MS, NOW - 1)).timers).toBe(1);
  });
});
