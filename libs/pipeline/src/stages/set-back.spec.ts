import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { DAY_MS } from '@tributary/kernel';
import { memoryStore, noFaults, withFaults } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { PIPELINE_GROUP, type StageContext, touchpointTopic } from '../ports.js';
import { channels, townLife } from '../controls/town.js';
import { makeWorld, type World } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const lived = (seed: number): readonly AnyTouchpoint[] =>
  fc.sample(townLife, { numRuns: 20, seed }).flat().map(numbered);
const numbered = (touchpoint: AnyTouchpoint, i: number): AnyTouchpoint => ({ ...touchpoint, messageId: `n${i}` });

/** Restored from a backup while the others went on. */
describe('stages over an engine that was set back', () => {
  it('take nothing from an older event store, also once others have written more to it than documents tell of', async () => {
    const world = await makeWorld(1);
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    const touchpoints = lived(3).slice(0, 6);
    const taken = async (context: StageContext, from: number, to: number): Promise<void> => {
      const records = (await world.store.log.read(at, from, to - from)).filter(({ offset }) => offset < to);
      await new Processor(context, { channels }).onBatch({ ...at, records, end: 6 });
    };
    await world.accept(touchpoints.map((touchpoint) => ({ ...touchpoint, channel: 'shop' })));
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
    const [touchpoint] = lived(4);
    await world.accept([{ ...(touchpoint as AnyTouchpoint), channel: 'shop' }]);
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    await new Processor(world.context(), { channels }).onBatch({
      ...at,
      records: await world.store.log.read(at, 0, 10),
      end: 1,
    });
    const another = await makeWorld(1);
    const context = world.context();
    const moved = new Processor({ ...context, ports: { ...context.ports, log: another.store.log } }, { channels });
    await expect(moved.startAt(at)).rejects.toMatchObject({ failure: 'fatal' });
  });

  it('refuse a log that was set back and filled with others, unless all that was taken has left it', async () => {
    const at = { topic: touchpointTopic('shop'), partition: 0 };
    const accepted = async (world: World, many: number): Promise<void> => {
      const touchpoints = lived(4).slice(0, many);
      await world.accept(touchpoints.map((one) => ({ ...one, channel: 'shop', receivedAt: world.clock.now() })));
    };
    const world = await makeWorld(1);
    await accepted(world, 3);
    const records = await world.store.log.read(at, 0, 10);
    await new Processor(world.context(), { channels }).onBatch({ ...at, records, end: 3 });
    // The backup ends after one of them. What comes in from then on lies where the others did, and goes on behind them.
    const restored = await makeWorld(1);
    await restored.store.log.append([{ topic: at.topic, records: records.slice(0, 1) }]);
    restored.clock.advance(DAY_MS);
    await accepted(restored, 5);
    const context = world.context();
    const over = { ...context, ports: { ...context.ports, log: restored.store.log } };
    await expect(new Processor(over, { channels }).startAt(at)).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringContaining('shop/0 was taken up to 2, and it holds another record there'),
    });
    // As the guide has it.
    await restored.store.log.truncate(at, 3);
    restored.store.log.commitNow(PIPELINE_GROUP, at, 3);
    await expect(new Processor(over, { channels }).startAt(at)).resolves.toBe(3);
  });
});
