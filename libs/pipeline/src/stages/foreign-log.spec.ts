import { describe, expect, it } from '@jest/globals';
import { customerNamedAfter, type Log, manualClock, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { awaitOutcome, submitCommand } from '../commands.js';
import { FEED_TOPIC } from '../feed-messages.js';
import { Pipeline } from '../pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, quarantineTopic, touchpointTopic } from '../ports.js';
import { catalogue, channels, identityRules, lifecycleRules, NOW, townLife } from '../controls/town.js';
import { foreignInput } from './foreign-log.js';

describe('input from a foreign log', () => {
  it('goes on where the own store says, whatever the foreign log believes', async () => {
    const [own, foreign] = [memoryStore(), memoryStore().log];
    const outbox = new Set([FEED_TOPIC, ...channels.map(quarantineTopic)]);
    const log = foreignInput(foreign, own, outbox);
    await log.ensureTopics([
      ...channels.map((channel) => ({ name: touchpointTopic(channel), partitions: 2 })),
      ...[COMMAND_TOPIC, ...outbox].map((name) => ({ name, partitions: 1 })),
    ]);
    const touchpoints = fc
      .sample(townLife, { numRuns: 5, seed: 7 })
      .flat()
      .map((touchpoint, i) => ({ ...touchpoint, channel: 'shop', messageId: `n${i}` }));
    const topic = touchpointTopic('shop');
    const accept = (from: number, to: number) =>
      log.append([
        {
          topic,
          records: touchpoints.slice(from, to).map((touchpoint) => ({
            key: touchpoint.identifiers[0]?.subject ?? null,
            value: catalogue.encode(touchpoint),
            timestamp_ms: NOW,
          })),
        },
      ]);
    const run = async () => {
      const context = { ports: { ...own, log }, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) };
      const pipeline = new Pipeline(context, { channels, maxRecords: 5 });
      await pipeline.start();
      for (const { partition, end } of await log.partitions(topic))
        while (((await log.committed(PIPELINE_GROUP, { topic, partition })) ?? 0) < end)
          await new Promise((resolve) => setTimeout(resolve, 1));
      await pipeline.stop();
    };
    await accept(0, 20);
    await run();
    // The foreign log forgot all that it knew of us.
    for (const { partition } of await foreign.partitions(topic))
      foreign.commitNow(PIPELINE_GROUP, { topic, partition }, 0);
    await accept(20, touchpoints.length);
    await run();
    const census = JSON.parse((await own.documents.get('checkpoint', ['census']))[0]?.body ?? '{}') as object;
    expect(census).toMatchObject({
      touchpoints: touchpoints.length,
      channels: { shop: { accepted: touchpoints.length, duplicates: 0 } },
    });
    // What is sent waits in our own log for the relay.
    expect((await own.log.read({ topic: FEED_TOPIC, partition: 0 }, 0, 10)).length).toBeGreaterThan(0);
    await expect(foreign.partitions(FEED_TOPIC)).resolves.toMatchObject([{ end: 0 }]);
  });

  it('is refused where it was set back, and others lie where was taken', async () => {
    const [own, foreign, restored] = [memoryStore(), memoryStore().log, memoryStore().log];
    const topic = touchpointTopic('shop');
    const topics = [...channels.map(touchpointTopic), COMMAND_TOPIC];
    for (const log of [foreign, restored, own.log])
      await log.ensureTopics([...topics, FEED_TOPIC].map((name) => ({ name, partitions: 1 })));
    const records = fc
      .sample(townLife, { numRuns: 5, seed: 7 })
      .flat()
      .map((touchpoint, i) => ({ ...touchpoint, channel: 'shop', messageId: `n${i}` }))
      .map((touchpoint, i) => ({ key: null, value: catalogue.encode(touchpoint), timestamp_ms: NOW + i }));
    await foreign.append([{ topic, records: records.slice(0, 5) }]);
    await restored.append([{ topic, records: records.slice(3, 15) }]);
    const start = (log: Log) => {
      const ports = { ...own, log: foreignInput(log, own, new Set([FEED_TOPIC])) };
      const context = { ports, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) };
      return new Pipeline(context, { channels });
    };
    const before = start(foreign);
    await before.start();
    while (((await own.log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) < 5)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await before.stop();
    const after = start(restored);
    const { done } = await after.start();
    await expect(done).rejects.toMatchObject({ engine: 'log', failure: 'fatal' });
    await after.stop();
    await expect(own.log.committed(PIPELINE_GROUP, { topic, partition: 0 })).resolves.toBe(5);
  });

  it('is refused where its commands were set back, and others lie where some were carried out', async () => {
    const [own, foreign, restored] = [memoryStore(), memoryStore().log, memoryStore().log];
    for (const log of [foreign, restored, own.log])
      await log.ensureTopics(
        [...channels.map(touchpointTopic), COMMAND_TOPIC, FEED_TOPIC].map((name) => ({ name, partitions: 1 })),
      );
    const erase = (log: Log, id: string) => {
      const customer = customerNamedAfter(`s_${'0'.repeat(32)}` as SubjectId);
      return submitCommand(log, { type: 'erase', id, customer, at: NOW, by: 'spec', reason: '' });
    };
    const start = (log: Log) => {
      const ports = { ...own, log: foreignInput(log, own, new Set([FEED_TOPIC])) };
      const context = { ports, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) };
      return new Pipeline(context, { channels });
    };
    for (const id of ['one', 'two']) await erase(foreign, id);
    const before = start(foreign);
    await before.start();
    for (const id of ['one', 'two']) await awaitOutcome(own.documents, id, 20_000);
    await before.stop();
    // The same one goes on.
    const again = start(foreign);
    await again.start();
    await erase(foreign, 'three');
    await awaitOutcome(own.documents, 'three', 20_000);
    await again.stop();
    for (const id of ['one', 'later', 'later still']) await erase(restored, id);
    const after = start(restored);
    const { done } = await after.start();
    await expect(done).rejects.toMatchObject({ engine: 'log', failure: 'fatal' });
    await after.stop();
  });
});
