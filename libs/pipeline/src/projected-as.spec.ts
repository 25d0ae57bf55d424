import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedSchemas } from '@tributary/contracts';
import { type AnyTouchpoint } from '@tributary/domain';
import { DAY_MS, manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { catalogue, identityRules, lifecycleRules, NOW } from './controls/town.js';
import { FEED_TOPIC } from './feed-messages.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, quarantineTopic, touchpointTopic } from './ports.js';
import { isProjectedAsNow, noteProjectedAsNow, PROJECTED_AS } from './projected-as.js';

/** What the documents below come to, by number; only ever added to. */
const known: Readonly<Record<number, string>> = {
  1: '80b2e7f875672c60536c854f3631a318fbeaaff843df86f09abb22486dabd6fa',
};

/** Every type of touchpoint, thrice. */
const lives = (): readonly AnyTouchpoint[] =>
  readdirSync(join(shippedSchemas, 'touchpoint'))
    .sort()
    .flatMap((name) => {
      const path = join(shippedSchemas, 'touchpoint', name, '1.golden.json');
      const golden = JSON.parse(readFileSync(path, 'utf8')) as AnyTouchpoint;
      return [0, 1, 2].map((n) => ({
        ...golden,
        messageId: `${golden.messageId}-${n}`,
        occurredAt: golden.occurredAt + n * 40 * DAY_MS,
        ...(golden.type === 'call_held' ? { payload: { ...golden.payload, duration_s: 12.3 + n / 10 } } : {}),
      }));
    }) as AnyTouchpoint[];

const world = async () => {
  const store = memoryStore();
  const topic = touchpointTopic('golden');
  const topics = [topic, quarantineTopic('golden'), COMMAND_TOPIC, FEED_TOPIC];
  await store.log.ensureTopics(topics.map((name) => ({ name, partitions: 1 })));
  const records = lives().map((touchpoint) => ({
    key: touchpoint.identifiers[0]?.subject ?? null,
    value: catalogue.encode(touchpoint),
    timestamp_ms: touchpoint.receivedAt,
  }));
  const take = async (): Promise<void> => {
    await store.log.append([{ topic, records }]);
    const context = { ports: store, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) };
    const pipeline = new Pipeline(context, { channels: ['golden'] });
    await pipeline.start();
    while (((await store.log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) < records.length)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await pipeline.stop();
  };
  return { store, take };
};

test('the same events leave other documents under another number only: raise PROJECTED_AS, and add what it comes to', async () => {
  const { store, take } = await world();
  await take();
  const hash = createHash('sha256');
  for (const kind of ['subject', 'activity', 'customer'] as const)
    for (const { key, body } of await store.documents.scan(kind, '', 10_000)) {
      // What rules decided is in the events; their versions are their own.
      const told = kind === 'customer' ? { ...JSON.parse(body), course: [], rules: '' } : body;
      hash.update(`${kind} ${key} ${typeof told === 'string' ? told : JSON.stringify(told)}\n`);
    }
  expect(hash.digest('hex')).toBe(known[PROJECTED_AS]);
});

test('given a store that is empty, documents of it are as this program makes them, and what it made stays so', async () => {
  const { store, take } = await world();
  expect(await isProjectedAsNow(store)).toBe(true);
  await noteProjectedAsNow(store);
  await take();
  expect(await isProjectedAsNow(store)).toBe(true);
});

test('given documents without a mark, or with another, then they are not until all is made anew', async () => {
  const { store, take } = await world();
  await take();
  expect(await isProjectedAsNow(store)).toBe(false);
  await store.documents.replace([{ kind: 'checkpoint', key: 'projected-as', version: 9, body: '99' }]);
  expect(await isProjectedAsNow(store)).toBe(false);
  await noteProjectedAsNow(store);
  expect(await isProjectedAsNow(store)).toBe(true);
});
