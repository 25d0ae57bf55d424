import { beforeEach, describe, expect, it } from '@jest/globals';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { ANN, BEN, orderOf } from '../controls/orders.js';
import { channels } from '../controls/town.js';
import { COMMAND_TOPIC, touchpointTopic } from '../ports.js';
import { makeWorld, type World } from '../stages/controls/world.js';
import { Processor } from '../stages/processor.js';
import { Projector } from '../stages/projector.js';
import { takeCommand } from '../stages/take-command.js';
import { WorkingSet } from '../working-set.js';
import { erasuresSaidSince } from './erasures-said-since.js';

const at = { topic: touchpointTopic('shop'), partition: 0 };

let world: World;
let reads: Projector;
let told: number[];
let sealed: readonly string[];
beforeEach(async () => {
  world = await makeWorld(1);
  told = [];
  reads = new Projector(world.context(), world.feed(), { channels, poll_ms: 1 });
  await world.accept([orderOf(1, ANN), orderOf(2, BEN)]);
  const records = await world.store.log.read(at, 0, 2);
  await new Processor(world.context(), { channels }).onBatch({ ...at, records, end: 2 });
  await reads.settle();
  sealed = await world.store.vault.idsOf([ANN.subject, BEN.subject]);
});

const begins = (): Promise<number> =>
  new Processor({ ...world.context(), onKeysBack: (keys) => void told.push(keys) }, { channels }).startAt(at);

const order = (subject: SubjectId) =>
  ({ type: 'erase', id: `erase-${subject}`, customer: customerNamedAfter(subject) }) as const;

const erase = async (subject: SubjectId): Promise<void> => {
  await world.order(order(subject));
  const { end = 0 } = (await world.store.log.partitions(COMMAND_TOPIC))[0] ?? {};
  const records = await world.store.log.read({ topic: COMMAND_TOPIC, partition: 0 }, end - 1, 1);
  await reads.onCommands({ topic: COMMAND_TOPIC, partition: 0, records, end });
};

/** Whoever carries it out dies when it is said, before the keys go; as an older program it does not say where its order lies. */
const sayErased = async (subject: SubjectId): Promise<void> => {
  await world.order(order(subject));
  const context = world.context();
  const set = new WorkingSet(context.ports.documents);
  const command = { ...order(subject), at: world.clock.now(), by: 'spec', reason: 'spec' };
  await takeCommand(command, undefined, set, context, async () => undefined);
};

const keysLeft = async (): Promise<number> => (await world.store.vault.keysById(sealed)).size;

describe('who begins, given erasures that were said since the vault was marked', () => {
  it('destroys the keys of one that is under way, and does not call the vault set back', async () => {
    await erase(ANN.subject);
    await sayErased(BEN.subject);
    await begins();
    expect(await keysLeft()).toBe(0);
    expect(told).toEqual([]);
  });

  it('tells of those only that had been destroyed before, where the vault was set back, too', async () => {
    const setBack = world.store.vault.backup();
    await erase(ANN.subject);
    await sayErased(BEN.subject);
    setBack();
    world.store.documents.lose();
    expect(await keysLeft()).toBe(2);
    await begins();
    expect(await keysLeft()).toBe(0);
    expect(told).toEqual([1]);
  });
});

it('erasures are looked for as far back as to one that was taken before, also where an older program took it', async () => {
  await sayErased(ANN.subject);
  const before = await world.store.events.head();
  await erase(BEN.subject);
  expect(await erasuresSaidSince(before, world.store)).toMatchObject([{ commandId: order(BEN.subject).id }]);
});
