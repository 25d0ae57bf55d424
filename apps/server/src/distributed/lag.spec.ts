import { describe, expect, it } from '@jest/globals';
import { sharedTopics } from '@tributary/domain';
import { manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { PROJECTOR_GROUP } from '@tributary/pipeline';
import { SettledItems } from '../ops/quarantine/settled-items.js';
import { platformStats } from '../platform/platform-stats.js';

const lagOf = async (commandGroup?: string) => {
  const store = memoryStore();
  await store.log.ensureTopics(sharedTopics);
  await store.documents.put([{ kind: 'customer', key: 'c', version: 1, body: '{}', due_ms: 1 }]);
  const deps = {
    settled: new SettledItems(store.log),
    channels: () => [],
    titleOf: () => undefined,
    lagBeyond: async () => ({ projector: 0 }),
    clock: manualClock(9),
    startedAt: '',
  };
  const stats = platformStats({ store, ...deps, ...(commandGroup === undefined ? {} : { commandGroup }) });
  return (await stats()).lag;
};

describe('what waits', () => {
  it('counts those who are due where one transaction writes down anew when they are', async () => {
    expect(await lagOf()).toEqual({ pipeline: 0, timers: 1, projector: 0 });
  });

  it('leaves them out in stages, where some stay due until there is news: who waits for nothing would wait for ever', async () => {
    expect(await lagOf(PROJECTOR_GROUP)).toEqual({ pipeline: 0, projector: 0 });
  });
});
