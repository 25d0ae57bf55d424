import { expect, it } from '@jest/globals';
import { type TopicSpec } from '@tributary/kernel';
import { type Admin } from 'kafkajs';
import { Topics } from './topics.js';

/** Knows one topic, and forgets it so often when it is asked for its offsets, as kafkajs does. */
const forgetful = (times: number): { readonly admin: Admin; readonly asked: () => number } => {
  let asked = 0;
  const admin = {
    connect: async () => undefined,
    listTopics: async () => ['t'],
    fetchTopicOffsets: async () => {
      asked += 1;
      if (asked <= times) throw new TypeError("Cannot destructure property 'partitions' of 'high.pop(...)'");
      return [{ partition: 0, offset: '7', high: '7', low: '2' }];
    },
  };
  return { admin: admin as unknown as Admin, asked: () => asked };
};

it('asks again for a topic that the client forgot', async () => {
  const { admin } = forgetful(2);
  const topics = new Topics(admin, { prefix: '' });
  expect(await topics.ranges('t')).toEqual([{ topic: 't', partition: 0, begin: 2, end: 7 }]);
});

it('does not ask for ever: who wanted to know hears that Kafka gave no answer, and may ask later', async () => {
  const { admin, asked } = forgetful(Infinity);
  const topics = new Topics(admin, { prefix: '' });
  await expect(topics.ranges('t')).rejects.toMatchObject({ failure: 'retriable' });
  expect(asked()).toBe(5);
});

it('takes no mistake of ours for an outage', async () => {
  const topics = new Topics(forgetful(0).admin, { prefix: '' });
  const none = undefined as unknown as TopicSpec;
  await expect(topics.ensure([none])).rejects.toMatchObject({ failure: 'fatal' });
});

it('reads of partitions that a topic was given later, and writes on to those that it had', async () => {
  const partitions = [0, 1];
  let asked = 0;
  const admin = {
    connect: async () => undefined,
    listTopics: async () => ['t'],
    fetchTopicMetadata: async () => {
      asked += 1;
      return { topics: [{ partitions: partitions.map((partitionId) => ({ partitionId })) }] };
    },
  } as unknown as Admin;
  const topics = new Topics(admin, { prefix: '' });
  expect(await topics.count('t')).toBe(2);
  partitions.push(2);
  expect([await topics.count('t'), await topics.count('t', 1), asked]).toEqual([2, 2, 1]);
  expect(await topics.count('t', 2)).toBe(3);
  expect([await topics.count('t', 2), await topics.count('t'), asked]).toEqual([3, 2, 2]);
  expect([await topics.count('t', 3), asked]).toEqual([3, 3]);
});

it('notices that a topic was changed after it had been made sure of, and asks of none that is gone', async () => {
  const kept: Record<string, Record<string, string>> = {
    t: { 'cleanup.policy': 'delete' },
    u: { 'retention.ms': '-1' },
  };
  const partitions: Record<string, number> = { t: 6, u: 1 };
  const admin = {
    connect: async () => undefined,
    listTopics: async () => Object.keys(kept),
    fetchTopicMetadata: async ({ topics }: { topics: readonly string[] }) => ({
      topics: topics.map((name) => ({ name, partitions: Array.from({ length: partitions[name]! }) })),
    }),
    describeConfigs: async ({ resources }: { resources: readonly { readonly name: string }[] }) => ({
      resources: resources.map(({ name }) => ({
        resourceName: name,
        configEntries: Object.entries(kept[name]!).map(([configName, configValue]) => ({ configName, configValue })),
      })),
    }),
  } as unknown as Admin;
  const topics = new Topics(admin, { prefix: '' });
  await topics.requireStillFit();
  await topics.ensure([
    { name: 't', partitions: 6, retention_ms: 1_000 },
    { name: 'u', partitions: 1 },
  ]);
  await topics.requireStillFit();
  const refusal = async (): Promise<unknown> => topics.requireStillFit().catch((error: unknown) => error);
  kept['t'] = { 'cleanup.policy': 'compact' };
  expect(await refusal()).toMatchObject({ failure: 'fatal', message: expect.stringContaining('topic t is compacted') });
  kept['t'] = {};
  partitions['u'] = 2;
  expect(await refusal()).toMatchObject({
    failure: 'fatal',
    message: expect.stringContaining('topic u has 2 partitions'),
  });
  delete kept['u'];
  await topics.requireStillFit();
});
