import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, INTAKE_STREAMS } from '@tributary/domain';
import { DAY_MS, type LogBatch } from '@tributary/kernel';
import { memoryStore, noFaults, withFaults } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { PIPELINE_GROUP, type StageContext, touchpointTopic } from '../ports.js';
import { channels, townLife } from '../controls/town.js';
import { effectsOf, makeWorld, type World } from './controls/world.js';
import { appendOwed } from './append-owed.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const AT = { topic: touchpointTopic('shop'), partition: 0 };

const lived = (seed: number): readonly AnyTouchpoint[] =>
  fc.sample(townLife, { numRuns: 20, seed }).flat().map(numbered);
const numbered = (touchpoint: AnyTouchpoint, i: number): AnyTouchpoint => ({ ...touchpoint, messageId: `n${i}` });
const inShop = (seed: number, many: number): readonly AnyTouchpoint[] =>
  lived(seed)
    .slice(0, many)
    .map((touchpoint) => ({ ...touchpoint, channel: 'shop' }));

/** A batch of the shop's records. */
const batchOf = async ({ store }: World, from: number, to: number): Promise<LogBatch> => {
  const records = (await store.log.read(AT, from, to - from)).filter(({ offset }) => offset < to);
  return { ...AT, records, end: to };
};

/** Restored from a backup while the others went on. */
describe('stages over an engine that was set back', () => {
  it('take nothing from an older event store, also once others have written more to it than documents tell of', async () => {
    const world = await makeWorld(1);
    const taken = async (context: StageContext, from: number, to: number): Promise<void> =>
      new Processor(context, { channels }).onBatch(await batchOf(world, from, to));
    await world.accept(inShop(3, 6));
    await taken(world.context(), 0, 6);
    const first = new Projector(world.context(), world.feed(), { channels });
    while ((await first.advance()) > 0);
    // The backup, as far as it matters here, was made before all this. Whoever takes in small batches writes more events.
    const { ports, ...rest } = world.context();
    const { events: older, documents } = memoryStore();
    for (let from = 0; from < 6; from++)
      await taken({ ...rest, ports: { ...ports, events: older, documents } }, from, from + 1);
    const events = Object.assign(withFaults(older, 'events', noFaults), { head: async () => first.position + 1 });
    const feed = { ...world.feed(), begin: async () => -1 };
    const later = new Projector({ ...rest, ports: { ...ports, events } }, feed, { channels });
    await expect(later.advance()).rejects.toMatchObject({
      engine: 'events',
      failure: 'retriable',
      message: expect.stringContaining('does not hold event 0 of intake-touchpoints.shop-0'),
    });
  });

  it('refuse a log that is shorter than what was taken from it', async () => {
    const world = await makeWorld(1);
    await world.accept(inShop(4, 1));
    await new Processor(world.context(), { channels }).onBatch(await batchOf(world, 0, 1));
    const another = await makeWorld(1);
    const context = world.context();
    const moved = new Processor({ ...context, ports: { ...context.ports, log: another.store.log } }, { channels });
    await expect(moved.startAt(AT)).rejects.toMatchObject({ failure: 'fatal' });
  });

  it('refuse a log that was set back and filled with others, unless all that was taken has left it', async () => {
    const accepted = (world: World, many: number): Promise<void> =>
      world.accept(inShop(4, many).map((one) => ({ ...one, receivedAt: world.clock.now() })));
    const world = await makeWorld(1);
    await accepted(world, 3);
    const batch = await batchOf(world, 0, 3);
    await new Processor(world.context(), { channels }).onBatch(batch);
    // The backup ends after one of them. What comes in from then on lies where the others did, and goes on behind them.
    const restored = await makeWorld(1);
    await restored.store.log.append([{ topic: AT.topic, records: batch.records.slice(0, 1) }]);
    restored.clock.advance(DAY_MS);
    await accepted(restored, 5);
    const context = world.context();
    const over = { ...context, ports: { ...context.ports, log: restored.store.log } };
    await expect(new Processor(over, { channels }).startAt(AT)).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringContaining('shop/0 was taken up to 2, and it holds another record there'),
    });
    // As the guide has it.
    await restored.store.log.truncate(AT, 3);
    restored.store.log.commitNow(PIPELINE_GROUP, AT, 3);
    await expect(new Processor(over, { channels }).startAt(AT)).resolves.toBe(3);
  });

  it('leave no hole where the event store is set back under a running processor', async () => {
    const world = await makeWorld(1);
    await world.accept(inShop(5, 6));
    const { ports, ...rest } = world.context();
    const older = memoryStore().events;
    let events = ports.events;
    const changing = new Proxy(events, { get: (_, name: keyof typeof events) => events[name].bind(events) });
    const context = { ...rest, ports: { ...ports, events: changing } };
    // The backup knows of two, the platform of four.
    await new Processor({ ...rest, ports: { ...ports, events: older } }, { channels }).onBatch(
      await batchOf(world, 0, 2),
    );
    const running = new Processor(context, { channels });
    await running.onBatch(await batchOf(world, 0, 2));
    await running.onBatch(await batchOf(world, 2, 4));
    events = older;
    await expect(running.onBatch(await batchOf(world, 4, 6))).rejects.toMatchObject({
      engine: 'events',
      failure: 'retriable',
      message: expect.stringContaining('shop/0 up to 1, and 3 was taken'),
    });
    await expect(new Processor(context, { channels }).startAt(AT)).resolves.toBe(2);
  });

  it('carry out what an older event store holds only the word of, wherever the group stands', async () => {
    const world = await makeWorld(1);
    await world.accept(inShop(5, 6));
    const running = new Processor(world.context(), { channels });
    await running.onBatch(await batchOf(world, 0, 3));
    await running.onBatch(await batchOf(world, 3, 6));
    world.store.log.commitNow(PIPELINE_GROUP, AT, 6);
    // The backup ends with the word of the first batch: what it led to was not there yet.
    const older = memoryStore().events;
    const events = await world.store.events.readAll(-1, 1_000);
    const first = events.findIndex(({ stream }) => stream.startsWith(INTAKE_STREAMS));
    for (const { stream, revision, id, type, data, metadata } of events.slice(0, first + 1))
      await older.append([{ stream, expectedRevision: revision - 1, events: [{ id, type, data, metadata }] }]);
    const { ports, ...rest } = world.context();
    const restored = new Processor({ ...rest, ports: { ...ports, events: older } }, { channels });
    expect(await restored.startAt(AT)).toBe(3);
    await restored.onBatch(await batchOf(world, 3, 6));
    const of = { ...world, store: { ...world.store, events: older } } as World;
    expect(await effectsOf(of)).toEqual(await effectsOf(world));
  });

  it('take a partition from its beginning of which the event store tells nothing, wherever the group stands', async () => {
    const world = await makeWorld(1);
    world.store.log.commitNow(PIPELINE_GROUP, AT, 5);
    await expect(new Processor(world.context(), { channels }).startAt(AT)).resolves.toBe(0);
  });

  it('say that the event store is older where documents tell of more than a stream holds', async () => {
    const { events } = memoryStore();
    const owed = {
      stream: 'subject-1',
      base: 3,
      events: [{ id: 'e', type: 't', data: new Uint8Array(), metadata: { recordedAt: 0 } }],
    };
    await expect(appendOwed(events, [owed])).rejects.toMatchObject({
      failure: 'retriable',
      message: expect.stringContaining('ends a stream at -1, and it had 3'),
    });
  });

  it('see at rest that the event store ends before what was read of it', async () => {
    const world = await makeWorld(1);
    await world.accept(lived(6).slice(0, 3));
    const { ports, ...rest } = world.context();
    for (const channel of channels) {
      const at = { topic: touchpointTopic(channel), partition: 0 };
      const records = await world.store.log.read(at, 0, 10);
      if (records.length > 0)
        await new Processor(world.context(), { channels }).onBatch({ ...at, records, end: records.length });
    }
    let isSetBack = false;
    const ended = { head: async () => 0, readAll: async () => [] };
    const events = new Proxy(ports.events, {
      get: (store, name) => {
        const own = Reflect.get(isSetBack && name in ended ? ended : store, name) as () => unknown;
        return own.bind(store);
      },
    });
    const projector = new Projector({ ...rest, ports: { ...ports, events } }, world.feed(), { channels, poll_ms: 1 });
    const { done } = projector.start();
    while (projector.position < (await world.store.events.head()))
      await new Promise((resolve) => setTimeout(resolve, 5));
    isSetBack = true;
    await expect(done).rejects.toMatchObject({ failure: 'retriable', message: expect.stringContaining('ends at 0') });
    await projector.stop();
  });
});
