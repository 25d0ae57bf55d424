import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type Fault, type Faults, Mortal } from '@tributary/kernel/memory';
import { ANN, BEN, orderOf } from '../controls/orders.js';
import { channels } from '../controls/town.js';
import { decodeEvents } from '../read-events.js';
import { compared, processor, projector } from './controls/fresh.js';
import { ordered, taken } from './controls/handed.js';
import { feedOf, makeWorld, type World } from './controls/world.js';
import { Projector } from './projector.js';

const KIOSK = { type: 'device', value: 'kiosk', subject: `s_${'9'.repeat(32)}` as SubjectId };
const customer: CustomerId = customerNamedAfter(ANN.subject);

/** A projector that lingers before its next step of that name, from when it is told which, until it is told to go on. */
const lingering = (world: World) => {
  let step: string | null = null;
  let go!: () => void;
  const gone = new Promise<Fault>((resolve) => (go = () => resolve('none')));
  let arrived!: () => void;
  const waits = new Promise<void>((resolve) => (arrived = resolve));
  const life = new Mortal((next): Fault | Promise<Fault> => {
    if (next !== step) return 'none';
    step = null;
    arrived();
    return gone;
  });
  return {
    projector: new Projector(world.context(life), world.feed(life), { channels }),
    before: (next: string) => void (step = next),
    waits,
    go,
  };
};

const takenAnew = (world: World, touchpoint: AnyTouchpoint): Promise<void> =>
  taken(world, processor(world), touchpoint);

const outcome = async ({ store }: World): Promise<unknown> => {
  const [document] = await store.documents.get('outcome', ['erase-1']);
  return JSON.parse(document?.body ?? 'null');
};

const erase = { type: 'erase' as const, id: 'erase-1', customer };

/** How many facts of the person can still be read. */
const readable = async (world: World): Promise<number> => {
  const events = await world.store.events.readAll(-1, 1_000);
  const appends = await decodeEvents(events, world.context());
  return appends.flatMap((append) => append.events).filter(({ content }) => content.kind === 'fact').length;
};

const expectRebuilt = async (world: World): Promise<void> => {
  const last = projector(world);
  await last.settle();
  const { projections } = await compared(world, last);
  expect(projections.filter(({ equal }) => !equal)).toEqual([]);
};

/** A projector lingers before that step of the erasure; meanwhile another carries it out, and the touchpoint comes in. */
const overtaken = async (world: World, step: string, since: AnyTouchpoint): Promise<void> => {
  const late = lingering(world);
  await late.projector.advance();
  late.before(step);
  const lateDone = ordered(world, late.projector);
  await late.waits;
  const overtaking = projector(world);
  await ordered(world, overtaking);
  await takenAnew(world, since);
  await overtaking.advance();
  late.go();
  await lateDone.catch(() => undefined);
};

it('an erasure is still answered where the documents were lost since', async () => {
  const world = await makeWorld(1);
  await takenAnew(world, orderOf(1, ANN));
  const reads = projector(world);
  await reads.advance();
  await world.order(erase);
  await ordered(world, reads);
  const answered = await outcome(world);
  expect(answered).toMatchObject({ status: 'done', receipt: { subjects: [ANN.subject] } });

  world.store.documents.lose();
  await projector(world).settle();
  expect(await outcome(world)).toEqual(answered);
});

it.each([1, 2, 100])(
  'of somebody who came just before tells nothing of them any more behind it, in pages of %i events',
  async (maxEvents) => {
    const world = await makeWorld(1);
    for (const n of [1, 2]) await takenAnew(world, orderOf(n, ANN));
    await world.order(erase);
    const reads = new Projector(world.context(), world.feed(), { channels, maxEvents });
    await ordered(world, reads);
    await reads.settle();
    const types = (await feedOf(world)).map(({ type }) => type);
    expect(types.lastIndexOf('tributary.customer.erased.v1')).toBe(types.length - 1);
    await expectRebuilt(world);
  },
);

