import { describe, expect, it } from '@jest/globals';
import { sharedTopics } from '@tributary/domain';
import { EngineError, manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { platformStats } from '../platform/platform-stats.js';
import { lagIfKnown } from './lag-if-known.js';
import { SettledItems } from './quarantine/settled-items.js';

const statsOf = async (ask: () => Promise<Readonly<Record<'facts' | 'customers', number>>>, notice?: string) => {
  const store = memoryStore();
  await store.log.ensureTopics(sharedTopics);
  const loader = lagIfKnown(['facts', 'customers'], ask, 20);
  const {
    lag,
    lagUnknown,
    notice: said,
  } = await platformStats({
    store,
    settled: new SettledItems(store.log),
    channels: () => [],
    titleOf: () => undefined,
    lagBeyond: async () => ({ projector: 3, ...(await loader()) }),
    clock: manualClock(9),
    startedAt: '',
    ...(notice === undefined ? {} : { notice: () => notice }),
  })();
  return { lag, lagUnknown, notice: said };
};

const unknown = {
  lag: { pipeline: 0, timers: 0, projector: 3 },
  lagUnknown: ['facts', 'customers'],
  notice:
    'Not known: what waits for facts, customers; an engine is away or not ready.  尚不知还有多少在等待：有引擎不在或未就绪。',
};

describe('what waits before an engine', () => {
  it('is told while the engine answers', async () => {
    expect(await statsOf(async () => ({ facts: 12, customers: 0 }))).toEqual({
      lag: { pipeline: 0, timers: 0, projector: 3, facts: 12, customers: 0 },
      lagUnknown: undefined,
      notice: undefined,
    });
  });

  it('is not known while it is away or has no tables yet, and all else is told', async () => {
    for (const failure of ['retriable', 'fatal'] as const) {
      const ask = () => Promise.reject(new EngineError('clickhouse', failure, 'away'));
      expect(await statsOf(ask)).toEqual(unknown);
    }
  });

  it('is not known while it is silent: whoever asks does not wait for its connection to break', async () => {
    expect(await statsOf(() => new Promise(() => undefined))).toEqual(unknown);
  });

  it('is said beside what else is to be said', async () => {
    const { notice } = await statsOf(
      () => Promise.reject(new EngineError('clickhouse', 'retriable', 'away')),
      'Samples.',
    );
    expect(notice).toBe(`Samples. ${unknown.notice}`);
  });

  it('is our bug where we have one', async () => {
    await expect(statsOf(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});
