import { describe, expect, it } from '@jest/globals';
import { encodeDecision } from '@tributary/contracts';
import { type AnyTouchpoint, customerStream } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { identifierOf, type Named } from '../controls/desk.js';
import { NOW } from '../controls/town.js';
import { FEED_TOPIC, type FeedMessage, feedRecords } from '../feed-messages.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, touchpointTopic } from '../ports.js';
import { verify } from '../verify.js';
import { Follower } from './controls/follower.js';
import { customersOf, feedOf, makeWorld, standingsOf, type World } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const AT = { topic: touchpointTopic('shop'), partition: 0 };
// Of several that are seen first at one instant, the least by its hash gives a customer its name.
const one: Named[number] = ['member_no', 'M3'];
const other: Named[number] = ['member_no', 'M4'];
const third: Named[number] = ['member_no', 'M2'];
const fourth: Named[number] = ['member_no', 'M0'];
const email: Named[number] = ['email', 'p2@example.com'];
const device: Named[number] = ['device', 'd3'];
const kiosk: Named[number] = ['device', 'kiosk'];

let calls = 0;
const callAt = (second: number, ...named: Named): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${calls++}`,
  occurredAt: NOW - 700 * 86_400_000 + second * 1_000,
  receivedAt: NOW,
  identifiers: named.map(([type, value]) => identifierOf(type, value)),
  type: 'call_held',
  payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
});

const projectorOf = (world: World, maxEvents: number): Projector =>
  new Projector(world.context(), world.feed(), { channels: ['shop'], maxEvents });

const take = async (world: World, touchpoints: readonly AnyTouchpoint[]): Promise<void> => {
  const [before] = await world.store.log.partitions(AT.topic);
  await world.accept(touchpoints);
  const processor = new Processor(world.context(), { channels: ['shop'] });
  const records = await world.store.log.read(AT, before?.end ?? 0, 100);
  for (const record of records) await processor.onBatch({ ...AT, records: [record], end: record.offset + 1 });
  world.store.log.commitNow(PIPELINE_GROUP, AT, (before?.end ?? 0) + records.length);
};

const isFollowed = async (world: World): Promise<boolean> => {
  const follower = new Follower();
  for (const message of await feedOf(world)) follower.hear(message);
  expect(follower.customers()).toEqual(await standingsOf(world.store));
  expect(follower.senseless).toEqual([]);
  return true;
};

const isAsRebuilt = async (world: World): Promise<boolean> => {
  const { documents } = memoryStore();
  const scratch = { documents, close: async () => undefined };
  return (await verify(world.context(), scratch, (work) => work())).equal;
};

const sizes = [1, 2, 3, 4, 5, 100];

describe('whoever folds the feed, and whoever reads the documents', () => {
  it.each(sizes)('see the same, whenever another projector takes over, in pages of %i events', async (size) => {
    const lives: readonly (readonly (readonly AnyTouchpoint[])[])[] = [
      // A device goes from one to the other, …
      [[callAt(0, one, device, kiosk)], [callAt(-1, other, kiosk)]],
      // … and is found to be another's while it is on its way to one, who would be named after it.
      [[callAt(90_000, third, email), callAt(1, third, kiosk)], [callAt(0, fourth, kiosk)]],
    ];
    for (const parts of lives) {
      let straight: unknown;
      for (let pages = 0; pages <= 12; pages++) {
        const world = await makeWorld(1);
        const before = projectorOf(world, size);
        for (const part of parts) {
          await take(world, part);
          for (let page = 0; page < pages; page++) await before.advance();
        }
        await projectorOf(world, size).settle();
        straight ??= await customersOf(world.store);
        expect(await customersOf(world.store)).toEqual(straight);
        expect(await isFollowed(world)).toBe(true);
      }
    }
  });

  it.each(sizes)('see nothing of who was erased, wherever a page of %i events ends', async (size) => {
    for (let pages = 0; pages <= 8; pages++)
      for (const named of [[email, kiosk], [one, email, device], [device]] satisfies Named[]) {
        const world = await makeWorld(1);
        await take(world, [callAt(0, ...named), callAt(1, other)]);
        let projector = projectorOf(world, size);
        for (let page = 0; page < pages; page++) await projector.advance();
        const [first] = named.map((each) => customerNamedAfter(identifierOf(...each).subject));
        await world.order({ type: 'erase', id: 'e', customer: first ?? 'c_' } as never);
        const at = { topic: COMMAND_TOPIC, partition: 0 };
        const records = await world.store.log.read(at, 0, 1);
        await projector.onCommands({ ...at, records, end: 1 });
        // What comes after it, another projector reads.
        projector = projectorOf(world, size);
        await take(world, [callAt(2, other, kiosk)]);
        await projector.settle();
        expect(await isFollowed(world)).toBe(true);
        expect(await isAsRebuilt(world)).toBe(true);
      }
  });
});

describe('what was decided by who was taken over from, and came late', () => {
  const gone = customerNamedAfter(identifierOf(...device).subject);
  const late = async (): Promise<World> => {
    const world = await makeWorld(1);
    await take(world, [callAt(0, one), callAt(1, device), callAt(2, one, device)]);
    await projectorOf(world, 100).settle();
    const [stands] = await standingsOf(world.store);
    expect(stands?.id).not.toBe(gone);
    const transitions = [{ track: 'relationship' as const, from: null, to: 'acquisition', at: NOW, evidence: {} }];
    const event = { type: 'CourseAdvanced' as const, customerId: gone, transitions, rules: 'r', because: [] };
    const stream = customerStream(gone);
    const told = await world.store.events.readStream(stream, 0, 100);
    const id = '00000000-0000-8000-8000-000000000000';
    await world.store.events.append([
      {
        stream,
        expectedRevision: told.length - 1,
        events: [{ id, type: event.type, data: encodeDecision(event), metadata: { recordedAt: NOW } }],
      },
    ]);
    return world;
  };

  it('is not told of who is nobody any more', async () => {
    const world = await late();
    await projectorOf(world, 100).settle();
    expect(await isFollowed(world)).toBe(true);
    expect(await isAsRebuilt(world)).toBe(true);
  });

  it('counts as told where an older version did so', async () => {
    const world = await late();
    const head = await world.store.events.head();
    const told: FeedMessage = {
      id: `${head}-0`,
      type: 'tributary.stage.entered.v1',
      customerId: gone,
      at: NOW,
      recordedAt: NOW,
      sequence: head,
      data: { track: 'relationship', from: null, to: 'acquisition', evidence: {}, rules: 'r' },
    };
    await world.store.log.append([{ topic: FEED_TOPIC, records: feedRecords([told]) }]);
    await projectorOf(world, 100).settle();
    expect(await isAsRebuilt(world)).toBe(true);
  });
});
