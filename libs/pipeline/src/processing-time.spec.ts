import { describe, expect, it } from '@jest/globals';
import { decodeDecision } from '@tributary/contracts';
import { type AnyTouchpoint, type CustomerEvent, parseCustomer, type Transition } from '@tributary/domain';
import { DAY_MS, type Instant, settableClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { identifierOf } from './controls/desk.js';
import { catalogue, identityRules, lifecycleRules, NOW } from './controls/town.js';
import { FEED_TOPIC } from './feed-messages.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, quarantineTopic, touchpointTopic } from './ports.js';
import { ProcessingTime } from './processing-time.js';
import { Processor } from './stages/processor.js';
import { Projector } from './stages/projector.js';
import { makeWorld } from './stages/controls/world.js';

const YEAR_MS = 365 * DAY_MS;
const MINUTE_MS = 60_000;
const topic = touchpointTopic('shop');

const call = (messageId: string, occurredAt: Instant, receivedAt = occurredAt): AnyTouchpoint => ({
  channel: 'shop',
  messageId,
  occurredAt,
  receivedAt,
  identifiers: [identifierOf('email', 'p1@example.com')],
  type: 'call_held',
  payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
});

const recordOf = (touchpoint: AnyTouchpoint) => ({
  key: touchpoint.identifiers[0]?.subject ?? null,
  value: catalogue.encode(touchpoint),
  timestamp_ms: touchpoint.receivedAt,
});

describe('processing time', () => {
  const begun = async (clock = settableClock(NOW), store = memoryStore()) => {
    const time = new ProcessingTime(clock);
    await time.begin(store.documents);
    return { clock, store, time };
  };

  it('begins where an earlier life left it', async () => {
    const { store, time, clock } = await begun();
    time.askedAgain();
    await time.mark(store.documents);
    const later = settableClock(NOW + YEAR_MS);
    const next = (await begun(later, store)).time;
    expect(next.now()).toBe(NOW);
    expect(next.mustAskAgain).toBe(false);
    later.pass(10 * MINUTE_MS);
    expect(next.now()).toBe(NOW + YEAR_MS + 10 * MINUTE_MS);
    await next.mark(store.documents);
    const back = (await begun(clock, store)).time;
    expect(back.now()).toBe(NOW);
    expect(back.latest()).toBe(NOW + YEAR_MS + 10 * MINUTE_MS);
  });

  it('goes on doubting a leap where it begins again in one process, however long the machine has been up', async () => {
    const clock = settableClock(NOW);
    clock.pass(60 * MINUTE_MS);
    const { store, time } = await begun(clock);
    await time.mark(store.documents);
    clock.set(NOW + YEAR_MS);
    await time.begin(store.documents);
    expect(time.now()).toBe(NOW + 60 * MINUTE_MS);
    const waiting = new ProcessingTime(clock);
    clock.set(NOW + 3 * YEAR_MS);
    // One that has only waited so far, too.
    await waiting.begin(store.documents);
    expect(waiting.now()).toBe(NOW + YEAR_MS);
  });
});

const courseOf = async ({ documents }: Pick<MemoryStore, 'documents'>): Promise<readonly Transition[]> => {
  const [stored] = await documents.scan('customer', '', 10);
  return stored ? parseCustomer(stored.body).course.filter(({ track }) => track === 'relationship') : [];
};

const decisionsIn = async ({ events }: MemoryStore): Promise<readonly CustomerEvent[]> =>
  (await events.readAll(-1, 1_000, 'customer-')).map(({ data }) => decodeDecision(data) as CustomerEvent);

/** One customer who called a week ago, and the two forms of the platform. */
const embedded = async () => {
  const clock = settableClock(NOW);
  const store = memoryStore();
  const topics = [topic, quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC];
  await store.log.ensureTopics(topics.map((name) => ({ name, partitions: 1 })));
  let pipeline: Pipeline | undefined;
  const begin = async () => {
    await pipeline?.stop();
    const context = { ports: store, catalogue, identityRules, lifecycleRules, clock };
    pipeline = new Pipeline(context, { channels: ['shop'] });
    await pipeline.start();
  };
  const accept = async (touchpoint: AnyTouchpoint) => {
    await store.log.append([{ topic, records: [recordOf(touchpoint)] }]);
    const [range] = await store.log.partitions(topic);
    while (((await store.log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) < (range?.end ?? 0))
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await begin();
  return {
    clock,
    store,
    accept,
    begin,
    settle: async () => pipeline?.settle(),
    stop: async () => pipeline?.stop(),
  };
};

const distributed = async (): ReturnType<typeof embedded> => {
  const clock = settableClock(NOW);
  const world = await makeWorld(1);
  const context = { ...world.context(), clock };
  let processor = new Processor(context, { channels: ['shop'] });
  let projector = new Projector(context, world.feed(), { channels: ['shop'] });
  let offset = 0;
  return {
    clock,
    store: world.store,
    accept: async (touchpoint) => {
      await world.accept([touchpoint]);
      const records = await world.store.log.read({ topic, partition: 0 }, offset, 10);
      offset += records.length;
      const consumption = processor.consumption();
      await consumption.onBatch({ topic, partition: 0, records, end: offset });
      while ((await projector.advance()) > 0);
    },
    begin: async () => {
      processor = new Processor(context, { channels: ['shop'] });
      projector = new Projector(context, world.feed(), { channels: ['shop'] });
    },
    settle: () => projector.settle(),
    stop: async () => undefined,
  };
};

describe.each([
  ['the platform in one process', embedded],
  ['stages', distributed],
])('%s, and a clock that is wrong', (_, form) => {
  it('concludes nothing by a clock that is a year ahead for a moment', async () => {
    const { clock, store, accept, settle, stop } = await form();
    try {
      await accept(call('a', NOW - 7 * DAY_MS));
      await settle();
      clock.set(NOW + YEAR_MS);
      await settle();
      clock.pass(MINUTE_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition']);
      clock.set(NOW + MINUTE_MS);
      await settle();
      expect((await decisionsIn(store)).map(({ type }) => type)).toEqual(['CourseAdvanced']);
    } finally {
      await stop();
    }
  });

  it('withdraws what was concluded by one that was ahead for long, once it is right again for long', async () => {
    const { clock, store, accept, settle, stop } = await form();
    try {
      await accept(call('a', NOW - 7 * DAY_MS));
      clock.set(NOW + YEAR_MS);
      await settle();
      clock.pass(11 * MINUTE_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition', 'decline', 'exit']);
      clock.set(NOW + 11 * MINUTE_MS);
      await settle();
      expect(await courseOf(store)).toHaveLength(3);
      clock.pass(11 * MINUTE_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition']);
      expect((await decisionsIn(store)).at(-1)).toMatchObject({ type: 'CourseRevised', withdrawn: 2, transitions: [] });
      // The timer is set anew: what was withdrawn comes true in its time.
      clock.pass(100 * DAY_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition', 'decline']);
    } finally {
      await stop();
    }
  });

  it('withdraws at the next start what was decided before anybody wrote down how far time had come', async () => {
    const { clock, store, accept, settle, stop, begin } = await form();
    try {
      await accept(call('a', NOW - 7 * DAY_MS));
      clock.set(NOW + YEAR_MS);
      await settle();
      clock.pass(11 * MINUTE_MS);
      await settle();
      await store.documents.replace([{ kind: 'checkpoint', key: 'processing-time', version: 0, body: null }]);
      clock.set(NOW);
      await begin();
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition']);
    } finally {
      await stop();
    }
  });

  it('concludes no silence before a timer asks, of touchpoints before 1970 neither', async () => {
    const { store, accept, settle, stop } = await form();
    try {
      await accept(call('a', Date.UTC(1950, 0, 1), NOW));
      await settle();
      const decided = (await decisionsIn(store)).map((decision) =>
        decision.type === 'CourseAdvanced' ? decision.transitions.map(({ to }) => to) : decision.type,
      );
      expect(decided).toEqual([
        ['acquisition', 'prospect'],
        ['decline', 'exit'],
      ]);
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition', 'decline', 'exit']);
    } finally {
      await stop();
    }
  });

  it('goes no further than a day ahead for a touchpoint that says it is of next year, until that has come', async () => {
    const { clock, store, accept, settle, stop } = await form();
    try {
      await accept(call('a', NOW - 7 * DAY_MS));
      await accept(call('b', NOW + YEAR_MS, NOW));
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition']);
      clock.pass(200 * DAY_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition', 'decline', 'exit']);
      clock.pass(YEAR_MS - 200 * DAY_MS);
      await settle();
      expect((await courseOf(store)).map(({ to }) => to)).toEqual(['acquisition', 'decline', 'exit', 'acquisition']);
    } finally {
      await stop();
    }
  });

  it('stands where a right clock would have left it once it is right for long, whatever it said before', async () => {
    const step = fc.record({
      days: fc.constantFrom(0, 0, 400, -400, 3, -3, 0.5, 1_000),
      minutes: fc.constantFrom(1, 9, 11, 30, 3_000),
      restarts: fc.boolean(),
      calls: fc.boolean(),
    });
    const live = async (
      steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
      isRight: boolean,
    ) => {
      const { clock, store, accept, begin, settle, stop } = await form();
      let truth = NOW;
      const pass = async (minutes: number): Promise<void> => {
        await settle();
        clock.pass(minutes * MINUTE_MS);
        truth += minutes * MINUTE_MS;
        await settle();
      };
      try {
        for (const [i, { days, minutes, restarts, calls }] of steps.entries()) {
          clock.set(truth + (isRight ? 0 : days * DAY_MS));
          if (restarts && !isRight) await begin();
          if (calls) await accept(call(`c${i}`, truth - 100 * DAY_MS));
          await pass(minutes);
        }
        clock.set(truth);
        for (let i = 0; i < 3; i++) await pass(11);
        return await courseOf(store);
      } finally {
        await stop();
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        expect(await live(steps, false)).toEqual(await live(steps, true));
      }),
      { numRuns: 12 },
    );
  });
});

it('is what a projector that reads everything anew goes by, not by a clock that has leapt back: nobody is asked in vain', async () => {
  const clock = settableClock(NOW);
  const world = await makeWorld(1);
  const context = { ...world.context(), clock };
  const time = new ProcessingTime(clock);
  const projector = (): Projector => new Projector(context, world.feed(), { channels: ['shop'], time });
  await world.accept([call('a', NOW - 7 * DAY_MS)]);
  const records = await world.store.log.read({ topic, partition: 0 }, 0, 10);
  const processor = new Processor(context, { channels: ['shop'] });
  await processor.consumption().onBatch({ topic, partition: 0, records, end: records.length });
  await projector().settle();
  clock.set(NOW - YEAR_MS);
  world.store.documents.lose();
  const again = projector();
  while ((await again.advance()) > 0);
  expect(await courseOf(world.store)).toHaveLength(1);
  expect(await world.store.documents.due('customer', NOW, 10)).toEqual([]);
});
