import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseCustomer } from '@tributary/domain';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type Faults, memoryStore, Mortal, noFaults, withFaults } from '@tributary/kernel/memory';
import { callOf, identifierOf, type Named } from '../controls/desk.js';
import { channels } from '../controls/town.js';
import { Pipeline } from '../pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, touchpointTopic } from '../ports.js';
import { makeWorld, type World } from '../stages/controls/world.js';
import { erasureUnderWay } from './erasure-under-way.js';

const ANN = ['member_no', 'M1'] as const;
const BEN = ['member_no', 'M2'] as const;
const PHONE = ['phone', '+8613700137111'] as const;
const subjectOf = ([type, value]: Named[number]): SubjectId => identifierOf(type, value).subject;
const [ann, ben, phone] = [subjectOf(ANN), subjectOf(BEN), subjectOf(PHONE)];
const eraseOf = (subject: SubjectId) =>
  ({ type: 'erase', id: `erase-${subject}`, customer: customerNamedAfter(subject) }) as const;

const pipelineOf = ({ store, clock, ...world }: World, faults: Faults = noFaults): Pipeline => {
  const { ports, ...rest } = world.context(faults);
  return new Pipeline(
    { ...rest, ports: { ...ports, sink: withFaults(store.sink, 'sink', faults) }, clock },
    { channels },
  );
};

/** Until all that is there has had its effect, or it fails. */
const lives = async (world: World, faults: Faults = noFaults): Promise<void> => {
  const pipeline = pipelineOf(world, faults);
  const { done } = await pipeline.start();
  await Promise.race([done, allRead(world)]).finally(() => pipeline.stop());
};

const allRead = async ({ store: { log } }: World): Promise<void> => {
  for (const topic of [touchpointTopic('shop'), COMMAND_TOPIC])
    for (const { end } of await log.partitions(topic))
      while (((await log.committed(PIPELINE_GROUP, { topic, partition: 0 })) ?? 0) < end)
        await new Promise((resolve) => setTimeout(resolve, 1));
};

const membersOf = async ({ store: { documents } }: World): Promise<readonly (readonly string[])[]> =>
  (await documents.scan('customer', '', 100)).map(({ body }) => [...parseCustomer(body).subjects].sort());

/** Whoever is to erase is killed when the vault is told so: before it has done so, or after. */
const killed = async (world: World, fault: 'before' | 'after'): Promise<void> => {
  const faults = new Mortal((step) => (step === 'vault.destroy' ? fault : 'none'));
  await expect(lives(world, faults)).rejects.toMatchObject({ message: expect.stringContaining('vault.destroy') });
};

const receiptOf = async ({ store: { documents } }: World, subject: SubjectId): Promise<unknown> => {
  const [outcome] = await documents.get('outcome', [eraseOf(subject).id]);
  return (JSON.parse(outcome?.body ?? '{}') as { receipt?: unknown }).receipt;
};

const expectRebuilt = async (world: World): Promise<void> => {
  const { documents } = memoryStore();
  const report = await pipelineOf(world).verify({ documents, close: async () => undefined });
  expect(report.projections.filter(({ equal }) => !equal)).toEqual([]);
};

/** Ann's card and her phone are one customer, and Ben is another. */
let world: World;
beforeEach(async () => {
  world = await makeWorld(1);
  await world.accept([callOf(1, 10, [ANN, PHONE]), callOf(2, 11, [PHONE]), callOf(3, 12, [BEN])]);
  await lives(world);
  expect(await membersOf(world)).toEqual(expect.arrayContaining([[ann, phone].sort(), [ben]]));
});

describe('an erasure in the middle of which the process was killed', () => {
  it.each([
    ['before its keys went', ['before']],
    ['when its keys had gone', ['after']],
    ['and again while that was finished', ['before', 'after', 'after']],
  ] as const)('%s, takes whom it began with, though touchpoints since then would part them', async (_, deaths) => {
    await world.order(eraseOf(ann));
    for (const fault of deaths) await killed(world, fault);
    // The phone was Ben's before: of all that is said it is his, and not Ann's.
    await world.accept([callOf(4, 5, [BEN, PHONE])]);
    await lives(world);
    await expectRebuilt(world);
    expect(await receiptOf(world, ann)).toMatchObject({
      subjects: expect.arrayContaining([ann, phone]),
      keysDestroyed: 2,
    });
    expect(await membersOf(world)).toEqual([[ben, phone].sort()]);
    await expectRebuilt(world);
  });

  it('takes nobody who was tied to them since', async () => {
    const other = ['email', 'cat@example.com'] as const;
    await world.accept([callOf(4, 13, [other])]);
    await lives(world);
    await world.order(eraseOf(ann));
    await killed(world, 'after');
    await world.accept([callOf(5, 14, [PHONE, other])]);
    await lives(world);
    expect(await receiptOf(world, ann)).toMatchObject({ subjects: expect.not.arrayContaining([subjectOf(other)]) });
    expect(await membersOf(world)).toEqual(expect.arrayContaining([[phone, subjectOf(other)].sort(), [ben]]));
    await expectRebuilt(world);
  });

  it('is over where an older program, which knows no such note, has carried it out since', async () => {
    const { documents } = world.store;
    await world.order(eraseOf(ann));
    await killed(world, 'after');
    const [note] = await documents.get('checkpoint', ['erasing']);
    await lives(world);
    const receipt = await receiptOf(world, ann);
    // As that one leaves it, with newer events beside it.
    await documents.replace([{ kind: 'checkpoint', key: 'erasing', version: note!.version, body: note!.body }]);
    await world.accept([callOf(4, 14, [ANN])]);
    await lives(world);
    expect(await erasureUnderWay(documents)).toBeUndefined();
    expect(await receiptOf(world, ann)).toEqual(receipt);
    expect(await membersOf(world)).toEqual(expect.arrayContaining([[ann], [ben]]));
    await expectRebuilt(world);
  });

  it('leaves nothing to the next one', async () => {
    for (const subject of [ann, ben]) {
      await world.order(eraseOf(subject));
      await killed(world, 'after');
      await lives(world);
      expect(await receiptOf(world, subject)).toMatchObject({ subjects: expect.arrayContaining([subject]) });
      expect(await erasureUnderWay(world.store.documents)).toBeUndefined();
    }
    expect(await membersOf(world)).toEqual([]);
    await expectRebuilt(world);
  });
});
