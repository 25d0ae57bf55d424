import { expect, it } from '@jest/globals';
import { type AnyTouchpoint, parseCustomer } from '@tributary/domain';
import { customerNamedAfter, DAY_MS } from '@tributary/kernel';
import { identifierOf, type Named } from '../controls/desk.js';
import { NOW } from '../controls/town.js';
import { PIPELINE_GROUP, touchpointTopic } from '../ports.js';
import { makeWorld } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const AT = { topic: touchpointTopic('shop'), partition: 0 };
const member: Named[number] = ['member_no', 'MA'];
const other: Named[number] = ['member_no', 'MB'];
const email: Named[number] = ['email', 'a@example.com'];
const device: Named[number] = ['device', 'd-a'];

const callOn = (day: number, ...named: Named): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${day}`,
  occurredAt: NOW - (100 - day) * DAY_MS,
  receivedAt: NOW,
  identifiers: named.map(([type, value]) => identifierOf(type, value)),
  type: 'call_held',
  payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
});

/** Where the member stands two years later, if another projector takes over after so many pages of so many events. */
const stagesOfMember = async (maxEvents: number, pagesBefore: number): Promise<readonly string[]> => {
  const world = await makeWorld(1);
  const begin = () => new Projector(world.context(), world.feed(), { channels: ['shop'], maxEvents });
  const processor = new Processor(world.context(), { channels: ['shop'] });
  let taken = 0;
  const take = async (touchpoint: AnyTouchpoint): Promise<void> => {
    await world.accept([touchpoint]);
    const records = await world.store.log.read(AT, taken, 1);
    taken += 1;
    await processor.onBatch({ ...AT, records, end: taken });
    world.store.log.commitNow(PIPELINE_GROUP, AT, taken);
  };
  for (const touchpoint of [callOn(9, member), callOn(10, member, email), callOn(4, other)]) await take(touchpoint);
  await begin().settle();
  // The e-mail address was the other's first: the member's customer says that it lets it go, the other's that it has it.
  await take(callOn(5, other, email, device));
  await take(callOn(11, member));
  const before = begin();
  for (let page = 0; page < pagesBefore; page++) await before.advance();
  await begin().settle();
  world.clock.advance(730 * DAY_MS);
  await begin().settle();
  const [document] = await world.store.documents.get('customer', [customerNamedAfter(identifierOf(...member).subject)]);
  return parseCustomer(document?.body ?? '').course.map(({ at, to }) => `${to} ${(at - NOW) / DAY_MS}`);
};

it.each([1, 2, 3])(
  'asks also whoever waited for the decision of another when one projector took the place of another, in pages of %i events',
  async (size) => {
    const stages = await stagesOfMember(size, 0);
    expect(stages.length).toBeGreaterThan(2);
    for (let pages = 1; pages <= 12; pages++)
      expect({ pages, stages: await stagesOfMember(size, pages) }).toEqual({ pages, stages });
  },
);
