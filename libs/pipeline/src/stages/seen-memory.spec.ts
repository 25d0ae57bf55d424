import { describe, expect, it } from '@jest/globals';
import { type Touchpoint } from '@tributary/domain';
import { DAY_MS } from '@tributary/kernel';
import { NOW } from '../controls/town.js';
import { touchpointTopic } from '../ports.js';
import { Driver } from './controls/driver.js';
import { acceptedOf, makeWorld, type World } from './controls/world.js';

const view = (messageId: string): Touchpoint<'page_viewed'> => ({
  type: 'page_viewed',
  channel: 'shop',
  messageId,
  occurredAt: NOW - 5_000,
  receivedAt: NOW - 1_000,
  identifiers: [],
  payload: { path: '/', title: null, productId: null, category: null, campaign: null },
});
const views = (from: number, count: number) => Array.from({ length: count }, (_, i) => view(`v${from + i}`));
const accepted = async (world: World): Promise<number> => {
  await new Driver(world, []).finish();
  return acceptedOf(world);
};

describe('the memory of message ids, lost', () => {
  it('knows behaviour that names nobody by the log, on whichever partition it comes again', async () => {
    const world = await makeWorld(3);
    await world.accept(views(0, 40));
    expect(await accepted(world)).toBe(40);
    for (let round = 0; round < 3; round++) {
      world.store.seen.lose();
      await world.accept([...views(0, 40), view(`new-${round}`)]);
      expect(await accepted(world)).toBe(41 + round);
    }
  });

  it('reads back no more than what was taken: what only waits is new', async () => {
    const world = await makeWorld(1);
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    await world.accept(views(0, 10));
    await new Driver(world, []).take(0, at, 4, false);
    world.store.seen.lose();
    expect(await accepted(world)).toBe(10);
  });

  it('passes over what was taken twice after an earlier loss', async () => {
    const world = await makeWorld(1);
    await world.accept(views(0, 4));
    expect(await accepted(world)).toBe(4);
    // As one that could not read the log back would have done.
    world.store.seen.lose();
    await world.store.seen.markSeen([{ key: `epoch/${Math.floor(NOW / DAY_MS)}`, at: 'not read back' }]);
    await world.accept(views(0, 4));
    expect(await accepted(world)).toBe(8);
    world.store.seen.lose();
    await world.accept(views(0, 5));
    expect(await accepted(world)).toBe(9);
  });

  it('is read back from what the log still holds', async () => {
    const world = await makeWorld(1);
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    await world.accept(views(0, 6));
    expect(await accepted(world)).toBe(6);
    await world.store.log.truncate(at, 3);
    world.store.seen.lose();
    await world.accept(views(3, 3));
    expect(await accepted(world)).toBe(6);
  });
});
