import { describe, expect, it, jest } from '@jest/globals';
import { type Consumption, DAY_MS, type EffectSink, manualClock } from '@tributary/kernel';
import { keptDocuments, memoryStore } from '@tributary/kernel/memory';
import { type AnyTouchpoint, parseCustomer } from '@tributary/domain';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, identityRules, lifecycleRules, NOW, townLifeOn } from './controls/town.js';
import { FEED_TOPIC } from './feed-messages.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, quarantineTopic, touchpointTopic } from './ports.js';

const TOPIC = touchpointTopic('shop');
const at = { topic: TOPIC, partition: 0 };
const LIVES = 600;

/** A log that holds more than is read between two breaths. */
const world = async () => {
  const store = memoryStore();
  await store.log.ensureTopics(
    [TOPIC, quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC].map((name) => ({ name, partitions: 1 })),
  );
  const lives = fc.sample(townLifeOn(['shop']), { numRuns: LIVES, seed: 3 }).flat();
  const records = lives.map((touchpoint, i) => ({
    key: touchpoint.identifiers[0]?.subject ?? null,
    value: catalogue.encode({ ...touchpoint, messageId: `m${i}` }),
    timestamp_ms: touchpoint.receivedAt,
  }));
  expect(records.length).toBeGreaterThan(2_500);
  await store.log.append([{ topic: TOPIC, records }]);
  const clock = manualClock(NOW);
  const context = { ports: store, catalogue, identityRules, lifecycleRules, clock };
  const pipeline = () => new Pipeline(context, { channels: ['shop'] });
  const committed = () => store.log.committed(PIPELINE_GROUP, at);
  const documents = async () =>
    Promise.all((['subject', 'activity', 'customer'] as const).map((kind) => store.documents.scan(kind, '', 10_000)));
  return { store, pipeline, clock, committed, documents, lives, count: records.length };
};

type World = Awaited<ReturnType<typeof world>>;

const takeAll = async ({ pipeline, committed, count }: World): Promise<void> => {
  const running = pipeline();
  await running.start();
  while (((await committed()) ?? 0) < count) await new Promise((resolve) => setTimeout(resolve, 1));
  await running.stop();
};

describe('a pipeline that is stopped', () => {
  it('drops the unit that it plans, and the next one takes it from the beginning', async () => {
    const stopped = await world();
    const running = stopped.pipeline();
    const { done } = await running.start();
    // A breath or two: the batch was handed over, and is far from planned.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    await running.stop();
    await expect(done).resolves.toBeUndefined();
    expect(await stopped.committed()).toBeUndefined();
    expect(await stopped.store.events.head()).toBe(-1);
    await takeAll(stopped);
    const other = await world();
    await takeAll(other);
    expect(await stopped.documents()).toEqual(await other.documents());
  });
});

describe('a pipeline whose engine is slow', () => {
  /** A log that hands over a partition in two batches, the second as soon as it may, and then what `more` says. */
  const slow = async () => {
    const { store, clock, count, documents, committed } = await world();
    const records = await store.log.read(at, 0, count);
    const half = Math.floor(count / 2);
    const pieces = [records.slice(0, half), records.slice(half)];
    const log = new Proxy(store.log, {
      get: (target, key) => {
        if (key !== 'consume') return Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key);
        return ({ onBatch }: Consumption) => {
          const done = (async () => {
            const arrivals: (Promise<void> | undefined)[] = [];
            for (const piece of pieces) arrivals.push((await onBatch({ ...at, records: piece, end: count }))?.durable);
            await Promise.all(arrivals);
          })();
          return { done, stop: async () => done };
        };
      },
    });
    const commits: (() => void)[] = [];
    const sink: EffectSink = {
      commit: store.sink.commit,
      begin: async (topics) => {
        const draft = await store.sink.begin(topics);
        const commit: typeof draft.commit = async (whole) => {
          const all = { ...whole, documents: keptDocuments(whole.documents) };
          await new Promise<void>((finish) => commits.push(finish));
          return draft.commit(all);
        };
        return { ...draft, commit };
      },
    };
    const context = { ports: { ...store, log, sink }, catalogue, identityRules, lifecycleRules, clock };
    return { store, clock, context, commits, count, documents, committed };
  };

  it('plans what follows in a partition while the engine has what came before, and concludes no silence before all is there', async () => {
    const { context, commits, store, clock, documents, committed, count } = await slow();
    const reads = jest.spyOn(store.seen, 'firstSeen');
    const pipeline = new Pipeline(context, { channels: ['shop'] });
    const { done } = await pipeline.start();
    const eventually = async (holds: () => boolean) => {
      for (let waited = 0; !holds(); waited += 5) {
        if (waited > 20_000) throw new Error(`not seen: ${holds.toString()}`);
        await sleep(5);
      }
    };
    await eventually(() => commits.length === 1);
    // The second is looked at though the first is not durable; it is handed over only behind it.
    await eventually(() => reads.mock.calls.length > 1);
    clock.advance(800 * DAY_MS);
    await sleep(1_500);
    expect(commits).toHaveLength(1);
    commits[0]!();
    await eventually(() => commits.length === 2);
    await sleep(1_500);
    expect(commits).toHaveLength(2);
    expect(await committed()).toBe(Math.floor(count / 2));
    commits[1]!();
    // Only now is it known that everybody has been silent.
    await eventually(() => commits.length === 3);
    commits[2]!();
    await done;
    expect(await committed()).toBe(count);
    const other = await world();
    await takeAll(other);
    const touchpoints = (all: Awaited<ReturnType<typeof documents>>): readonly string[] =>
      all[1]!.map(({ key, body }) => `${key} ${JSON.parse(body).touchpoints}`);
    expect(touchpoints(await documents())).toEqual(touchpoints(await other.documents()));
    await pipeline.stop();
  });
});

