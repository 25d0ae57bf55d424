import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AnyTouchpoint,
  course,
  type CustomerEvent,
  historyOf,
  toReporting,
  type Transition,
} from '@tributary/domain';
import { EngineError } from '@tributary/kernel';
import { combine, orderPlaced, type SubjectState } from '@tributary/domain';
import { decodeDecision } from '@tributary/contracts';
import { lifecycleRules, NOW, townLife } from '../controls/town.js';
import { FEED_TOPIC } from '../feed-messages.js';
import { customersOf, makeWorld, type World } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const MEBIBYTE = 1024 * 1024;
const FLIPS = 5_000;

const someone = fc
  .sample(townLife, { numRuns: 20, seed: 1 })
  .flat()
  .find(({ identifiers }) => identifiers.length === 1) as AnyTouchpoint;

const at = (type: 'order_placed' | 'order_cancelled', orderId: string, occurredAt: number): AnyTouchpoint => {
  const payload =
    type === 'order_placed'
      ? orderPlaced(orderId, 10_000, 'USD')
      : { orderId, amount: null, currency: null, lines: [], reason: null };
  return { ...someone, type, messageId: `${type}-${orderId}`, occurredAt, payload } as AnyTouchpoint;
};

/** Engines that take a megabyte at once, as EventStoreDB and Kafka do by default. */
const bounded = async (): Promise<World> => {
  const world = await makeWorld(1);
  const { append } = world.store.events;
  world.store.events.append = (appends) => {
    for (const { events } of appends)
      if (events.reduce((sum, { data }) => sum + data.length, 0) > MEBIBYTE)
        throw new EngineError('events', 'fatal', 'the append is too large');
    return append.call(world.store.events, appends);
  };
  return world;
};

const typeOf = (message: Uint8Array): string =>
  (JSON.parse(new TextDecoder().decode(message)) as { type: string }).type;

const settled = async (world: World, projector: Projector): Promise<void> => {
  const processor = new Processor(world.context(), { channels: [someone.channel] });
  const { done } = processor.start();
  for (;;) {
    await projector.settle();
    const [range] = await world.store.log.partitions(`touchpoints.${someone.channel}`);
    const next = await world.store.log.committed('pipeline', { topic: `touchpoints.${someone.channel}`, partition: 0 });
    if (range?.end === next) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await processor.stop();
  await done;
  await projector.settle();
};

const standing = async (world: World): Promise<readonly Transition[]> => {
  const [customer, ...others] = (await customersOf(world.store)) as {
    course: readonly Transition[];
    states: { state: SubjectState }[];
  }[];
  expect(others).toEqual([]);
  const state = combine(customer!.states.map((each) => each.state));
  const history = historyOf(state, (amount, currency) => toReporting(amount, currency, lifecycleRules.reporting));
  expect(customer!.course).toEqual(course(history, lifecycleRules, NOW).transitions);
  return customer!.course;
};

it('a late touchpoint that revises ten thousand transitions stays within what engines take at once', async () => {
  const world = await bounded();
  const began = NOW - 200 * 86_400_000;
  const flips = Array.from({ length: FLIPS }, (_, i) => [
    at('order_placed', `o${i}`, began + 2_000 * i),
    at('order_cancelled', `o${i}`, began + 2_000 * i + 1_000),
  ]).flat();
  await world.accept(flips);
  await settled(world, new Projector(world.context(), world.feed(), { channels: [someone.channel] }));
  expect((await standing(world)).length).toBeGreaterThan(2 * FLIPS);

  // when: it was somebody's first order, and the store goes away amid what follows from it
  const [{ end: toldBefore } = { end: 0 }] = await world.store.log.partitions(FEED_TOPIC);
  await world.accept([at('order_placed', 'first', began - 1_000)]);
  let appends = 0;
  const { append } = world.store.events;
  world.store.events.append = async (all) => {
    if (all.some(({ stream }) => stream.startsWith('customer-')) && ++appends === 5)
      throw new EngineError('events', 'retriable', 'away');
    return append.call(world.store.events, all);
  };
  const first = new Projector(world.context(), world.feed(), { channels: [someone.channel] });
  await expect(settled(world, first)).rejects.toThrow('away');
  await settled(world, new Projector(world.context(), world.feed(), { channels: [someone.channel] }));

  // then
  await standing(world);
  const told = await world.store.events.readAll(-1, 1_000_000, 'customer-');
  const decisions = told.map(({ data }) => decodeDecision(data) as CustomerEvent);
  expect(decisions.filter((each) => each.type === 'CourseRevised').length).toBeGreaterThan(10);
  const feed = await world.store.log.read({ topic: FEED_TOPIC, partition: 0 }, 0, 1_000_000);
  expect(Math.max(...feed.map(({ value }) => value.length))).toBeLessThan(MEBIBYTE / 4);
  // Whoever acts on what is entered hears of nothing that it has had, but for what silence brought, which is concluded anew.
  const since = feed.filter(({ offset }) => offset >= toldBefore).map(({ value }) => typeOf(value));
  expect(since).toContain('tributary.course.revised.v1');
  expect(since.filter((type) => type.endsWith('entered.v1')).length).toBeLessThanOrEqual(2);
});
