import { describe, expect, it } from '@jest/globals';
import {
  decodeDecision,
  loadIdentityRules,
  loadLifecycleRules,
  makeIdentify,
  openCatalogue,
} from '@tributary/contracts';
import { type CustomerEvent, type LifecycleRules, orderPlaced } from '@tributary/domain';
import { manualClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { askAnew } from './ask-anew.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, touchpointTopic } from './ports.js';
import { FEED_TOPIC } from './feed-messages.js';
import { Processor } from './stages/processor.js';
import { Projector } from './stages/projector.js';
import { makeWorld } from './stages/controls/world.js';

const lookupKey = new Uint8Array(32).fill(5);
const identityRules = loadIdentityRules({ lookupKey });
const identify = makeIdentify({ lookupKey, rules: identityRules });
const catalogue = openCatalogue();
const topic = touchpointTopic('shop');
const BOUGHT = Date.UTC(2024, 0, 1);
const clock = manualClock(Date.UTC(2026, 0, 1));

const rules = loadLifecycleRules();
const later = (days: number | null): number | null => (days === null ? null : days + 7);
/** Silence counts a week later. */
const patient: LifecycleRules = {
  ...rules,
  version: 'patient',
  relationship: rules.relationship.map((rung) => ({
    ...rung,
    when: rung.when.map((condition) => {
      const { feature, value } = condition;
      if (!feature.endsWith('silence_days')) return condition;
      if (typeof value === 'number') return { ...condition, value: value + 7 };
      return {
        ...condition,
        value: { ...value, floor_days: later(value.floor_days), cap_days: later(value.cap_days) },
      };
    }),
  })),
};

const order = (n: number) => {
  const identifier = identify('phone', `+861391234${String(n).padStart(4, '0')}`);
  if ('invalid' in identifier) throw new Error('the spec’s own phone is invalid');
  const value = catalogue.encode({
    type: 'order_placed',
    channel: 'shop',
    messageId: `o${n}`,
    occurredAt: BOUGHT,
    receivedAt: BOUGHT,
    identifiers: [identifier],
    payload: orderPlaced(`o${n}`, 10_000, 'CNY'),
  });
  return { key: identifier.subject, value, timestamp_ms: BOUGHT };
};

const run = async (store: MemoryStore, lifecycleRules: LifecycleRules): Promise<void> => {
  const pipeline = new Pipeline(
    { ports: store, catalogue, identityRules, lifecycleRules, clock },
    { channels: ['shop'] },
  );
  await pipeline.start();
  const [range] = await store.log.partitions(topic);
  while (((await store.log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) < (range?.end ?? 0))
    await new Promise((resolve) => setTimeout(resolve, 1));
  await pipeline.settle();
  await pipeline.stop();
};

const customers = async (count: number): Promise<MemoryStore> => {
  const store = memoryStore();
  await store.log.ensureTopics([topic, COMMAND_TOPIC, FEED_TOPIC].map((name) => ({ name, partitions: 1 })));
  await store.log.append([{ topic, records: Array.from({ length: count }, (_, n) => order(n)) }]);
  await run(store, rules);
  return store;
};

const revisions = async (store: MemoryStore): Promise<CustomerEvent[]> =>
  (await store.events.readAll(-1, 10_000, 'customer-'))
    .map(({ data }) => decodeDecision(data) as CustomerEvent)
    .filter(({ type }) => type === 'CourseRevised');

describe('rules that changed', () => {
  it('move the silence of customers of whom nothing is heard, visibly', async () => {
    const store = await customers(3);
    expect(await revisions(store)).toEqual([]);
    await run(store, patient);
    const revised = await revisions(store);
    expect(revised).toHaveLength(3);
    expect(revised[0]).toMatchObject({ type: 'CourseRevised', rules: 'patient' });
    await run(store, patient);
    expect(await revisions(store)).toHaveLength(3);
  });

  it('are asked of everybody, also when a crash comes in between, and nobody twice', async () => {
    const store = await customers(5);
    const replace = store.documents.replace.bind(store.documents);
    const asked: string[] = [];
    let dies = true;
    store.documents.replace = async (writes) => {
      if (dies && asked.length === 2) throw new Error('dead');
      asked.push(...writes.map(({ key }) => key));
      return replace(writes);
    };
    await expect(askAnew({ ports: store, lifecycleRules: patient }, 2)).rejects.toThrow('dead');
    dies = false;
    await askAnew({ ports: store, lifecycleRules: patient }, 2);
    expect(new Set(asked).size).toBe(5);
    expect(asked).toHaveLength(5);
    expect(await store.documents.due('customer', 0, 10)).toHaveLength(5);
  });

  it('are asked of everybody by a projector, too, which goes on where another was ended', async () => {
    const world = await makeWorld(1);
    const records = Array.from({ length: 700 }, (_, n) => order(n));
    await world.store.log.append([{ topic, records }]);
    const live = async (lifecycleRules: LifecycleRules, settle = true): Promise<Projector> => {
      const context = { ...world.context(), identityRules, lifecycleRules };
      const projector = new Projector(context, world.feed(), { channels: ['shop'] });
      while ((await projector.advance()) > 0);
      if (settle) await projector.settle();
      return projector;
    };
    const processor = new Processor({ ...world.context(), identityRules }, { channels: ['shop'] });
    await processor.consumption().onBatch({
      topic,
      partition: 0,
      records: await world.store.log.read({ topic, partition: 0 }, 0, 1_000),
      end: records.length,
    });
    await live(rules);
    expect(await revisions(world.store)).toEqual([]);
    const scan = world.store.documents.scan.bind(world.store.documents);
    world.store.documents.scan = async (kind, after, limit) => {
      if (after !== '') throw new Error('dead');
      return scan(kind, after, limit);
    };
    await expect(live(patient)).rejects.toThrow('dead');
    const from: string[] = [];
    world.store.documents.scan = async (kind, after, limit) => {
      from.push(after);
      return scan(kind, after, limit);
    };
    await live(patient);
    expect(from[0]).not.toBe('');
    const revised = await revisions(world.store);
    expect(revised).toHaveLength(records.length);
    expect(revised[0]).toMatchObject({ type: 'CourseRevised', rules: 'patient' });
    await live(patient);
    expect(await revisions(world.store)).toHaveLength(records.length);
  });
});
