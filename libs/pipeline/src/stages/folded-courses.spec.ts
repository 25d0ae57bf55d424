import { expect, it } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
import { identifierOf, type Named } from '../controls/desk.js';
import { NOW } from '../controls/town.js';
import { PIPELINE_GROUP, touchpointTopic } from '../ports.js';
import { feedOf, makeWorld } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const AT = { topic: touchpointTopic('shop'), partition: 0 };
const member: Named[number] = ['member_no', 'MA'];
const device: Named[number] = ['device', 'd-a'];

const callOn = (day: number, ...named: Named): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${day}`,
  occurredAt: NOW - (100 - day) * 86_400_000,
  receivedAt: NOW,
  identifiers: named.map(([type, value]) => identifierOf(type, value)),
  type: 'call_held',
  payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
});

/**
 * Of what becomes of these touchpoints, page by page, what the feed says of the device's customer once it was said to be another's.
 * Another projector takes over after so many pages.
 */
const saidOfTheGone = async (
  touchpoints: readonly AnyTouchpoint[],
  maxEvents: number,
  pagesBefore = 0,
): Promise<string[]> => {
  const world = await makeWorld(1);
  await world.accept(touchpoints);
  const begin = () => new Projector(world.context(), world.feed(), { channels: ['shop'], maxEvents });
  const processor = new Processor(world.context(), { channels: ['shop'] });
  for (const record of await world.store.log.read(AT, 0, 10))
    await processor.onBatch({ ...AT, records: [record], end: record.offset + 1 });
  world.store.log.commitNow(PIPELINE_GROUP, AT, touchpoints.length);
  const before = begin();
  for (let page = 0; page < pagesBefore; page++) await before.advance();
  await begin().settle();
  const gone = customerNamedAfter(identifierOf(...device).subject);
  const feed = await feedOf(world);
  const linked = feed.findIndex(
    ({ type, data }) => type.includes('.linked.') && `${data['added']}`.includes(gone.slice(2)),
  );
  expect(linked).toBeGreaterThanOrEqual(0);
  return feed.slice(linked).flatMap(({ type, customerId }) => (customerId === gone ? [type] : []));
};

it.each([1, 2, 3, 100])(
  'enter nobody into a stage whom they said to be another’s, in pages of %i events',
  async (size) => {
    // given: it was named by the member first, and what it did itself is read before the two are known to be one
    const heardOfFirst = [callOn(0, member, device), callOn(1, device)];
    expect(await saidOfTheGone(heardOfFirst, size)).toEqual([]);
    // given: it stood by itself before
    const stoodFirst = [callOn(1, device), callOn(0, member, device), callOn(2, device)];
    expect((await saidOfTheGone(stoodFirst, size)).filter((type) => !type.includes('.profile.'))).toEqual([]);
  },
);

it.each([1, 2, 3, 5])('nor where another projector takes over at any page of %i events', async (size) => {
  const lives = {
    heardOfFirst: [callOn(0, member, device), callOn(1, device), callOn(2, device)],
    stoodFirst: [callOn(1, device), callOn(0, member, device), callOn(2, device), callOn(3, device)],
    late: [callOn(50, device), callOn(51, device), callOn(0, member, device), callOn(1, device), callOn(2, device)],
  };
  const told: string[] = [];
  for (const [name, life] of Object.entries(lives))
    for (let pages = 1; pages <= 16; pages++)
      for (const type of await saidOfTheGone(life, size, pages))
        if (!type.includes('.profile.')) told.push(`${name} after ${pages}: ${type}`);
  expect(told).toEqual([]);
});

it.each([1, 2, 3])(
  'nor whom a decision that was on its way gave a name of their own, in pages of %i events',
  async (size) => {
    const world = await makeWorld(1);
    const begin = () => new Projector(world.context(), world.feed(), { channels: ['shop'], maxEvents: size });
    const processor = new Processor(world.context(), { channels: ['shop'] });
    const other: Named[number] = ['member_no', 'MB'];
    const email: Named[number] = ['email', 'a@example.com'];
    const take = async (...touchpoints: readonly AnyTouchpoint[]): Promise<void> => {
      await world.accept(touchpoints);
      const [range] = await world.store.log.partitions(AT.topic);
      const end = range?.end ?? 0;
      for (const record of await world.store.log.read(AT, end - touchpoints.length, touchpoints.length))
        await processor.onBatch({ ...AT, records: [record], end });
      world.store.log.commitNow(PIPELINE_GROUP, AT, end);
    };
    // given: a member who is called after a device, beside another member and an address
    await take(callOn(0, other), callOn(1, email), callOn(3, device), callOn(4, member, device));
    await begin().settle();
    // when: the device turns out to be the other's, so that the member is somebody by itself, and then that the address is the member's
    await take(callOn(2, other, device), callOn(5, member, email));
    await begin().settle();
    // then
    const gone = customerNamedAfter(identifierOf(...member).subject);
    const feed = await feedOf(world);
    const linked = feed.findIndex(
      ({ type, customerId, data }) =>
        type.includes('.linked.') &&
        customerId !== gone &&
        `${data['added']}`.includes(gone.slice(2)) &&
        `${data['subjects']}`.includes(identifierOf(...email).subject),
    );
    expect(linked).toBeGreaterThanOrEqual(0);
    const since = feed.slice(linked).filter(({ customerId }) => customerId === gone);
    expect(since.map(({ type }) => type).filter((type) => type.includes('entered'))).toEqual([]);
  },
);

it.each([1, 2, 3, 4, 5, 6, 7])(
  'nor where one that has all documents to make anew reads an older decision before the one that is on its way, in pages of %i events',
  async (size) => {
    const world = await makeWorld(1);
    const feed = world.feed();
    const begin = (maxEvents: number, send = feed.send.bind(feed)) =>
      new Projector(world.context(), { begin: () => feed.begin(), send }, { channels: ['shop'], maxEvents });
    const processor = new Processor(world.context(), { channels: ['shop'] });
    const take = async (touchpoint: AnyTouchpoint): Promise<void> => {
      await world.accept([touchpoint]);
      const [range] = await world.store.log.partitions(AT.topic);
      const records = await world.store.log.read(AT, (range?.end ?? 0) - 1, 1);
      await processor.onBatch({ ...AT, records, end: range?.end ?? 0 });
      world.store.log.commitNow(PIPELINE_GROUP, AT, range?.end ?? 0);
    };
    // given: the member stands somewhere and was decided to be the device's, too, which nobody was told; then the documents are lost
    await take(callOn(0, member));
    await begin(100).settle();
    await take(callOn(1, member, device));
    await take(callOn(2, device));
    const dying = begin(100, () => Promise.reject(new Error('gone')));
    await expect(dying.settle()).rejects.toThrow('gone');
    world.store.documents.lose();
    // when
    await begin(size).settle();
    // then
    const gone = customerNamedAfter(identifierOf(...device).subject);
    const said = (await feedOf(world)).filter(({ customerId }) => customerId === gone).map(({ type }) => type);
    expect(said.filter((type) => !type.includes('.profile.'))).toEqual([]);
  },
);

it('who waits for another’s decision is to be asked, also by one that takes over and knows nothing of that', async () => {
  const world = await makeWorld(1);
  await world.accept([callOn(1, device), callOn(0, member, device), callOn(2, device)]);
  const processor = new Processor(world.context(), { channels: ['shop'] });
  for (const record of await world.store.log.read(AT, 0, 10))
    await processor.onBatch({ ...AT, records: [record], end: record.offset + 1 });
  const projector = new Projector(world.context(), world.feed(), { channels: ['shop'], maxEvents: 2 });
  // when: its own decision has come, and not yet that by which it becomes the member's
  for (let page = 0; page < 7; page++) await projector.advance();
  const waits = customerNamedAfter(identifierOf(...device).subject);
  expect((await world.store.documents.due('customer', 0, 10)).map(({ key }) => key)).toEqual([waits]);
});
