import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FEED_TOPIC } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
import { bea, LoadingWorld, topic, until } from '../testing/loading-world.js';

let world: LoadingWorld;
beforeEach(async () => (world = await LoadingWorld.open()));
afterEach(() => world.close());

describe('a comparison or a rebuild of the tables', () => {
  it('leaves no second copy of the tables beside them, whatever a rebuild or its end has left', async () => {
    await world.hold(bea, [bea]);
    await world.tell(bea, 'tributary.customer.linked');
    const beside = async () =>
      (await world.warehouse.query<{ name: string }>('SHOW TABLES'))
        .map(({ name }) => name)
        .filter((name) => /__next$/.test(name));
    await world.warehouse.command('CREATE TABLE fct_calls__next (a UInt8) ENGINE = MergeTree ORDER BY a');
    await world.load();
    await until(async () => (await beside()).length === 0);
    await world.idle();
    const report = await world.again(false);
    expect(report.find(({ name }) => name === 'clickhouse.customers')).toMatchObject({ equal: true, rows: 1 });
    expect(await beside()).toEqual([]);
    await world.again(true);
    expect(await beside()).toEqual([]);
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);

    const again = world.again(true);
    await Promise.all([expect(again).rejects.toThrow('the platform stops'), world.stop()]);
    expect(await beside()).toEqual([]);
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });

  it('given a retention that drops input meanwhile, is given up, and the tables keep what they hold of it', async () => {
    for (const n of [1, 2, 3]) await world.take(n);
    await world.load();
    await world.idle();
    const rows = async () => (await world.warehouse.query('SELECT message_id FROM raw_touchpoints')).length;
    expect(await rows()).toBe(3);
    const { head } = world.store.events;
    world.store.events.head = async () => {
      await world.store.log.truncate({ topic, partition: 0 }, 2);
      return head.call(world.store.events);
    };
    await expect(world.again(true)).rejects.toMatchObject({ failure: 'retriable' });
    expect(await rows()).toBe(3);
    const report = await world.again(true);
    expect(report.find(({ name }) => name === 'clickhouse.raw_touchpoints')?.outcome).toBe('not_compared');
    expect(await rows()).toBe(3);
  });

  it('under input that never pauses compares facts at one place, and says of customers that they were not compared', async () => {
    await world.hold(bea, [bea]);
    await world.take(1);
    await world.tell(bea, 'tributary.customer.linked');
    await world.load();
    await world.idle();
    const { partitions, append } = world.store.log;
    const { readAll } = world.store.events;
    let n = 1;
    world.store.log.partitions = async (name) => {
      if (name === FEED_TOPIC) await world.tell(bea, 'tributary.customer.moved');
      return partitions.call(world.store.log, name);
    };
    world.store.events.readAll = async (...asked) => {
      if (n < 400) await world.take((n += 1));
      return readAll.call(world.store.events, ...asked);
    };
    const report = await world.again(false);
    Object.assign(world.store.log, { partitions, append });
    world.store.events.readAll = readAll;
    expect(Object.fromEntries(report.map(({ name, outcome }) => [name, outcome]))).toMatchObject({
      'clickhouse.raw_touchpoints': 'equal',
      'clickhouse.customers': 'not_compared',
      'clickhouse.customer_subjects': 'not_compared',
    });
    expect(report.find(({ name }) => name === 'clickhouse.customers')?.equal).toBe(false);
    expect((await world.again(false)).every(({ outcome }) => outcome === 'equal')).toBe(true);
  });

  it('says of customers that they were not compared, and not that they differ, where somebody is erased meanwhile', async () => {
    await world.hold(bea, [bea]);
    await world.tell(bea, 'tributary.customer.linked');
    await world.load();
    await world.idle();
    const { partitions } = world.store.log;
    world.store.log.partitions = async (name) => {
      world.store.log.partitions = partitions;
      const version = (world.written += 1);
      const gone = [['subject', bea] as const, ['customer', customerNamedAfter(bea)] as const];
      await world.store.documents.put(gone.map(([kind, key]) => ({ kind, key, version, body: null })));
      await world.tell(bea, 'tributary.customer.erased', { subject: bea, members: [bea] });
      return partitions.call(world.store.log, name);
    };
    const outcomes = async () =>
      (await world.again(false)).filter(({ name }) => name.includes('customer')).map(({ outcome }) => outcome);
    expect(await outcomes()).toEqual(['not_compared', 'not_compared']);
    await world.idle();
    expect(await outcomes()).toEqual(['equal', 'equal']);
    expect(await world.known()).toEqual([]);
  });

  it.each(['at its beginning', 'by its end'])(
    'is refused while profiles are being rebuilt, %s: tables in use keep their customers',
    async (when) => {
      await world.hold(bea, [bea]);
      await world.tell(bea, 'tributary.customer.linked');
      let asked = 0;
      await world.load(world.warehouse, { rebuilding: async () => asked++ === (when === 'by its end' ? 1 : 0) });
      await world.idle();
      await expect(world.again(true)).rejects.toMatchObject({ failure: 'retriable' });
      expect(await world.known()).toEqual([customerNamedAfter(bea)]);
      expect((await world.again(true)).every(({ outcome }) => outcome === 'equal')).toBe(true);
    },
  );

  it('of a table whose files are damaged says so, and a rebuild makes it anew', async () => {
    for (const n of [1, 2, 3]) await world.take(n);
    await world.load();
    await world.idle();
    const parts = await world.warehouse.query<{ path: string }>(
      "SELECT path FROM system.parts WHERE table = 'raw_touchpoints' AND active",
    );
    for (const { path } of parts)
      for (const name of (await readdir(path)).filter((file) => /^data\.bin$|^message_id\.bin$/.test(file)))
        await damage(join(path, name));
    await world.warehouse.command('SYSTEM DROP MARK CACHE');
    const outcome = async (changeOver: boolean) =>
      (await world.again(changeOver)).find(({ name }) => name === 'clickhouse.raw_touchpoints');
    expect(await outcome(false)).toMatchObject({
      outcome: 'different',
      rows: 3,
      difference: expect.stringContaining('the live table cannot be read'),
    });
    expect(await outcome(true)).toMatchObject({ outcome: 'different' });
    expect(await outcome(false)).toMatchObject({ outcome: 'equal', rows: 3 });
  });
});

/** Other bytes in the middle, as a failing disk gives them. */
const damage = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor((2 * bytes.length) / 3));
  await writeFile(path, bytes);
};
