import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customerNamedAfter, type QueryOptions } from '@tributary/kernel';
import { ann, bea, LoadingWorld, until } from '../testing/loading-world.js';

let world: LoadingWorld;
beforeEach(async () => (world = await LoadingWorld.open()));
afterEach(() => world.close());

describe('an erasure', () => {
  it('loses no rows of others when a crash comes between removing them and writing them anew', async () => {
    await world.hold(bea, [bea, ann]);
    await world.tell(bea, 'tributary.customer.linked');
    await world.load();
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);

    await world.hold(bea, [bea]);
    await world.tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    let removed = false;
    const { trouble } = await world.load({
      migrate: () => world.warehouse.migrate(),
      query: (sql, options) => world.warehouse.query(sql, options),
      close: () => world.warehouse.close(),
      command: async (sql, options) => {
        await world.warehouse.command(sql, options);
        removed ||= sql.includes('customers DELETE');
      },
      insert: (batch) => (removed ? Promise.reject(new Error('dead')) : world.warehouse.insert(batch)),
    });
    await until(async () => trouble.length > 0);
    expect(await world.known()).toEqual([]);

    await world.load();
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });

  it('waits for documents that were lost, and takes nobody else along', async () => {
    await world.hold(bea, [bea, ann]);
    await world.tell(bea, 'tributary.customer.linked');
    const made = async () => ({ life: 'one', position: world.told, whole: true });
    await world.load(world.warehouse, { madeTo: made });
    await world.idle();

    // Lost while the rows are being removed, and being rebuilt afterwards.
    let state: 'whole' | 'lost' | 'rebuilt' = 'whole';
    let refusals = 0;
    await world.tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    await world.load(
      {
        migrate: () => world.warehouse.migrate(),
        query: (sql, options) => world.warehouse.query(sql, options),
        insert: (batch) => world.warehouse.insert(batch),
        close: () => world.warehouse.close(),
        command: async (sql, options) => {
          await world.warehouse.command(sql, options);
          if (state !== 'whole' || !sql.includes('customers DELETE')) return;
          state = 'lost';
          await world.store.documents.clear('customer');
        },
      },
      {
        madeTo: async () => {
          if (state === 'whole') return made();
          if (state === 'rebuilt') return { ...(await made()), life: 'two' };
          refusals += 1;
          return { position: -1, whole: true };
        },
      },
    );
    await until(async () => refusals > 1);
    expect(await world.known()).toEqual([]);
    world.written = 0;
    await world.hold(bea, [bea]);
    state = 'rebuilt';
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });

  it('is carried out while others are told of without end', async () => {
    await world.hold(bea, [bea]);
    await world.hold(ann, [ann]);
    await world.load();
    await world.tell(bea, 'tributary.customer.linked');
    await world.tell(ann, 'tributary.customer.linked');
    await world.idle();
    await world.store.documents.clear('customer');
    await world.hold(bea, [bea]);
    await world.tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    // The last of the feed is never loaded: more has come by then.
    const fences = world.warehouse.query.bind(world.warehouse);
    await world.load({
      ...world.warehouse,
      query: async <Row>(sql: string, options?: QueryOptions) => {
        await world.tell(bea, 'tributary.customer.linked');
        return fences<Row>(sql, options);
      },
    });
    await until(async () => !(await world.known()).includes(customerNamedAfter(ann)));
  });
});
