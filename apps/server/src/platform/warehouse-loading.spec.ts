import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalogue } from '@tributary/contracts';
import {
  type BatchTaken,
  emptyState,
  FEED_TOPIC,
  intakeStream,
  newCustomer,
  newSubject,
  touchpointTopic,
} from '@tributary/domain';
import {
  customerNamedAfter,
  EngineError,
  manualClock,
  type QueryOptions,
  SubjectId,
  type Warehouse,
} from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { type ChdbWarehouse, loadFacts, openChdbWarehouse } from '@tributary/warehouse';
import { WAREHOUSE_GROUP } from './loaded-offsets.js';
import { type LoadingDeps } from './loading-deps.js';
import { WarehouseLoading } from './warehouse-loading.js';

const topic = touchpointTopic('shop');
const catalogue = openCatalogue();
const clock = manualClock(Date.UTC(2026, 0, 1));
const [ann, bea] = [SubjectId(`s_${'a'.repeat(32)}`), SubjectId(`s_${'b'.repeat(32)}`)];

let dir: string;
let warehouse: ChdbWarehouse;
let store: MemoryStore;
let loading: WarehouseLoading | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-loading-'));
  warehouse = await openChdbWarehouse({ path: dir });
  await warehouse.migrate();
  store = memoryStore();
  await store.log.ensureTopics([FEED_TOPIC, topic].map((name) => ({ name, partitions: 1 })));
});
afterEach(async () => {
  await loading?.stop();
  loading = undefined;
  await warehouse.close();
  await rm(dir, { recursive: true, force: true });
});

const load = async (
  into: Warehouse = warehouse,
  more: Partial<LoadingDeps> = {},
): Promise<{ readonly trouble: string[] }> => {
  const trouble: string[] = [];
  await loading?.stop();
  loading = new WarehouseLoading({
    store,
    sink: store.sink,
    catalogue,
    warehouse: into,
    clock,
    onRetry: () => undefined,
    onTrouble: (message) => trouble.push(message),
    ...more,
  });
  await loading.start();
  return { trouble };
};

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
};

let told = 0;
const tell = (subject: SubjectId, type: string, data: object = {}): Promise<void> => {
  told += 1;
  const message = { id: `m${told}`, type, customerId: customerNamedAfter(subject), at: '', sequence: told, data };
  const value = new TextEncoder().encode(JSON.stringify(message));
  return store.log.append([{ topic: FEED_TOPIC, records: [{ key: null, value, timestamp_ms: 0 }] }]);
};

let written = 0;
const hold = (subject: SubjectId, members: readonly SubjectId[]): Promise<void> => {
  written += 1;
  const id = customerNamedAfter(subject);
  const own = { ...newSubject(subject, 'phone', id), state: { ...emptyState(), touchpoints: 1, first: 1, last: 1 } };
  return store.documents.put([
    { kind: 'subject', key: subject, version: written, body: JSON.stringify(own) },
    { kind: 'customer', key: id, version: written, body: JSON.stringify(newCustomer(id, members)) },
  ]);
};

/** One touchpoint of Bea, as the pipeline takes it. */
const take = async (n: number): Promise<void> => {
  const value = catalogue.encode({
    type: 'searched',
    channel: 'shop',
    messageId: `t${n}`,
    occurredAt: n,
    receivedAt: n,
    identifiers: [{ type: 'phone', value: '+8613912345678', subject: bea }],
    payload: { query: 'kettle' },
  });
  await store.log.append([{ topic, records: [{ key: bea, value, timestamp_ms: n }] }]);
  const stream = intakeStream(topic, 0);
  const offset = (await store.events.readStream(stream, 0, 100_000)).length;
  const taken: BatchTaken = {
    type: 'BatchTaken',
    topic,
    partition: 0,
    from: offset,
    to: offset,
    accepted: 1,
    duplicates: [],
    quarantined: [],
  };
  const event = {
    id: `00000000-0000-8000-8000-${String(offset).padStart(12, '0')}`,
    type: taken.type,
    data: new TextEncoder().encode(JSON.stringify(taken)),
    metadata: { recordedAt: n },
  };
  await store.events.append([{ stream, expectedRevision: offset - 1, events: [event] }]);
};

const idle = async (): Promise<void> =>
  until(async () => Object.values(await (loading as WarehouseLoading).lag()).every((waiting) => waiting === 0));
const known = async (): Promise<string[]> =>
  (await warehouse.query<{ customer_id: string }>('SELECT customer_id FROM dim_customer ORDER BY customer_id')).map(
    ({ customer_id }) => customer_id,
  );

