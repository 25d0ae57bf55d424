import { expect, it } from '@jest/globals';
import { loadIdentityRules, loadLifecycleRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { type AnyTouchpoint, type Identifier } from '@tributary/domain';
import { type Connection } from '@tributary/embedded';
import { DAY_MS, manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { COMMAND_TOPIC, FEED_TOPIC, Pipeline, quarantineTopic, touchpointTopic } from '@tributary/pipeline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engines } from './engines.js';
import { keepsOffsets, mixEngines } from './mixed.js';
import { embeddedOnly, type EngineSettings } from './settings.js';

const lookupKey = new Uint8Array(32).fill(5);
const identityRules = loadIdentityRules({ lookupKey });
const identify = makeIdentify({ lookupKey, rules: identityRules });
const catalogue = openCatalogue();
const TOPIC = touchpointTopic('shop');

it('concludes silence where the log alone is another engine, and input never pauses', async () => {
  const own = memoryStore();
  const { log: kafka } = memoryStore();
  const engines = { settings: { logUrl: 'kafka://elsewhere' }, kafka: async () => kafka } as unknown as Engines;
  const { store } = await mixEngines(own as unknown as Connection, engines);
  await store.log.ensureTopics(
    [TOPIC, quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC].map((name) => ({ name, partitions: 1 })),
  );
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const lifecycleRules = loadLifecycleRules();
  const pipeline = new Pipeline(
    { ports: store, catalogue, identityRules, lifecycleRules, clock },
    { channels: ['shop'] },
  );
  let sent = 0;
  const send = (identifiers: readonly Identifier[], rest: Pick<AnyTouchpoint, 'type' | 'payload'>): Promise<void> => {
    const at = clock.now();
    const messageId = `m${sent++}`;
    const touchpoint = { channel: 'shop', messageId, occurredAt: at, receivedAt: at, identifiers, ...rest };
    const value = catalogue.encode(touchpoint as AnyTouchpoint);
    return kafka.append([{ topic: TOPIC, records: [{ key: null, value, timestamp_ms: at }] }]);
  };
  await pipeline.start();
  const buyer = identify('phone', '+8613912345678') as Identifier;
  const payload = { orderId: 'o1', amount: 12_500, currency: 'CNY', method: null, lines: [] };
  await send([buyer], { type: 'order_placed', payload } as unknown as AnyTouchpoint);
  const stages = async () => (await own.documents.scan('customer', '', 10)).map(({ body }) => body);
  while ((await stages()).length === 0) await sleep(20);
  const search = { type: 'searched', payload: { query: 'tea' } } as unknown as AnyTouchpoint;
  const talking = setInterval(() => void send([], search), 2);
  try {
    await sleep(500);
    clock.advance(800 * DAY_MS);
    for (let waited = 0; !(await stages()).some((body) => body.includes('"to":"exit"')); waited += 50) {
      if (waited > 20_000) throw new Error('silence was not concluded');
      await sleep(50);
    }
  } finally {
    clearInterval(talking);
    await pipeline.stop();
  }
});

it('keeps no offsets of Kafka’s topics in a store that does not know them', () => {
  const logUrl = 'kafka://elsewhere';
  const profilesUrl = 'redis://elsewhere';
  const keeps = (urls: Partial<EngineSettings>) => keepsOffsets({ ...embeddedOnly, ...urls });
  expect([keeps({}), keeps({ profilesUrl }), keeps({ logUrl })]).toEqual([true, true, true]);
  expect(keeps({ logUrl, profilesUrl })).toBe(false);
});
