import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customerNamedAfter, EngineError, type QueryOptions } from '@tributary/kernel';
import { requireInLine } from './bring-into-line.js';
import { bea, emptyStore, LoadingWorld, topic, until } from '../testing/loading-world.js';

let world: LoadingWorld;
beforeEach(async () => (world = await LoadingWorld.open()));
afterEach(() => world.close());

describe('tables and store of which one comes from a backup', () => {
  const rows = async (): Promise<number[]> => {
    const all = 'SELECT toUnixTimestamp64Milli(occurred_at) AS n FROM raw_touchpoints ORDER BY n';
    return (await world.warehouse.query<{ n: number }>(all)).map(({ n }) => Number(n));
  };

  it('erases once more from tables that do not say that the erased have left them', async () => {
    await world.hold(bea, [bea]);
    await world.take(1);
    await world.tell(bea, 'tributary.customer.linked');
    await world.load();
    await world.idle();
    await world.store.documents.clear('customer');
    world.told = 10;
    await world.tell(bea, 'tributary.customer.erased', { subject: bea, members: [bea] });
    await world.idle();
    expect([await rows(), await world.known()]).toEqual([[], []]);

    // The log holds the touchpoint still, and fills the new tables with it.
    await world.warehouse.command('TRUNCATE TABLE loader_fences');
    await world.load();
    await until(async () => (await world.lag())?.erasures === 0);
    expect([await rows(), await world.known()]).toEqual([[], []]);
    const looks: string[] = [];
    const query = <Row>(sql: string, options?: QueryOptions): Promise<readonly Row[]> => {
      looks.push(sql);
      return world.warehouse.query<Row>(sql, options);
    };
    await world.load({ ...world.warehouse, query, command: world.warehouse.command.bind(world.warehouse) });
    await world.idle();
    expect(looks.filter((sql) => sql.includes('customer_subjects'))).toEqual([]);
  });

  it('are brought into line where the store is the older one, and load what comes next', async () => {
    await world.hold(bea, [bea]);
    for (const n of [1, 2]) await world.take(n);
    await world.tell(bea, 'tributary.customer.linked');
    const older = { log: world.store.log, events: world.store.events };
    await world.load();
    await world.idle();

    world.store = await emptyStore();
    await world.hold(bea, [bea]);
    await world.tell(bea, 'tributary.customer.linked');
    for (const n of [1, 2, 3, 4, 5]) await world.take(n);
    for (let i = 0; i < 3; i++) await world.tell(bea, 'tributary.customer.moved');
    await world.load();
    await world.idle();
    expect(await rows()).toEqual([1, 2, 3, 4, 5]);

    Object.assign(world.store, older);
    const takenBack: number[] = [];
    await world.load(world.warehouse, { onTakenBack: (facts) => takenBack.push(facts) });
    await world.take(6);
    await world.idle();
    expect([takenBack, await rows(), await world.known()]).toEqual([[3], [1, 2, 6], [customerNamedAfter(bea)]]);
    await world.load(world.warehouse, { onTakenBack: (facts) => takenBack.push(facts) });
    await world.idle();
    expect(takenBack).toEqual([3]);
  });

  it('are said to be ahead where they are not ours to take back, and are in line when they were made anew', async () => {
    for (const n of [1, 2, 3]) await world.take(n);
    await world.load();
    await world.idle();
    world.store = await emptyStore();
    await world.take(4);
    let said = 0;
    const onAhead = (): void => void said++;
    // A server that is away for a moment is no reason to end the start.
    let away = true;
    const query = <Row>(sql: string, options?: QueryOptions): Promise<readonly Row[]> => {
      if (!away) return world.warehouse.query<Row>(sql, options);
      away = false;
      throw new EngineError('warehouse', 'retriable', 'away');
    };
    await world.load(
      { ...world.warehouse, query, command: world.warehouse.command.bind(world.warehouse) },
      { onAhead },
    );
    expect([said, await rows()]).toEqual([1, [1, 2, 3]]);

    await world.load(world.warehouse, { onAhead });
    await world.again(true);
    await world.take(5);
    await world.idle();
    expect(await rows()).toEqual([4, 5]);
    await world.load(world.warehouse, { onAhead });
    expect(said).toBe(2);
  });

  it('are left alone where the store holds nothing: that is no older state, but a lost one', async () => {
    await world.take(1);
    await world.load();
    await world.idle();
    world.store = await emptyStore();
    await expect(world.load(world.warehouse, { onTakenBack: () => undefined })).rejects.toThrow('restore tributary.db');
    expect(await rows()).toEqual([1]);
    world.loading = undefined;
  });

  it('are not loaded on by one of several processes where the store is the older one', async () => {
    await world.take(1);
    await world.load();
    await world.idle();
    const { log, events } = world.store;
    await requireInLine(world.warehouse, log, events);
    const older = { head: async () => (await events.head()) - 1 };
    await expect(requireInLine(world.warehouse, log, older)).rejects.toMatchObject({ failure: 'retriable' });
  });

  it('tell of what the log does not hold any more', async () => {
    for (const n of [1, 2, 3]) await world.take(n);
    await world.store.log.truncate({ topic, partition: 0 }, 2);
    const missing: number[] = [];
    await world.load(world.warehouse, { onMissing: (touchpoints) => missing.push(touchpoints) });
    await world.idle();
    expect([missing, await rows()]).toEqual([[2], [3]]);
  });
});