describe('an erasure', () => {
  it('loses no rows of others when a crash comes between removing them and writing them anew', async () => {
    await hold(bea, [bea, ann]);
    await tell(bea, 'tributary.customer.linked');
    await load();
    await idle();
    expect(await known()).toEqual([customerNamedAfter(bea)]);

    await hold(bea, [bea]);
    await tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    let removed = false;
    const { trouble } = await load({
      migrate: () => warehouse.migrate(),
      query: (sql, options) => warehouse.query(sql, options),
      close: () => warehouse.close(),
      command: async (sql, options) => {
        await warehouse.command(sql, options);
        removed ||= sql.includes('customers DELETE');
      },
      insert: (batch) => (removed ? Promise.reject(new Error('dead')) : warehouse.insert(batch)),
    });
    await until(async () => trouble.length > 0);
    expect(await known()).toEqual([]);

    await load();
    await idle();
    expect(await known()).toEqual([customerNamedAfter(bea)]);
  });

  it('waits for documents that were lost, and takes nobody else along', async () => {
    await hold(bea, [bea, ann]);
    await tell(bea, 'tributary.customer.linked');
    let made = { position: told, whole: true };
    await load(warehouse, { madeTo: async () => made });
    await idle();

    // Lost while the rows are being removed, and being rebuilt afterwards.
    await store.documents.clear('customer');
    await tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    made = { position: told, whole: true };
    let asked = 0;
    await load(warehouse, {
      madeTo: async () => (++asked === 1 ? made : asked < 4 ? { position: -1, whole: true } : made),
    });
    await until(async () => asked === 3);
    expect(await known()).toEqual([]);
    written = 0;
    await hold(bea, [bea]);
    await idle();
    expect(await known()).toEqual([customerNamedAfter(bea)]);
  });

  it('is carried out while others are told of without end', async () => {
    await hold(bea, [bea]);
    await hold(ann, [ann]);
    await load();
    await tell(bea, 'tributary.customer.linked');
    await tell(ann, 'tributary.customer.linked');
    await idle();
    await store.documents.clear('customer');
    await hold(bea, [bea]);
    await tell(ann, 'tributary.customer.erased', { subject: ann, members: [ann] });
    // The last of the feed is never loaded: more has come by then.
    const fences = warehouse.query.bind(warehouse);
    await load({
      ...warehouse,
      query: async <Row>(sql: string, options?: QueryOptions) => {
        await tell(bea, 'tributary.customer.linked');
        return fences<Row>(sql, options);
      },
    });
    await until(async () => !(await known()).includes(customerNamedAfter(ann)));
  });

  it('leaves no second copy of the tables beside them, whatever a rebuild or its end has left', async () => {
    await hold(bea, [bea]);
    await tell(bea, 'tributary.customer.linked');
    const beside = async () =>
      (await warehouse.query<{ name: string }>('SHOW TABLES'))
        .map(({ name }) => name)
        .filter((name) => /__next$/.test(name));
    await warehouse.command('CREATE TABLE fct_calls__next (a UInt8) ENGINE = MergeTree ORDER BY a');
    await load();
    await until(async () => (await beside()).length === 0);
    await idle();
    const report = await (loading as WarehouseLoading).again(false);
    expect(report.find(({ name }) => name === 'clickhouse.customers')).toMatchObject({ equal: true, rows: 1 });
    expect(await beside()).toEqual([]);
    await (loading as WarehouseLoading).again(true);
    expect(await beside()).toEqual([]);
    expect(await known()).toEqual([customerNamedAfter(bea)]);

    const again = (loading as WarehouseLoading).again(true);
    await Promise.all([expect(again).rejects.toThrow('the platform stops'), (loading as WarehouseLoading).stop()]);
    expect(await beside()).toEqual([]);
    expect(await known()).toEqual([customerNamedAfter(bea)]);
  });
});

describe('a comparison under input that never pauses', () => {
  it('compares facts at one place, and says of customers that they were not compared', async () => {
    await hold(bea, [bea]);
    await take(1);
    await tell(bea, 'tributary.customer.linked');
    await load();
    await idle();
    const { partitions, append } = store.log;
    const { readAll } = store.events;
    let n = 1;
    store.log.partitions = async (name) => {
      if (name === FEED_TOPIC) await tell(bea, 'tributary.customer.moved');
      return partitions.call(store.log, name);
    };
    store.events.readAll = async (...asked) => {
      if (n < 400) await take((n += 1));
      return readAll.call(store.events, ...asked);
    };
    const report = await (loading as WarehouseLoading).again(false);
    Object.assign(store.log, { partitions, append });
    store.events.readAll = readAll;
    expect(Object.fromEntries(report.map(({ name, outcome }) => [name, outcome]))).toMatchObject({
      'clickhouse.raw_touchpoints': 'equal',
      'clickhouse.customers': 'not_compared',
      'clickhouse.customer_subjects': 'not_compared',
    });
    expect(report.find(({ name }) => name === 'clickhouse.customers')?.equal).toBe(false);
    expect((await (loading as WarehouseLoading).again(false)).every(({ outcome }) => outcome === 'equal')).toBe(true);
  });
});

