import { beforeEach, describe, expect, it } from '@jest/globals';
import { CustomerId, type Log } from '@tributary/kernel';
import { type FeedMessage, FEED_TOPIC, feedRecords } from './feed-messages.js';
import { ordersUnderWay } from './orders-under-way.js';
import { COMMAND_TOPIC } from './ports.js';
import { projector } from './stages/controls/fresh.js';
import { ordered } from './stages/controls/handed.js';
import { makeWorld, type World } from './stages/controls/world.js';
import { lastSentTo } from './stages/feed-outlet.js';
import { readBack } from './stages/log-tail.js';
import { erasuresSaidSince } from './vault/erasures-said-since.js';

const customer = CustomerId(`c_${'1'.repeat(32)}`);

let world: World;
/** As Kafka where records are large: it answers with some of what it is asked for. */
let few: Log;
beforeEach(async () => {
  world = await makeWorld(1);
  const { log } = world.store;
  few = Object.assign(Object.create(log) as Log, {
    read: (...[at, from, most]: Parameters<Log['read']>) => log.read(at, from, Math.min(most, 3)),
    partitions: log.partitions.bind(log),
    committed: async () => undefined,
  });
});

describe('a log that answers fewer records than it is asked for', () => {
  it('is read to its end by who looks for the last message that was sent', async () => {
    const message = (sequence: number): FeedMessage => ({
      id: `${sequence}`,
      type: 't',
      customerId: customer,
      at: 0,
      recordedAt: 0,
      sequence,
      data: {},
    });
    const messages = Array.from({ length: 10 }, (_, i) => message(i));
    await world.store.log.append([{ topic: FEED_TOPIC, records: feedRecords(messages) }]);
    expect(await lastSentTo(few)).toBe(9);
    const [range] = await few.partitions(FEED_TOPIC);
    expect((await readBack(few, range!, () => false)).map(({ offset }) => offset)).toEqual([
      9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ]);
  });

  it('and by who looks for what commands said', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await world.order({ type: 'erase', id, customer });
    await ordered(world, projector(world));
    expect((await few.partitions(COMMAND_TOPIC))[0]?.end).toBe(5);
    const ports = { log: few, events: world.store.events };
    expect((await erasuresSaidSince(-1, ports)).map(({ commandId }) => commandId)).toEqual(ids.toReversed());
    expect((await ordersUnderWay(ports)).map(({ taken }) => taken.commandId)).toEqual(ids);
  });
});