describe('a pipeline to which touchpoints come without a pause', () => {
  it('concludes the silence of those who are silent', async () => {
    const { store, pipeline, clock, committed, lives, count } = await world();
    const running = pipeline();
    await running.start();
    let sent = 0;
    // Oftener than any pause that would be waited for, and of nobody.
    const talking = setInterval(() => {
      const touchpoint = { ...(lives[0] as AnyTouchpoint), identifiers: [], messageId: `talk${sent++}` };
      void store.log.append([
        { topic: TOPIC, records: [{ key: null, value: catalogue.encode(touchpoint), timestamp_ms: clock.now() }] },
      ]);
    }, 20);
    try {
      while (((await committed()) ?? 0) < count) await sleep(5);
      clock.advance(800 * DAY_MS);
      const stages = async (): Promise<readonly (string | undefined)[]> =>
        (await store.documents.scan('customer', '', 10_000))
          .map(
            ({ body }) =>
              parseCustomer(body)
                .course.filter(({ track }) => track === 'relationship')
                .at(-1)?.to,
          )
          .sort();
      for (let waited = 0; (await stages()).some((stage) => stage !== 'exit'); waited += 50) {
        if (waited > 20_000) throw new Error('silence was not concluded');
        await sleep(50);
      }
      expect((await stages()).length).toBeGreaterThan(0);
    } finally {
      clearInterval(talking);
      await running.stop();
    }
  });
});

describe('a pipeline that is given a long list of commands', () => {
  const commands = 100;
  const NOBODY = `c_${'0'.repeat(32)}`;

  const listed = async () => {
    const given = await world();
    const { store, clock } = given;
    const value = (i: number): Uint8Array =>
      new TextEncoder().encode(
        JSON.stringify({ type: 'erase', id: `c${i}`, at: clock.now(), by: 'spec', reason: 'spec', customer: NOBODY }),
      );
    const records = Array.from({ length: commands }, (_, i) => ({ key: null, value: value(i), timestamp_ms: NOW }));
    await store.log.append([{ topic: COMMAND_TOPIC, records }]);
    const get = store.documents.get.bind(store.documents);
    jest.spyOn(store.documents, 'get').mockImplementation(async (kind, keys) => {
      if (kind === 'outcome') await sleep(20);
      return get(kind, keys);
    });
    const done = async (): Promise<number> =>
      (await store.log.committed(PIPELINE_GROUP, { topic: COMMAND_TOPIC, partition: 0 })) ?? 0;
    return { ...given, done };
  };

  it('takes touchpoints in between', async () => {
    const { pipeline, committed, count, done } = await listed();
    const running = pipeline();
    await running.start();
    while (((await committed()) ?? 0) < count) await sleep(5);
    expect(await done()).toBeLessThan(commands);
    while ((await done()) < commands) await sleep(20);
    await running.stop();
  });

  it('is stopped in between, and the next one goes on from there', async () => {
    const { pipeline, done } = await listed();
    const running = pipeline();
    const { done: over } = await running.start();
    while ((await done()) === 0) await sleep(5);
    await running.stop();
    await expect(over).resolves.toBeUndefined();
    expect(await done()).toBeLessThan(commands);
    const next = pipeline();
    await next.start();
    while ((await done()) < commands) await sleep(20);
    await next.stop();
  });
});
