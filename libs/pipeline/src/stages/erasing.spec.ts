import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, plainOrder } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type Fault, memoryStore, Mortal } from '@tributary/kernel/memory';
import { channels } from '../controls/town.js';
import { COMMAND_TOPIC, touchpointTopic } from '../ports.js';
import { decodeEvents } from '../read-events.js';
import { verify } from '../verify.js';
import { makeWorld, type World } from './controls/world.js';
import { Processor } from './processor.js';
import { Projector } from './projector.js';

const topic = touchpointTopic('shop');
const SUBJECT = `s_${'7'.repeat(32)}` as SubjectId;
const KIOSK = { type: 'device', value: 'kiosk', subject: `s_${'9'.repeat(32)}` as SubjectId };
const OTHER = { type: 'member_no', value: 'M1', subject: `s_${'1'.repeat(32)}` as SubjectId };
const customer: CustomerId = customerNamedAfter(SUBJECT);

const PERSON = { type: 'member_no', value: 'M7', subject: SUBJECT };

const order = (n: number, ...identifiers: AnyTouchpoint['identifiers']): AnyTouchpoint => ({
  channel: 'shop',
  messageId: `m${n}`,
  occurredAt: Date.UTC(2024, 0, n),
  receivedAt: Date.UTC(2024, 0, n),
  identifiers: identifiers.length > 0 ? identifiers : [PERSON],
  type: 'order_placed',
  payload: {
    orderId: `o${n}`,
    amount: 10_000,
    currency: 'USD',
    lines: [],
    method: null,
    store: null,
    country: null,
    city: null,
    ...plainOrder,
  },
});

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

const fresh = (world: World): Projector => new Projector(world.context(), world.feed(), { channels });

const taken = async (world: World, touchpoint: AnyTouchpoint): Promise<void> => {
  await world.accept([touchpoint]);
  const [range] = await world.store.log.partitions(topic);
  const from = (range?.end ?? 0) - 1;
  const records = await world.store.log.read({ topic, partition: 0 }, from, 1);
  await new Processor(world.context(), { channels }).onBatch({ topic, partition: 0, records, end: from + 1 });
};

const ordered = async (world: World, projector: Projector): Promise<void> => {
  const records = await world.store.log.read({ topic: COMMAND_TOPIC, partition: 0 }, 0, 10);
  await projector.onCommands({ topic: COMMAND_TOPIC, partition: 0, records, end: records.length });
};

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
  const projector = fresh(world);
  await projector.settle();
  const scratch = { documents: memoryStore().documents, close: async () => undefined };
  const { projections } = await verify(world.context(), scratch, (work) => projector.still(work));
  expect(projections.filter(({ equal }) => !equal)).toEqual([]);
};

/** A projector lingers before that step of the erasure; meanwhile another carries it out, and the touchpoint comes in. */
const overtaken = async (world: World, step: string, since: AnyTouchpoint): Promise<void> => {
  const late = lingering(world);
  await late.projector.advance();
  late.before(step);
  const lateDone = ordered(world, late.projector);
  await late.waits;
  const overtaking = fresh(world);
  await ordered(world, overtaking);
  await taken(world, since);
  await overtaking.advance();
  late.go();
  await lateDone.catch(() => undefined);
};

it('an erasure is still answered where the documents were lost since', async () => {
  const world = await makeWorld(1);
  await taken(world, order(1));
  const projector = fresh(world);
  await projector.advance();
  await world.order(erase);
  await ordered(world, projector);
  const answered = await outcome(world);
  expect(answered).toMatchObject({ status: 'done', receipt: { subjects: [SUBJECT] } });

  world.store.documents.lose();
  await fresh(world).settle();
  expect(await outcome(world)).toEqual(answered);
});

describe('an erasure by a projector that others have overtaken', () => {
  it('takes nothing where it was refused meanwhile, and the person has come since', async () => {
    const world = await makeWorld(1);
    await world.order(erase);
    await overtaken(world, 'documents.get', order(1));

    expect(await outcome(world)).toMatchObject({ status: 'refused', code: 'not_found' });
    expect(await readable(world)).toBe(1);
    await expectRebuilt(world);
  });

  it('takes what there was when it was decided, and nothing that came since, however late it is', async () => {
    const world = await makeWorld(1);
    await taken(world, order(1));
    await fresh(world).advance();
    await world.order(erase);
    await overtaken(world, 'vault.destroy', order(2));

    expect(await outcome(world)).toMatchObject({
      status: 'done',
      receipt: { subjects: [SUBJECT], keysDestroyed: 1 },
    });
    expect(await readable(world)).toBe(1);
    await expectRebuilt(world);
  });

  it('leaves a feed that can be held against its rebuild, though whose somebody was only erased facts had said', async () => {
    const world = await makeWorld(1);
    await taken(world, order(1, PERSON, KIOSK));
    await fresh(world).settle();
    await world.order(erase);
    const late = lingering(world);
    await late.projector.advance();
    late.before('vault.idsOf');
    const lateDone = ordered(world, late.projector);
    await late.waits;
    // The kiosk comes to another person, and the first one with it, in the moment in which that one is erased.
    await taken(world, order(0, OTHER, KIOSK));
    await fresh(world).settle();
    late.go();
    await lateDone.catch(() => undefined);
    await fresh(world).settle();
    // What the other said of the kiosk went with the first one, whose it was; now the other says it again.
    await taken(world, order(2, OTHER, KIOSK));
    await fresh(world).settle();
    await taken(world, order(3, KIOSK));
    await fresh(world).settle();
    await world.order({ type: 'erase', id: 'erase-2', customer: customerNamedAfter(OTHER.subject) });
    const last = fresh(world);
    await ordered(world, last);
    await last.settle();

    expect(await readable(world)).toBe(0);
    await expectRebuilt(world);
  });
});
