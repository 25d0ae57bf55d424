import { describe, expect, it, jest } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { EngineError, type EffectSink, type LogBatch, manualClock } from '@tributary/kernel';
import { keptDocuments, memoryStore } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { cases, patience } from './controls/cases.js';
import { catalogue, identityRules, lifecycleRules, NOW, townLifeOn } from './controls/town.js';
import { FEED_TOPIC } from './feed-messages.js';
import { quarantineTopic, touchpointTopic } from './ports.js';
import { SoleWriter } from './sole-writer.js';
import { unitsOf } from './units-of.js';

const TOPIC = touchpointTopic('shop');
const PARTITIONS = 2;

/** A sink that has everything, and makes it durable when `engine` is done with it. */
const taking = (sink: EffectSink, engine: () => Promise<void>): EffectSink => ({
  commit: sink.commit,
  begin: async (topics) => {
    const draft = await sink.begin(topics);
    const commit: typeof draft.commit = async (rest) => {
      const whole = { ...rest, documents: keptDocuments(rest.documents) };
      await engine();
      return draft.commit(whole);
    };
    return { ...draft, commit };
  },
});

const world = async (engine: () => Promise<void>, unitSubjects?: number) => {
  const store = memoryStore();
  await store.log.ensureTopics(
    [TOPIC, quarantineTopic('shop'), FEED_TOPIC].map((name) => ({ name, partitions: PARTITIONS })),
  );
  const ports = { ...store, sink: taking(store.sink, engine) };
  const context = { ports, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) };
  const writer = new SoleWriter(context, undefined, unitSubjects === undefined ? {} : { unitSubjects });
  await writer.begin();
  const next = Array.from({ length: PARTITIONS }, () => 0);
  const batchOf = (partition: number, touchpoints: readonly AnyTouchpoint[]): LogBatch => {
    const records = touchpoints.map((touchpoint) => ({
      offset: next[partition]!++,
      key: touchpoint.identifiers[0]?.subject ?? null,
      value: catalogue.encode(touchpoint),
      timestamp_ms: touchpoint.receivedAt,
    }));
    return { topic: TOPIC, partition, records, end: next[partition]! };
  };
  const held = async () => {
    const kinds = ['subject', 'activity', 'customer', 'checkpoint'] as const;
    const feeds = Array.from({ length: PARTITIONS }, (_, partition) =>
      store.log.read({ topic: FEED_TOPIC, partition }, 0, 10_000),
    );
    return {
      documents: await Promise.all(kinds.map((kind) => store.documents.scan(kind, '', 10_000))),
      feed: (await Promise.all(feeds)).flat().map(({ value }) => Buffer.from(value).toString()),
      events: (await store.events.readAll(-1, 10_000)).map(({ id, stream }) => `${stream} ${id}`),
    };
  };
  return { store, writer, batchOf, held };
};

/** A life in pieces, each taken by some partition; some of them come twice. */
const pieces = fc
  .record({
    life: townLifeOn(['shop']),
    cuts: fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 6 }),
        partition: fc.integer({ min: 0, max: PARTITIONS - 1 }),
        again: fc.boolean(),
      }),
      { minLength: 10, maxLength: 40 },
    ),
  })
  .map(({ life, cuts }) => {
    const all: { partition: number; touchpoints: readonly AnyTouchpoint[] }[] = [];
    let from = 0;
    for (const { size, partition, again } of cuts) {
      const touchpoints = life.slice(from, (from += size));
      if (touchpoints.length === 0) break;
      all.push({ partition, touchpoints });
      // The same messages on the other partition, right behind: the store does not know of them yet.
      if (again) all.push({ partition: 1 - partition, touchpoints });
    }
    return all;
  });

jest.setTimeout(patience(120_000));

