import { describe, expect, it } from '@jest/globals';
import { DAY_MS, EngineError, type Log, manualClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { makeIdentify } from '@tributary/contracts';
import { type AnyTouchpoint, type Identifier } from '@tributary/domain';
import fc from 'fast-check';
import { catalogue, identityRules, lifecycleRules, NOW, townLifeOn } from './controls/town.js';
import { FEED_TOPIC } from './feed-messages.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, quarantineTopic, touchpointTopic } from './ports.js';

const topic = touchpointTopic('shop');
const identify = makeIdentify({ lookupKey: new Uint8Array(32).fill(5), rules: identityRules });

/** Of so many lives, three touchpoints each by one person. */
const touchpointsOf = (lives: number): readonly AnyTouchpoint[] =>
  fc
    .sample(townLifeOn(['shop']), { numRuns: lives, seed: 3 })
    .flat()
    .map((touchpoint, i) => ({
      ...touchpoint,
      messageId: `m${i}`,
      identifiers: [identify('email', `q${Math.floor(i / 3)}@example.com`) as Identifier],
    }));

const filled = async (
  touchpoints: readonly AnyTouchpoint[],
  keyOf: (touchpoint: AnyTouchpoint, i: number) => string | null,
): Promise<MemoryStore> => {
  const store = memoryStore();
  const topics = [topic, quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC];
  await store.log.ensureTopics(topics.map((name) => ({ name, partitions: 1 })));
  const records = touchpoints.map((touchpoint, i) => ({
    key: keyOf(touchpoint, i),
    value: catalogue.encode(touchpoint),
    timestamp_ms: touchpoint.receivedAt,
  }));
  await store.log.append([{ topic, records }]);
  return store;
};

const contextOf = (store: MemoryStore, log: Log = store.log) => ({
  ports: { ...store, log },
  catalogue,
  identityRules,
  lifecycleRules,
  clock: manualClock(NOW),
});

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
};

const taken = (store: MemoryStore, records: number): Promise<void> =>
  until(async () => ((await store.log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) >= records);

describe('a log that others write, too', () => {
  it.each([
    ['the subject', ({ identifiers }: AnyTouchpoint) => identifiers[0]?.subject ?? null],
    ['each record', (_: AnyTouchpoint, i: number) => `k${i}`],
    ['something that several share', (_: AnyTouchpoint, i: number) => `k${Math.floor(i / 7)}`],
    ['nothing', () => null],
  ])(
    'is rebuilt as it was taken, message for message, also in a large batch keyed by %s',
    async (_, keyOf) => {
      const touchpoints = touchpointsOf(800);
      expect(touchpoints.length).toBeGreaterThan(4_000);
      const store = await filled(touchpoints, keyOf);
      const pipeline = new Pipeline(contextOf(store), { channels: ['shop'] });
      await pipeline.start();
      await taken(store, touchpoints.length);
      const { projections } = await pipeline.verify({
        documents: memoryStore().documents,
        close: async () => undefined,
      });
      await pipeline.stop();
      expect(projections.filter(({ equal }) => !equal)).toEqual([]);
    },
    60_000,
  );

  it('may be away while somebody is due, and they are asked when it is back', async () => {
    const touchpoints = touchpointsOf(5);
    const store = await filled(touchpoints, () => null);
    let isAway = false;
    let asked = 0;
    const log = new Proxy(store.log, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        if (key !== 'partitions') return value.bind(target);
        return async (...args: readonly unknown[]) => {
          asked++;
          if (isAway) throw new EngineError('kafka', 'retriable', 'away');
          return value.apply(target, args);
        };
      },
    });
    const context = contextOf(store, log);
    const pipeline = new Pipeline(context, { channels: ['shop'] });
    const { done } = await pipeline.start();
    let failure: unknown = null;
    done.catch((error: unknown) => (failure = error));
    await taken(store, touchpoints.length);
    isAway = true;
    context.clock.advance(800 * DAY_MS);
    const before = asked;
    await until(() => asked > before + 2);
    expect(failure).toBeNull();
    isAway = false;
    const head = await store.events.head();
    await until(async () => (await store.events.head()) > head);
    await pipeline.stop();
    expect(failure).toBeNull();
  });
});
