import { describe, expect, it } from '@jest/globals';
import { COMMAND_STREAMS, subjectStream } from '@tributary/domain';
import { type EventStore, type SubjectId } from '@tributary/kernel';
import { type Faults } from '@tributary/kernel/memory';
import { ANN, BEN, orderOf } from '../controls/orders.js';
import { decodeEvents } from '../read-events.js';
import { processor, projector } from '../stages/controls/fresh.js';
import { ordered, taken } from '../stages/controls/handed.js';
import { makeWorld, type World } from '../stages/controls/world.js';
import { eraseOf, erased, lateContext, withBackup } from './controls/set-back.js';
import { LostKeys } from './lost-keys.js';
import { unreadableIn } from './unreadable.js';

const DEVICE = { type: 'device', value: 'd1', subject: `s_${'d'.repeat(32)}` as SubjectId };

/** Positions of events of a subject whose keys are lost, and from where on commands were searched for them. */
const lostOf = async (world: World, subject: SubjectId) => {
  const { ports, ...rest } = world.context();
  const searched: number[] = [];
  const events: EventStore = Object.assign(Object.create(ports.events) as EventStore, {
    readAll: async (...[after, most, prefix]: Parameters<EventStore['readAll']>) => {
      if (prefix === COMMAND_STREAMS) searched.push(after);
      return world.store.events.readAll(after, most, prefix);
    },
  });
  const appends = await decodeEvents(await world.store.events.readAll(-1, 1_000), { ports, ...rest });
  const unreadable = unreadableIn(appends).filter(({ stream }) => stream === subjectStream(subject));
  const lost = await new LostKeys({ ports: { ...ports, events } }).among(unreadable);
  return { lost: lost.map(({ position }) => position), searched };
};

describe('whether a key was destroyed or is lost', () => {
  it('is told by commands behind the first that it sealed, and no others are searched', async () => {
    const { world, takes, reads, setBack } = await withBackup(true);
    await taken(world, takes, orderOf(3, BEN));
    await erased(world, reads, ANN.subject);
    const own = (await world.store.events.readStream(subjectStream(BEN.subject), 0, 9)).map(({ position }) => position);
    setBack();
    const { lost, searched } = await lostOf(world, BEN.subject);
    expect(lost).toEqual(own);
    expect(searched[0]).toBe(own[0]);
  });

  it('is told by the log of an erasure under way that stands before all that the key has sealed', async () => {
    const world = await makeWorld(1);
    // Ben's device is known by name alone. Whoever takes its first order has its key in hand while he is erased.
    await taken(world, processor(world), orderOf(1, BEN, DEVICE));
    await projector(world).settle();
    const keys = await world.store.vault.keysFor([BEN.subject, DEVICE.subject]);
    await world.order(eraseOf(BEN.subject));
    const stuck: Faults = { at: (step) => (step === 'vault.destroy' ? 'after' : 'none') };
    await expect(ordered(world, projector(world, world.context(stuck)))).rejects.toThrow();
    await taken(world, processor(world, lateContext(world, keys)), orderOf(2, DEVICE));
    expect((await world.store.vault.keysById([...keys.values()].map(({ keyId }) => keyId))).size).toBe(0);
    expect(await lostOf(world, DEVICE.subject)).toEqual({ lost: [], searched: [] });
    const next = projector(world, world.context(stuck));
    while ((await next.advance()) > 0);
    expect(next.position).toBe(await world.store.events.head());
  });
});
