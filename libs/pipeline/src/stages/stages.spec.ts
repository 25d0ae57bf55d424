import { afterEach, describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { type CustomerId, DAY_MS, namesakeOf, type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { awaitOutcome } from '../commands.js';
import { PIPELINE_GROUP, quarantineTopic, touchpointTopic } from '../ports.js';
import { channels, townLife } from '../controls/town.js';
import { nothingWaits } from '../reading.js';
import { customersOf, effectsOf, intakeOf, makeWorld, type World } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const topics = channels.map(touchpointTopic);
const lived = (seed: number): readonly AnyTouchpoint[] =>
  fc.sample(townLife, { numRuns: 20, seed }).flat().map(numbered);
const numbered = (touchpoint: AnyTouchpoint, i: number): AnyTouchpoint => ({ ...touchpoint, messageId: `n${i}` });

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await holds()); waited += 5) {
    if (waited > 20_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('stages that run by themselves', () => {
  const running: { stop(): Promise<void> }[] = [];
  afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));
  const processor = (world: World): Processor => {
    const one = new Processor(world.context(), { channels, maxRecords: 7 });
    one.start().done.catch((error: unknown) => {
      throw error;
    });
    running.push(one);
    return one;
  };
  const projector = (world: World): Projector => {
    const one = new Projector(world.context(), world.feed(), { channels, maxEvents: 50, poll_ms: 5 });
    one.start().done.catch((error: unknown) => {
      throw error;
    });
    running.push(one);
    return one;
  };
  const caughtUp = (world: World): Promise<void> => until(() => nothingWaits(world.store.log, PIPELINE_GROUP, topics));

  it('scale from one processor to three and back, and each record is taken once', async () => {
    const world = await makeWorld(4);
    const all = lived(1);
    const third = Math.ceil(all.length / 3);
    projector(world);
    processor(world);
    await world.accept(all.slice(0, third));
    const others = [processor(world), processor(world)];
    await world.accept(all.slice(third, 2 * third));
    await caughtUp(world);
    for (const other of others) await other.stop();
    await world.accept(all.slice(2 * third));
    await caughtUp(world);
    const effects = await effectsOf(world);
    expect(new Set(effects).size).toBe(effects.length);
    for (const ranges of (await intakeOf(world)).values())
      ranges.forEach(([from], i) =>
        expect(from).toBe(i === 0 ? 0 : (ranges[i - 1] as readonly [number, number])[1] + 1),
      );
    const taken = [...(await intakeOf(world)).values()].flat().reduce((sum, [from, to]) => sum + to - from + 1, 0);
    expect(taken).toBe(all.length);
  });

  it('conclude silence when nothing waits, once time has passed', async () => {
    const world = await makeWorld(2);
    projector(world);
    processor(world);
    await world.accept(lived(2));
    await caughtUp(world);
    // Longer than the slowest rhythm takes to end.
    world.clock.advance(800 * DAY_MS);
    await until(async () => {
      const customers = (await customersOf(world.store)) as { course: { track: string; to: string }[] }[];
      return (
        customers.length > 0 &&
        customers.every(({ course }) => course.filter(({ track }) => track === 'relationship').at(-1)?.to === 'exit')
      );
    });
  });

  it('leave the log alone while nobody is due', async () => {
    const world = await makeWorld(2);
    const one = projector(world);
    processor(world);
    await world.accept(lived(2));
    await caughtUp(world);
    await until(async () => one.position === (await world.store.events.head()));
    let asked = 0;
    const { partitions } = world.store.log;
    world.store.log.partitions = (topic) => ((asked += 1), partitions.call(world.store.log, topic));
    // Decisions by silence may still come, and whoever is due is asked for.
    await until(
      async () => (asked = 0) === 0 && (await new Promise((resolve) => setTimeout(resolve, 100)), asked) === 0,
    );
  });

  it('stop amid making documents anew, with a page at most', async () => {
    const PAGE = 5;
    const world = await makeWorld(2);
    const one = processor(world);
    const first = projector(world);
    await world.accept(fc.sample(townLife, { numRuns: 100, seed: 3 }).flat().map(numbered));
    await caughtUp(world);
    await one.stop();
    await until(async () => first.position === (await world.store.events.head()));
    await first.stop();
    world.clock.advance(800 * DAY_MS);
    world.store.documents.lose();
    const { put } = world.store.documents;
    // An engine far away: the silent are due long before the head is reached.
    world.store.documents.put = async (writes) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return put.call(world.store.documents, writes);
    };
    const again = new Projector(world.context(), world.feed(), { channels, maxEvents: PAGE, poll_ms: 5 });
    again.start().done.catch((error: unknown) => {
      throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const at = again.position;
    expect(at).toBeLessThan((await world.store.events.head()) - 10 * PAGE);
    await again.stop();
    expect(again.position).toBeLessThanOrEqual(at + 2 * PAGE);
  });

  it('notice that documents were lost while no events come, and make them anew', async () => {
    const world = await makeWorld(2);
    const first = new Projector(world.context(), world.feed(), { channels, poll_ms: 5 });
    const { done } = first.start();
    running.push(first);
    processor(world);
    await world.accept(lived(2));
    await caughtUp(world);
    await until(async () => first.position === (await world.store.events.head()));
    let looks = 0;
    const { get } = world.store.documents;
    world.store.documents.get = (kind, keys) => (
      (looks += Number(kind === 'checkpoint')),
      get.call(world.store.documents, kind, keys)
    );
    // Decisions by silence may still come, a second after input that waited.
    const head = (): Promise<number> => world.store.events.head();
    await until(
      async () => (await head()) === (await new Promise((resolve) => setTimeout(resolve, 1_500)).then(() => head())),
    );
    looks = 0;
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Of sixty polls one at most.
    expect(looks).toBeLessThan(2);
    const before = await customersOf(world.store);
    world.store.documents.lose();
    await expect(done).rejects.toMatchObject({ engine: 'documents', failure: 'retriable' });
    await first.stop();
    projector(world);
    await until(async () => (await customersOf(world.store)).length === before.length);
    expect(await customersOf(world.store)).toEqual(before);
  });

  it('stand still for work that fails, and go on from documents that it changed', async () => {
    const world = await makeWorld(2);
    let begun = 0;
    const feed = world.feed();
    const counted = { begin: () => ((begun += 1), feed.begin()), send: feed.send.bind(feed) };
    const one = new Projector(world.context(), counted, { channels, maxEvents: 50, poll_ms: 5 });
    one.start().done.catch((error: unknown) => {
      throw error;
    });
    running.push(one);
    processor(world);
    await world.accept(lived(2));
    await caughtUp(world);
    await expect(one.still(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    const before = await one.still(async () => {
      const [census] = await world.store.documents.get('checkpoint', ['census']);
      const body = JSON.stringify({ ...(JSON.parse(census?.body ?? '{}') as object), touchpoints: 1_000 });
      await world.store.documents.replace([{ kind: 'checkpoint', key: 'census', version: one.position, body }]);
      return one.position;
    });
    await world.accept(
      lived(5)
        .slice(0, 1)
        .map((touchpoint) => ({ ...touchpoint, messageId: 'one-more' })),
    );
    await until(async () => one.position > before);
    await until(async () => {
      const [census] = await world.store.documents.get('checkpoint', ['census']);
      return (JSON.parse(census?.body ?? '{}') as { touchpoints: number }).touchpoints === 1_001;
    });
    // To begin is to fence: whoever has taken over beside the work must not be.
    expect(begun).toBe(1);
  });

  it('take nothing from an event store that is older than what was made of it', async () => {
    const world = await makeWorld(2);
    processor(world);
    const first = projector(world);
    await world.accept(lived(3));
    await caughtUp(world);
    await until(async () => first.position === (await world.store.events.head()));
    await first.stop();
    const head = first.position;
    const { ports, ...rest } = world.context();
    const events = Object.assign(Object.create(ports.events) as typeof ports.events, { head: async () => head - 1 });
    const later = new Projector({ ...rest, ports: { ...ports, events } }, world.feed(), { channels, poll_ms: 5 });
    running.push(later);
    await expect(later.start().done).rejects.toMatchObject({
      engine: 'events',
      failure: 'retriable',
      message: expect.stringContaining(`ends at ${head - 1}`),
    });
  });

  it('answer a command when its consequences can be seen', async () => {
    const world = await makeWorld(2);
    projector(world);
    processor(world);
    await world.accept(lived(3));
    await caughtUp(world);
    await until(async () => (await customersOf(world.store)).length > 1);
    const [one, other] = ((await customersOf(world.store)) as { id: CustomerId }[]).map(({ id }) => id);
    if (!one || !other) throw new Error('the town is too small');
    await world.order({ type: 'merge', id: 'merge', customer: one, other });
    expect(await awaitOutcome(world.store.documents, 'merge', 20_000)).toMatchObject({ status: 'done' });
    const merged = (await customersOf(world.store)) as { subjects: SubjectId[] }[];
    expect(merged.some(({ subjects }) => [one, other].every((id) => subjects.includes(namesakeOf(id))))).toBe(true);
    await world.order({ type: 'erase', id: 'erase', customer: one });
    const outcome = await awaitOutcome(world.store.documents, 'erase', 20_000);
    expect(outcome).toMatchObject({ status: 'done' });
    const erased = outcome?.status === 'done' ? (outcome.receipt?.subjects ?? []) : [];
    const left = (await customersOf(world.store)) as { subjects: SubjectId[] }[];
    expect(left.flatMap(({ subjects }) => subjects).filter((subject) => erased.includes(subject))).toEqual([]);
  });

  it('put aside what cannot be read, once, also when its batch is done again', async () => {
    const world = await makeWorld(1);
    const topic = touchpointTopic('shop');
    const record = { key: null, value: new TextEncoder().encode('what is this'), timestamp_ms: world.clock.now() };
    await world.store.log.append([{ topic, records: [record] }]);
    const at = { topic, partition: 0 };
    const batch = { ...at, records: await world.store.log.read(at, 0, 10), end: 1 };
    await new Processor(world.context(), { channels }).onBatch(batch);
    // The offset was not noted: the next owner completes what it cannot know to be complete.
    const next = new Processor(world.context(), { channels });
    expect(await next.startAt(at)).toBe(1);
    await next.onBatch(batch);
    const aside = await world.store.log.read({ topic: quarantineTopic('shop'), partition: 0 }, 0, 10);
    expect(aside).toHaveLength(1);
    expect([...(await intakeOf(world)).values()].flat()).toEqual([[0, 0]]);
  });
});
