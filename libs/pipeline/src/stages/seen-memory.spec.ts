import { describe, expect, it } from '@jest/globals';
import { seenKey } from '@tributary/contracts';
import { type Touchpoint } from '@tributary/domain';
import { DAY_MS, type SeenMark, type SeenStore } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { catalogue, NOW } from '../controls/town.js';
import { PIPELINE_GROUP, touchpointTopic } from '../ports.js';
import { Driver } from './controls/driver.js';
import { acceptedOf, makeWorld, type World } from './controls/world.js';
import { batchMark } from './intake-lane.js';
import { Processor } from './processor.js';

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
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    const day = { key: `epoch/${Math.floor(NOW / DAY_MS)}`, at: 'not read back' };
    await world.store.seen.markSeen([day, batchMark(at, 3)]);
    await world.accept(views(0, 4));
    expect(await accepted(world)).toBe(8);
    world.store.seen.lose();
    await world.accept(views(0, 5));
    expect(await accepted(world)).toBe(9);
  });

  it('is read back where it was set back to an older state of the same day, by whoever begins and by whoever goes on', async () => {
    for (const begins of [true, false]) {
      const world = await makeWorld(3);
      const day = `epoch/${Math.floor(NOW / DAY_MS)}`;
      const processor = new Processor(world.context(), { channels: ['shop'] });
      const taken = new Map<number, number>();
      const take = async (by: Processor): Promise<number> => {
        for (const { topic, partition, end } of await world.store.log.partitions(touchpointTopic('shop'))) {
          const from = taken.get(partition) ?? 0;
          const records = await world.store.log.read({ topic, partition }, from, 100);
          if (records.length > 0) await by.onBatch({ topic, partition, end, records });
          taken.set(partition, end);
        }
        return acceptedOf(world);
      };
      await world.accept(views(0, 20));
      await take(processor);
      const before = (await world.store.seen.firstSeen([day]))[0] as string;
      await world.accept(views(20, 40));
      expect(await take(processor)).toBe(60);
      // The backup holds the mark of the day, and what was there when it was made.
      world.store.seen.lose();
      await world.store.seen.markSeen([{ key: day, at: before }]);
      await world.accept([...views(20, 40), view('new')]);
      expect(await take(begins ? new Processor(world.context(), { channels: ['shop'] }) : processor)).toBe(61);
    }
  });

  it('is read back, too, where the newest batch was still to be completed, and no further than it was set back', async () => {
    const world = await makeWorld(1);
    const day = `epoch/${Math.floor(NOW / DAY_MS)}`;
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    let next = 0;
    const take = async (by: Processor): Promise<number> => {
      const records = await world.store.log.read(at, next, 2_000);
      await by.onBatch({ ...at, end: next + records.length, records });
      next += records.length;
      return acceptedOf(world);
    };
    const processor = new Processor(world.context(), { channels: ['shop'] });
    for (let i = 0; i < 500; i++) {
      await world.accept(views(2 * i, 2));
      await take(processor);
    }
    const [epoch] = await world.store.seen.firstSeen([day]);
    // A machine failed: the memory is without the two last batches, and the offset of the last was not committed.
    const kept = memoryStore().seen;
    await kept.markSeen([{ key: day, at: epoch as string }]);
    for (let to = 1; to < 996; to += 2) await kept.markSeen([batchMark(at, to)]);
    const ids = Array.from({ length: 996 }, (_, i) => ({ key: seenKey('shop', `v${i}`), at: `${at.topic}/0/${i}` }));
    await kept.markSeen(ids);
    world.store.log.commitNow(PIPELINE_GROUP, at, 998);
    let marked = 0;
    const seen: SeenStore = {
      firstSeen: (keys) => kept.firstSeen(keys),
      markSeen: (marks) => {
        marked += marks.length;
        return kept.markSeen(marks);
      },
    };
    const context = world.context();
    const again = new Processor({ ...context, ports: { ...context.ports, seen } }, { channels: ['shop'] });
    expect(await again.startAt(at)).toBe(1_000);
    await world.accept([...views(0, 1_000), view('new')]);
    expect(await take(again)).toBe(1_001);
    // Behind 200 batches in a row that it knows, and not all 500.
    expect(marked).toBeLessThan(700);
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

  it('is read back once by a processor, however many partitions it has to take from', async () => {
    const partitions = 6;
    const world = await makeWorld(partitions);
    const spread = (touchpoints: ReturnType<typeof views>) =>
      world.store.log.append(
        touchpoints.map((touchpoint) => ({
          topic: touchpointTopic('shop'),
          records: [{ key: touchpoint.messageId, value: catalogue.encode(touchpoint), timestamp_ms: NOW }],
        })),
      );
    await spread(views(0, 60));
    expect(await accepted(world)).toBe(60);
    await spread(views(60, 60));
    world.store.seen.lose();
    const context = world.context();
    const { seen } = context.ports;
    let marked = 0;
    const counting = {
      firstSeen: (keys: readonly string[]) => seen.firstSeen(keys),
      markSeen: (marks: readonly SeenMark[]) => ((marked += marks.length), seen.markSeen(marks)),
    };
    const processor = new Processor(
      { ...context, ports: { ...context.ports, seen: counting } },
      { channels: ['shop'] },
    );
    const ranges = await world.store.log.partitions(touchpointTopic('shop'));
    await Promise.all(
      ranges.map(async ({ topic, partition, begin, end }) => {
        await processor.startAt({ topic, partition });
        await processor.onBatch({
          topic,
          partition,
          end,
          records: await world.store.log.read({ topic, partition }, begin, 100),
        });
      }),
    );
    expect(await acceptedOf(world)).toBe(120);
    // From the log, and from the events that name nobody; then what is new, the mark of the day, and of each batch.
    expect(marked).toBeLessThanOrEqual(60 + 60 + 60 + 1 + 2 * partitions);
  });
});
