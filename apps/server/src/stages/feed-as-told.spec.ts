import { describe, expect, it } from '@jest/globals';
import { FEED_TOPIC } from '@tributary/domain';
import { memoryStore } from '@tributary/kernel/memory';
import { readFeed } from '@tributary/query';
import { feedAsTold } from './feed-as-told.js';

const at = { topic: FEED_TOPIC, partition: 0 };

const begun = async () => {
  const store = memoryStore();
  await store.log.ensureTopics([{ name: FEED_TOPIC, partitions: 1 }]);
  const value = (sequence: number) => new TextEncoder().encode(JSON.stringify({ sequence }));
  const told = (...sequences: readonly number[]) =>
    store.log.append([
      {
        topic: FEED_TOPIC,
        records: sequences.map((sequence) => ({ key: null, value: value(sequence), timestamp_ms: 0 })),
      },
    ]);
  await told(1, 2, 2, 5, 7);
  /** `ahead`: of a page that is being made. */
  const made = (position: number, page: { before: number; ahead: readonly string[] } | null = null): Promise<void> =>
    store.documents.replace([
      { kind: 'checkpoint', key: 'projection', version: 0, body: JSON.stringify({ epoch: 'e', rebuildTo: -1 }) },
      {
        kind: 'checkpoint',
        key: 'projection/e',
        version: position,
        body: JSON.stringify({ position, ahead: [], ...page }),
      },
      { kind: 'checkpoint', key: 'a', version: 0, body: page && page.ahead.length > 0 ? '[]' : null },
    ]);
  const feed = feedAsTold(store.log, store.documents);
  const end = async () => (await feed.partitions(FEED_TOPIC))[0]?.end;
  return { feed, told, made, end };
};

describe('the feed for subscribers, where it is written before the documents', () => {
  it('ends where the profiles are, for who reads it and for who asks for its end', async () => {
    const { feed, made, end, told } = await begun();
    expect(await feed.read(at, 0, 10)).toEqual([]);
    expect(await end()).toBe(0);
    for (const [position, count] of [
      [1, 1],
      [2, 3],
      [4, 3],
      [6, 4],
      [7, 5],
      [9, 5],
    ] as const) {
      await made(position);
      expect(await feed.read(at, 0, 10)).toHaveLength(count);
      expect(await end()).toBe(count);
    }
    await told(8, 12);
    expect(await end()).toBe(6);
  });

  it('goes on from where the page began while one is being made', async () => {
    const { feed, made, end } = await begun();
    await made(7, { before: 2, ahead: ['a'] });
    expect(await end()).toBe(3);
    expect(await feed.read(at, 0, 10)).toHaveLength(3);
    await made(7, { before: 2, ahead: [] });
    expect(await end()).toBe(5);
  });

  it('gives pages that end there, without waiting', async () => {
    const { feed, made } = await begun();
    await made(2);
    const page = await readFeed({ log: feed, limit: 10 });
    expect(page).toMatchObject({ next: '0:2', atEnd: true });
    expect(page.events).toHaveLength(3);
  });
});
