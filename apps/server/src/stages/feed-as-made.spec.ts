import { describe, expect, it } from '@jest/globals';
import { FEED_TOPIC } from '@tributary/domain';
import { memoryStore } from '@tributary/kernel/memory';
import { feedAsMade } from './feed-as-made.js';

const at = { topic: FEED_TOPIC, partition: 0 };

const begun = async () => {
  const store = memoryStore();
  await store.log.ensureTopics([{ name: FEED_TOPIC, partitions: 1 }]);
  const value = (sequence: number) => new TextEncoder().encode(JSON.stringify({ sequence }));
  const records = [1, 2, 3].map((sequence) => ({ key: null, value: value(sequence), timestamp_ms: 0 }));
  await store.log.append([{ topic: FEED_TOPIC, records }]);
  const madeTo = (position: number): Promise<void> =>
    store.documents.put([
      { kind: 'checkpoint', key: 'projection', version: 0, body: JSON.stringify({ epoch: 'e', rebuildTo: -1 }) },
      {
        kind: 'checkpoint',
        key: 'projection/e',
        version: position,
        body: JSON.stringify({ position, ahead: [] }),
      },
    ]);
  return { feed: feedAsMade(store.log, store.documents), madeTo };
};

describe('the feed for who renders documents', () => {
  it('ends where documents are made', async () => {
    const { feed, madeTo } = await begun();
    await madeTo(2);
    expect((await feed.read(at, 0, 10)).map(({ offset }) => offset)).toEqual([0, 1]);
  });

  it('waits for what is just being made, and not for long', async () => {
    const { feed, madeTo } = await begun();
    await madeTo(1);
    const reading = feed.read(at, 1, 10);
    setTimeout(() => void madeTo(3), 50);
    expect((await reading).map(({ offset }) => offset)).toEqual([1, 2]);
    const { feed: stuck } = await begun();
    const began = performance.now();
    expect(await stuck.read(at, 0, 10)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
