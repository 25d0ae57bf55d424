import { describe, expect, it } from '@jest/globals';
import { CustomerId } from '@tributary/kernel';
import { type PassedOver } from '../commands.js';
import { channels } from '../controls/town.js';
import { Pipeline } from '../pipeline.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, PROJECTOR_GROUP } from '../ports.js';
import { erasuresSaidSince } from '../vault/erasures-said-since.js';
import { makeWorld, type World } from './controls/world.js';
import { Projector } from './projector.js';
import { requireCommandsOf } from './same-log.js';

const AT = { topic: COMMAND_TOPIC, partition: 0 };
const SECRET = 'Ann Lee, 13800138000';
const customer = CustomerId(`c_${'1'.repeat(32)}`);

const poison = async ({ store, clock }: World, text: string): Promise<void> =>
  store.log.append([
    { topic: COMMAND_TOPIC, records: [{ key: null, value: Buffer.from(text), timestamp_ms: clock.now() }] },
  ]);

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 1));
};

/** What runs over the world's engines, until all that is in the log of commands is read; answers what it told. */
const runs = {
  projector: async (world: World): Promise<readonly PassedOver[]> => {
    const told: PassedOver[] = [];
    const context = { ...world.context(), onPassedOver: (record: PassedOver) => void told.push(record) };
    const projector = new Projector(context, world.feed(), { channels, poll_ms: 1 });
    const { done } = projector.start();
    await Promise.race([done, until(() => isRead(world, PROJECTOR_GROUP))]);
    await projector.stop();
    return told;
  },
  pipeline: async (world: World): Promise<readonly PassedOver[]> => {
    const told: PassedOver[] = [];
    const { clock, store } = world;
    const onPassedOver = (record: PassedOver): void => void told.push(record);
    const pipeline = new Pipeline({ ...world.context(), ports: store, clock, onPassedOver }, { channels });
    const { done } = await pipeline.start();
    await Promise.race([done, until(() => isRead(world, PIPELINE_GROUP))]);
    await pipeline.stop();
    return told;
  },
} as const;

const isRead = async ({ store: { log } }: World, group: string): Promise<boolean> =>
  ((await log.committed(group, AT)) ?? 0) === (await log.partitions(COMMAND_TOPIC))[0]?.end;

it.each(['projector', 'pipeline'] as const)(
  'a %s passes over what is no command, tells its place and shape once, and carries out what is behind it',
  async (which) => {
    const world = await makeWorld(1);
    await poison(world, SECRET);
    await world.order({ type: 'erase', id: 'first', customer });
    await poison(world, JSON.stringify({ type: 'erase', id: 'x', by: SECRET }));
    await world.order({ type: 'erase', id: 'second', customer });
    await poison(world, '');
    const told = await runs[which](world);
    expect(told).toEqual([
      { ...AT, offset: 0, bytes: SECRET.length, why: 'it is no JSON' },
      { ...AT, offset: 2, bytes: expect.any(Number), why: 'its "at" is not that of a command' },
      { ...AT, offset: 4, bytes: 0, why: 'it is empty' },
    ]);
    expect(JSON.stringify(told)).not.toContain('Ann');
    expect(await world.store.documents.get('outcome', ['first', 'second'])).toEqual([
      expect.objectContaining({ body: expect.stringContaining('not_found') }),
      expect.objectContaining({ body: expect.stringContaining('not_found') }),
    ]);
    // It begins again, with no word of what was passed over before, and goes on.
    await world.order({ type: 'erase', id: 'third', customer });
    expect(await runs[which](world)).toEqual([]);
    expect((await world.store.documents.get('outcome', ['third']))[0]).toBeDefined();
  },
);

it('a projector begins where one that had taken a command behind it ended before that was noted', async () => {
  const world = await makeWorld(1);
  await poison(world, SECRET);
  await world.order({ type: 'erase', id: 'first', customer });
  const [, order] = await world.store.log.read(AT, 0, 2);
  if (!order) throw new Error('two records were written');
  await new Projector(world.context(), world.feed(), { channels }).onCommands({ ...AT, records: [order], end: 2 });
  expect(await runs.projector(world)).toHaveLength(1);
  expect(await erasuresSaidSince(-1, world.store)).toMatchObject([{ commandId: 'first', erased: [] }]);
});

describe('a log whose last record that was read is no command', () => {
  /** What carries out the first `order`, and passes over `poisons` behind it. */
  const read = async (order: string | null, poisons: number): Promise<World> => {
    const world = await makeWorld(1);
    if (order !== null) await world.order({ type: 'erase', id: order, customer });
    for (let i = 0; i < poisons; i++) await poison(world, SECRET);
    return world;
  };
  const next = async ({ store }: World): Promise<number> => (await store.log.partitions(COMMAND_TOPIC))[0]?.end ?? 0;
  const required = async (by: World, of: World): Promise<void> =>
    requireCommandsOf(by.store.documents, of.store.log, AT, await next(of));

  it('is the same log, if it holds no command or the last of them was carried out', async () => {
    const none = await read(null, 1);
    await expect(required(none, none)).resolves.toBeUndefined();
    const some = await read('first', 2);
    await runs.pipeline(some);
    await expect(required(some, some)).resolves.toBeUndefined();
  });

  it.each([1, 2, 250])('is another, if the last command, %i records before, was not', async (poisons) => {
    const world = await read('first', 1);
    await runs.pipeline(world);
    const restored = await read('another', poisons);
    await expect(required(world, restored)).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringMatching(`was taken up to ${poisons}, and it holds another command at 0: `),
    });
  });

  it('is not searched for ever', async () => {
    const world = await makeWorld(1);
    await expect(required(world, await read('another', 1_000))).resolves.toBeUndefined();
  });
});
