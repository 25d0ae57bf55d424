import { expect, test } from '@jest/globals';
import { type StoredRecord } from '@tributary/kernel';
import { erasuresBefore, erasuresIn } from './erasures-in-feed.js';

const told = (offset: number, type: string, data: object): StoredRecord => ({
  offset,
  key: null,
  timestamp_ms: 0,
  value: Buffer.from(JSON.stringify({ type, sequence: 10 + offset, data })),
});
const erased = (offset: number, subject: string, ...members: string[]): StoredRecord =>
  told(offset, 'tributary.customer.erased.v1', { subject, members });

const feed = [
  erased(0, 's_a', 's_b'),
  told(1, 'tributary.customer.linked.v1', { subjects: ['s_c'], added: ['s_c'], absorbed: [] }),
  told(2, 'tributary.course.revised.v1', { transitions: ['tributary.customer.erased.v1'] }),
  erased(3, 's_b'),
];

test('of each subject the last erasure counts; a message that only names the type is none', () => {
  expect([...erasuresIn(feed)]).toEqual([
    ['s_a', 10],
    ['s_b', 13],
  ]);
});

test('the feed is read no further than it is asked for', async () => {
  const log = { read: async (_at: unknown, from: number, most: number) => feed.slice(from, from + most) };
  expect([...(await erasuresBefore(3, log))]).toEqual([
    ['s_a', 10],
    ['s_b', 10],
  ]);
});