describe('the only writer', () => {
  it('makes the same of touchpoints whether it waits for each unit or plans the next meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }), async (all, delays) => {
        let turn = 0;
        const slow = await world(() => new Promise((resolve) => setTimeout(resolve, delays[turn++ % delays.length])));
        const patient = await world(async () => undefined);
        for (const { partition, touchpoints } of all) {
          await slow.writer.take([slow.batchOf(partition, touchpoints)]);
          await patient.writer.take([patient.batchOf(partition, touchpoints)]);
          await patient.writer.durable;
        }
        await slow.writer.durable;
        expect(await slow.held()).toEqual(await patient.held());
      }),
      cases(60),
    );
  });

  it('takes what names many in units that each name few, to the same end as if they had come in these', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 4 }), async (all, unitSubjects) => {
        let units = 0;
        const few = await world(async () => void units++, unitSubjects);
        const asCut = await world(async () => undefined);
        const batches = all.map(({ partition, touchpoints }) => few.batchOf(partition, touchpoints));
        await few.writer.take(batches);
        await few.writer.durable;
        const cut = [...unitsOf(batches, unitSubjects)];
        for (const unit of cut) await asCut.writer.take(unit);
        await asCut.writer.durable;
        expect(units).toBe(cut.length);
        expect(await few.held()).toEqual(await asCut.held());
      }),
      cases(60),
    );
  });

  it('has handed over what came before the unit in which it is told to stop', async () => {
    const { writer, batchOf, held } = await world(async () => undefined, 1);
    const [life] = fc.sample(townLifeOn(['shop']), { numRuns: 1, seed: 5 }) as [readonly AnyTouchpoint[]];
    const batch = batchOf(0, life);
    const [first, ...more] = unitsOf([batch], 1);
    expect(more.length).toBeGreaterThan(1);
    const enough = new Error('enough');
    let intakes = 0;
    const stopping = writer.take([batch], async () => {
      intakes = (await held()).events.filter((event) => event.startsWith('intake')).length;
      if (intakes > 0) throw enough;
    });
    await expect(stopping).rejects.toBe(enough);
    await writer.durable;
    const alone = await world(async () => undefined);
    await alone.writer.take(first!);
    await alone.writer.durable;
    expect(await held()).toEqual(await alone.held());
  });

  it('takes nothing more once a unit was refused, not even what was planned meanwhile', async () => {
    let fail!: () => void;
    const full = new EngineError('memory', 'fatal', 'the disk is full');
    const { writer, batchOf, held } = await world(() => new Promise((_, reject) => (fail = () => reject(full))));
    const [first] = fc.sample(townLifeOn(['shop']), { numRuns: 1, seed: 5 }) as [readonly AnyTouchpoint[]];
    await writer.take([batchOf(0, first)]);
    const next = writer.take([batchOf(1, first)]);
    fail();
    await expect(next).rejects.toBe(full);
    await expect(writer.durable).rejects.toBe(full);
    await expect(writer.askDue()).rejects.toBe(full);
    expect((await held()).events).toEqual([]);
  });

  it('takes a batch once that is handed over again while it is on its way, and after', async () => {
    const { writer, batchOf, held } = await world(async () => undefined);
    const [first] = fc.sample(townLifeOn(['shop']), { numRuns: 1, seed: 5 }) as [readonly AnyTouchpoint[]];
    const batch = batchOf(0, first);
    await writer.take([batch]);
    await writer.take([batch]);
    await writer.durable;
    const once = await held();
    await writer.take([{ ...batch, records: batch.records.slice(1) }]);
    await writer.durable;
    expect(await held()).toEqual(once);
    expect(once.events.length).toBe(new Set(once.events).size);
    const other = await world(async () => undefined);
    await other.writer.take([other.batchOf(0, first)]);
    await other.writer.durable;
    expect(once).toEqual(await other.held());
  });

  it('takes a batch of many parts whole: each message once, whatever its key, and aside what it cannot read', async () => {
    const { writer, batchOf, store } = await world(async () => undefined);
    const lives = fc.sample(townLifeOn(['shop']), { numRuns: 900, seed: 7 }).flat();
    const named = lives.map((touchpoint, i) => ({ ...touchpoint, messageId: `m${i}` }));
    const { records, ...rest } = batchOf(0, named);
    const [broken, ...repeats] = [4_000, 3_999, 2_500, 100, 3].map((i) => records[i]!);
    const first = records.length;
    const strangers = repeats.map((record, i) => ({ ...record, offset: first + i, key: records[0]!.key }));
    const all = [...records, ...strangers].map((record) =>
      record.offset === broken!.offset ? { ...record, value: Uint8Array.of(0, 0, 0, 0, 1, 255) } : record,
    );
    expect(records.length).toBeGreaterThan(4_000);
    await writer.take([{ ...rest, records: all, end: all.length }]);
    await writer.durable;

    const events = await store.events.readAll(-1, 100_000);
    const [intake] = events.filter(({ type }) => type === 'BatchTaken');
    const said = JSON.parse(Buffer.from(intake!.data).toString()) as Record<string, number[]>;
    expect(said).toMatchObject({ from: 0, to: all.length - 1, accepted: named.length - 1 });
    expect(said['quarantined']).toEqual([4_000]);
    // Of each pair one has its effect; which one, between two keys, nobody promises.
    expect(said['duplicates']).toEqual([...said['duplicates']!].sort((a, b) => a - b));
    const pairs = repeats.map(({ offset }, i) => [offset, first + i]);
    for (const pair of pairs) expect(said['duplicates']!.filter((offset) => pair.includes(offset))).toHaveLength(1);
    expect(said['duplicates']).toHaveLength(pairs.length);
    const activities = await store.documents.scan('activity', '', 10_000);
    const touchpoints = activities.reduce((sum, { body }) => sum + (JSON.parse(body).touchpoints as number), 0);
    const naming = named.filter(({ identifiers }, i) => identifiers.length > 0 && i !== broken!.offset);
    expect(touchpoints).toBe(naming.length);
  });
});