it('whoever comes again while their erasure is handed over once more is decided as anybody', async () => {
  const world = await makeWorld(1);
  await takenAnew(world, orderOf(1, ANN));
  await world.order(erase);
  const first = projector(world);
  await ordered(world, first);
  await takenAnew(world, orderOf(2, ANN));
  await first.settle();
  // It ends before the offset of its commands moved, and what came since is not read yet.
  await takenAnew(world, orderOf(3, ANN));

  const next = projector(world);
  while ((await next.advance()) > 0);
  const [document] = await world.store.documents.get('customer', [customer]);
  const { course } = JSON.parse(document?.body ?? 'null') as { course: readonly unknown[] };
  expect(course).toContainEqual(expect.objectContaining({ track: 'buyer', to: 'repeat' }));
});

it('a vault whose file cannot be written anew holds up the erasure, and nobody else', async () => {
  const world = await makeWorld(1);
  await takenAnew(world, orderOf(1, ANN));
  await world.order(erase);
  const stuck: Faults = { at: (next) => (next === 'vault.destroy' ? 'after' : 'none') };
  await ordered(world, projector(world, world.context(stuck))).catch(() => undefined);
  await takenAnew(world, orderOf(2, BEN));

  const next = projector(world, world.context(stuck));
  while ((await next.advance()) > 0);
  expect(await world.store.documents.get('customer', [customerNamedAfter(BEN.subject)])).not.toEqual([undefined]);
  const healed = projector(world);
  await ordered(world, healed);
  expect(await outcome(world)).toMatchObject({ status: 'done' });
  await expectRebuilt(world);
});

it('an erasure that stands has nothing destroyed again by whoever goes on, nor where it is handed over once more', async () => {
  const world = await makeWorld(1);
  await takenAnew(world, orderOf(1, ANN));
  await world.order(erase);
  await ordered(world, projector(world));
  const steps: string[] = [];
  const next = new Projector(world.context(new Mortal((step) => (steps.push(step), 'none'))), world.feed(), {
    channels,
  });
  await ordered(world, next);
  expect(steps).not.toContain('vault.destroy');
  expect(await outcome(world)).toMatchObject({ status: 'done' });
});

describe('an erasure by a projector that others have overtaken', () => {
  it('takes nothing where it was refused meanwhile, and the person has come since', async () => {
    const world = await makeWorld(1);
    await world.order(erase);
    await overtaken(world, 'documents.get', orderOf(1, ANN));

    expect(await outcome(world)).toMatchObject({ status: 'refused', code: 'not_found' });
    expect(await readable(world)).toBe(1);
    await expectRebuilt(world);
  });

  it('takes what there was when it was decided, and nothing that came since, however late it is', async () => {
    const world = await makeWorld(1);
    await takenAnew(world, orderOf(1, ANN));
    await projector(world).advance();
    await world.order(erase);
    await overtaken(world, 'vault.destroy', orderOf(2, ANN));

    expect(await outcome(world)).toMatchObject({
      status: 'done',
      receipt: { subjects: [ANN.subject], keysDestroyed: 1 },
    });
    expect(await readable(world)).toBe(1);
    await expectRebuilt(world);
  });

  it('leaves a feed that can be held against its rebuild, though whose somebody was only erased facts had said', async () => {
    const world = await makeWorld(1);
    await takenAnew(world, orderOf(1, ANN, KIOSK));
    await projector(world).settle();
    await world.order(erase);
    const late = lingering(world);
    await late.projector.advance();
    late.before('vault.idsOf');
    const lateDone = ordered(world, late.projector);
    await late.waits;
    // The kiosk comes to another person, and the first one with it, in the moment in which that one is erased.
    await takenAnew(world, orderOf(0, BEN, KIOSK));
    await projector(world).settle();
    late.go();
    await lateDone.catch(() => undefined);
    await projector(world).settle();
    // What the other said of the kiosk went with the first one, whose it was; now the other says it again.
    await takenAnew(world, orderOf(2, BEN, KIOSK));
    await projector(world).settle();
    await takenAnew(world, orderOf(3, KIOSK));
    await projector(world).settle();
    await world.order({ type: 'erase', id: 'erase-2', customer: customerNamedAfter(BEN.subject) });
    const last = projector(world);
    await ordered(world, last);
    await last.settle();

    expect(await readable(world)).toBe(0);
    await expectRebuilt(world);
  });
});
