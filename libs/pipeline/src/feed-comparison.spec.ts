import { describe, expect, it } from '@jest/globals';
import { type CustomerId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { ANN, orderOf } from './controls/orders.js';
import { channels } from './controls/town.js';
import { FeedComparison } from './feed-comparison.js';
import { FEED_TOPIC, feedRecords } from './feed-messages.js';
import { compared, processor, projector } from './stages/controls/fresh.js';
import { taken } from './stages/controls/handed.js';
import { makeWorld } from './stages/controls/world.js';
import { type FeedOutlet } from './stages/feed-outlet.js';
import { Projector } from './stages/projector.js';

it('a feed that is behind the events when a comparison begins is not said to lack what is sent meanwhile', async () => {
  const world = await makeWorld(1);
  await taken(world, processor(world), orderOf(1, ANN));
  const { projections } = await compared(world, projector(world));
  expect(projections.filter(({ equal }) => !equal)).toEqual([]);
});

it('one that lacks a message for good is, by which', async () => {
  const world = await makeWorld(1);
  await taken(world, processor(world), orderOf(1, ANN));
  const silent: FeedOutlet = { begin: async () => -1, send: async () => undefined };
  const reads = new Projector(world.context(), silent, { channels });
  const { projections } = await compared(world, reads);
  expect(projections.filter(({ equal }) => !equal)).toEqual([
    expect.objectContaining({
      outcome: 'different',
      difference: expect.stringMatching(/^first message \d+ was not sent$/),
    }),
  ]);
});

describe('one that is further behind the events than is kept of it', () => {
  const message = { id: '1', type: 't', customerId: 'c_1' as CustomerId, at: 0, recordedAt: 0, sequence: 1, data: {} };
  const behind = async () => {
    const { log } = memoryStore();
    await log.ensureTopics([{ name: FEED_TOPIC, partitions: 1 }]);
    const feed = new FeedComparison(log);
    await feed.compare(Array.from({ length: 100_001 }, () => message));
    return { log, feed };
  };

  it('is not compared where it is sent', async () => {
    const { log, feed } = await behind();
    await log.append([{ topic: FEED_TOPIC, records: feedRecords([message]) }]);
    expect(await feed.report()).toMatchObject({ outcome: 'not_compared' });
  });

  it('is different where it is not, as a feed is that was lost', async () => {
    const { feed } = await behind();
    expect(await feed.report()).toMatchObject({ outcome: 'different', difference: 'first message 1 was not sent' });
  });
});