describe('what the warehouse has not loaded', () => {
  const kept = () => store.log.committed(WAREHOUSE_GROUP, { topic, partition: 0 });

  it('holds back the retention, from before it first answers until it is loaded', async () => {
    for (const n of [1, 2, 3]) await take(n);
    const census = { touchpoints: 3, channels: { shop: { accepted: 3, duplicates: 0, quarantined: 0 } } };
    await store.documents.put([{ kind: 'checkpoint', key: 'census', version: 1, body: JSON.stringify(census) }]);
    const away = (): Promise<never> => Promise.reject(new EngineError('warehouse', 'retriable', 'away'));
    await load({ migrate: away, query: away, command: away, insert: away, close: async () => undefined });
    await until(async () => (await kept()) !== undefined);
    expect(await kept()).toBe(0);

    await load();
    await until(async () => (await kept()) === 3);
  });

  it('is known also where offsets were not kept when it was loaded', async () => {
    for (const n of [1, 2]) await take(n);
    const { log, events } = store;
    await loadFacts({ log, events, catalogue, warehouse, once: true, signal: new AbortController().signal });
    const census = { touchpoints: 2, channels: { shop: { accepted: 2, duplicates: 0, quarantined: 0 } } };
    await store.documents.put([{ kind: 'checkpoint', key: 'census', version: 1, body: JSON.stringify(census) }]);
    await load();
    await until(async () => (await kept()) === 2);
  });
});

describe('tables and store of which one comes from a backup', () => {
  const rows = async (): Promise<number[]> => {
    const all = 'SELECT toUnixTimestamp64Milli(occurred_at) AS n FROM raw_touchpoints ORDER BY n';
    return (await warehouse.query<{ n: number }>(all)).map(({ n }) => Number(n));
  };

  it('erases once more from tables that do not say that the erased have left them', async () => {
    await hold(bea, [bea]);
    await take(1);
    await tell(bea, 'tributary.customer.linked');
    await load();
    await idle();
    await store.documents.clear('customer');
    told = 10;
    await tell(bea, 'tributary.customer.erased', { subject: bea, members: [bea] });
    await idle();
    expect([await rows(), await known()]).toEqual([[], []]);

    // The log holds the touchpoint still, and fills the new tables with it.
    await warehouse.command('TRUNCATE TABLE loader_fences');
    await load();
    await until(async () => (await loading?.lag())?.erasures === 0);
    expect([await rows(), await known()]).toEqual([[], []]);
    const looks: string[] = [];
    const query = <Row>(sql: string, options?: QueryOptions): Promise<readonly Row[]> => {
      looks.push(sql);
      return warehouse.query<Row>(sql, options);
    };
    await load({ ...warehouse, query, command: warehouse.command.bind(warehouse) });
    await idle();
    expect(looks.filter((sql) => sql.includes('customer_subjects'))).toEqual([]);
  });

  it('are brought into line where the store is the older one, and load what comes next', async () => {
    await hold(bea, [bea]);
    for (const n of [1, 2]) await take(n);
    await tell(bea, 'tributary.customer.linked');
    const older = { log: store.log, events: store.events };
    await load();
    await idle();

    const newer = memoryStore();
    await newer.log.ensureTopics([FEED_TOPIC, topic].map((name) => ({ name, partitions: 1 })));
    store = newer;
    await hold(bea, [bea]);
    await tell(bea, 'tributary.customer.linked');
    for (const n of [1, 2, 3, 4, 5]) await take(n);
    for (let i = 0; i < 3; i++) await tell(bea, 'tributary.customer.moved');
    await load();
    await idle();
    expect(await rows()).toEqual([1, 2, 3, 4, 5]);

    Object.assign(store, older);
    const takenBack: number[] = [];
    await load(warehouse, { onTakenBack: (facts) => takenBack.push(facts) });
    await take(6);
    await idle();
    expect([takenBack, await rows(), await known()]).toEqual([[3], [1, 2, 6], [customerNamedAfter(bea)]]);
    await load(warehouse, { onTakenBack: (facts) => takenBack.push(facts) });
    await idle();
    expect(takenBack).toEqual([3]);
  });

  it('are left alone where the store holds nothing: that is no older state, but a lost one', async () => {
    await take(1);
    await load();
    await idle();
    store = memoryStore();
    await store.log.ensureTopics([FEED_TOPIC, topic].map((name) => ({ name, partitions: 1 })));
    await expect(load(warehouse, { onTakenBack: () => undefined })).rejects.toThrow('restore tributary.db');
    expect(await rows()).toEqual([1]);
    loading = undefined;
  });

  it('tell of what the log does not hold any more', async () => {
    for (const n of [1, 2, 3]) await take(n);
    await store.log.truncate({ topic, partition: 0 }, 2);
    const missing: number[] = [];
    await load(warehouse, { onMissing: (touchpoints) => missing.push(touchpoints) });
    await idle();
    expect([missing, await rows()]).toEqual([[2], [3]]);
  });
});
