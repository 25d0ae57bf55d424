import { expect, it } from '@jest/globals';
import { type FencedProducer, type KafkaLog } from '@tributary/kafka';
import { EngineError } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { FEED_TOPIC } from '@tributary/pipeline';
import { kafkaFeed } from './kafka-feed.js';

const feedThatFails = async (type: string) => {
  const { log } = memoryStore();
  await log.ensureTopics([{ name: FEED_TOPIC, partitions: 1 }]);
  // As the client throws it: below its own wrapper.
  const cause = Object.assign(new Error('gave up'), { cause: Object.assign(new Error(type), { type }) });
  const failing = { append: () => Promise.reject(new EngineError('kafka', 'fatal', 'write', { cause })) };
  const writer = { ...failing, close: async () => undefined } as unknown as FencedProducer;
  const feed = kafkaFeed({ fencedProducer: async () => writer } as unknown as KafkaLog, log);
  await feed.begin();
  return feed;
};

it.each([
  ['INVALID_PRODUCER_EPOCH', 'retriable'],
  ['PRODUCER_FENCED', 'retriable'],
  ['TOPIC_AUTHORIZATION_FAILED', 'fatal'],
])('a feed that fails with %s is %s: whoever was taken over from waits its turn again', async (type, failure) => {
  const feed = await feedThatFails(type);
  await expect(feed.send([])).rejects.toMatchObject({ failure });
});
