import { expect, it } from '@jest/globals';
import { mismatchOf } from './topic-fit.js';

const feed = { name: 'profile-events', partitions: 1 };
const touchpoints = { name: 'touchpoints.shop', partitions: 6, retention_ms: 1_000 };
const config = (said: Record<string, string>) => new Map(Object.entries(said));
const ours = config({ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' });
const brokersDefault = config({ 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'retention.bytes': '-1' });

it('takes a topic that is as it would have been made, or of which nothing is told', () => {
  expect(mismatchOf(feed, 1, ours)).toBeNull();
  expect(mismatchOf(feed, 1, new Map())).toBeNull();
  expect(mismatchOf({ ...feed, compacted: true }, 1, config({ 'cleanup.policy': 'compact' }))).toBeNull();
});

it('leaves to whoever made it how many partitions a topic of several has, and how long it is kept', () => {
  expect(mismatchOf(touchpoints, 3, brokersDefault)).toBeNull();
});

it('refuses what nobody would read, or what would be gone', () => {
  expect(mismatchOf(feed, 3, ours)).toContain('3 partitions');
  expect(mismatchOf(feed, 1, brokersDefault)).toContain('set retention.ms=-1');
  expect(mismatchOf(feed, 1, config({ 'retention.bytes': '1000' }))).toContain('set retention.bytes=-1');
  expect(mismatchOf(touchpoints, 6, config({ 'cleanup.policy': 'compact,delete' }))).toContain('cleanup.policy=delete');
});

it('refuses what would take few records, and none of a full batch', () => {
  expect(mismatchOf(touchpoints, 6, config({ 'max.message.bytes': '262144' }))).toContain('max.message.bytes=1048588');
  for (const common of ['1000000', '1000012', '1048588'])
    expect(mismatchOf(touchpoints, 6, config({ 'max.message.bytes': common }))).toBeNull();
});
