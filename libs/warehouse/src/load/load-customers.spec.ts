import { describe, expect, test } from '@jest/globals';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { filesWith } from '../controls/files-with.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { recordedIntake, subjectOf } from '../controls/recorded-intake.js';
import { feedOf, idOf, profileOf } from '../controls/told-feed.js';
import { eraseSubjects } from '../upkeep/erase-subjects.js';
import { customerBatches, e4 } from './customer-rows.js';
import { feedFences } from './fences.js';
import { loadFacts } from './load-facts.js';

let warehouse: ChdbWarehouse;
const { path } = ownWarehouse((opened) => void (warehouse = opened));

/** Later than any position: all that is known. */
const EVER = Number.MAX_SAFE_INTEGER;

describe('loading customers', () => {
  test('decimal texts are exact', () => {
    expect(['0.00', '12.3456', '-12.3456', '-0.01', '7', '1000000000000.0001'].map(e4)).toEqual([
      0n,
      123_456n,
      -123_456n,
      -100n,
      70_000n,
      10_000_000_000_000_001n,
    ]);
  });

  test("sums that no number holds are exact, and absurd ones stop nobody's rows", async () => {
    const { tell, now, load } = feedOf(warehouse);
    const sums: readonly (readonly [string, string])[] = [
      ['1000000000000.0001', '1000000000000.0001'],
      ['500000000000000.00', '99999999999999.9999'],
      ['-500000000000000.00', '-99999999999999.9999'],
    ];
    sums.forEach(([sum], i) => {
      const profile = profileOf(idOf(900 + i), 1);
      now.set(profile.customerId, {
        ...profile,
        value: { ...profile.value, gross: '30.00', net: sum, averageOrder: '15.0001' },
      });
      tell(profile.customerId, 1);
    });
    await load();
    expect(
      await warehouse.query(
        `SELECT toString(net) AS net, toString(average_order) AS average FROM customer_value WHERE customer_id IN {ids:Array(String)} ORDER BY customer_id`,
        { params: { ids: sums.map((_, i) => idOf(900 + i)) } },
      ),
    ).toEqual(sums.map(([, net]) => ({ net, average: '15.0001' })));
    await warehouse.command('TRUNCATE TABLE customers');
    await warehouse.command('TRUNCATE TABLE customer_subjects');
  });

  test('follows the feed: profiles, merges and unmerges; facts go with them', async () => {
    const intake = recordedIntake(600, 50);
    await loadFacts({ ...intake, warehouse, once: true, signal: new AbortController().signal });
    const { tell, now, load, asked } = feedOf(warehouse);
    for (let n = 0; n < 50; n++) {
      now.set(idOf(n), profileOf(idOf(n), 10 + n));
      tell(idOf(n), 10 + n);
      tell(idOf(n), 10 + n);
    }
    await load();
    expect(asked).toHaveLength(1);
    expect(
      await warehouse.query(
        `SELECT name, gender, country, stage, buyer_type, toString(net) AS net, identifiers FROM dim_customer WHERE customer_id = {id:String}`,
        { params: { id: idOf(7) } },
      ),
    ).toEqual([
      {
        name: 'Änne Nr 000007',
        gender: 'f',
        country: 'DE',
        stage: 'growth',
        buyer_type: 'first_time',
        net: '-12.3456',
        identifiers: [['phone', '+49301000007']],
      },
    ]);
    expect(
      await warehouse.query(
        `SELECT track, from_stage, to_stage, at, until FROM customer_stage_history WHERE customer_id = {id:String} ORDER BY track DESC, at`,
        { params: { id: idOf(7) } },
      ),
    ).toEqual([
      {
        track: 'relationship',
        from_stage: '',
        to_stage: 'acquisition',
        at: '2026-01-01 00:00:00.000',
        until: '2026-01-02 00:00:00.000',
      },
      {
        track: 'relationship',
        from_stage: 'acquisition',
        to_stage: 'growth',
        at: '2026-01-02 00:00:00.000',
        until: null,
      },
      { track: 'buyer', from_stage: '', to_stage: 'first_time', at: '2026-01-01 00:00:00.000', until: null },
    ]);
    const touchpoints = async () =>
      Object.fromEntries(
        (
          await warehouse.query<{ customer_id: string; n: number }>(
            `SELECT customer_id, count() AS n FROM customer_touchpoints WHERE customer_id IN ({a:String}, {b:String}) GROUP BY customer_id`,
            { params: { a: idOf(1), b: idOf(2) } },
          )
        ).map(({ customer_id, n }) => [customer_id, n]),
      );
    const apart = await touchpoints();

    // given: 2 was merged into 1
    now.set(idOf(1), profileOf(idOf(1), 100, [subjectOf(1), subjectOf(2)]));
    now.delete(idOf(2));
    tell(idOf(1), 100, { absorbed: [idOf(2)] });
    await load();
    expect(await touchpoints()).toEqual({ [idOf(1)]: (apart[idOf(1)] ?? 0) + (apart[idOf(2)] ?? 0) });
    expect(await warehouse.query('SELECT count() AS n FROM dim_customer')).toEqual([{ n: 49 }]);

    // when: they are parted again
    now.set(idOf(1), profileOf(idOf(1), 110));
    now.set(idOf(2), profileOf(idOf(2), 110));
    tell(idOf(1), 110, { released: [{ customerId: idOf(2), subjects: [subjectOf(2)] }] });
    await load();
    expect(await touchpoints()).toEqual(apart);
    expect(await warehouse.query('SELECT count() AS n FROM dim_customer')).toEqual([{ n: 50 }]);

    // then: started again, it asks for nothing that it has
    asked.length = 0;
    await load();
    expect(asked).toEqual([]);
  });

  test('an older row that comes late changes nothing', async () => {
    const id = idOf(3);
    const before = await warehouse.query(`SELECT version FROM dim_customer WHERE customer_id = {id:String}`, {
      params: { id },
    });
    for (const batch of customerBatches([profileOf(id, 1)], [], { partition: 0, offset: 1 }))
      await warehouse.insert(batch);
    expect(
      await warehouse.query(`SELECT version FROM dim_customer WHERE customer_id = {id:String}`, { params: { id } }),
    ).toEqual(before);
  });

  test('RFM scores alike who are alike', async () => {
    expect(await warehouse.query('SELECT DISTINCT r, f, m, rfm FROM rfm')).toEqual([{ r: 3, f: 3, m: 3, rfm: 333 }]);
  });

  test('who never bought has no recency, and who bought has one', async () => {
    await warehouse.command(
      `INSERT INTO customers (customer_id, last_purchase, version) VALUES ('c_never', NULL, 1), ('c_today', now64(3), 1)`,
    );
    const recency = `SELECT customer_id AS id, recency_days AS days FROM customer_value WHERE customer_id IN ('c_never', 'c_today') ORDER BY id`;
    expect(await warehouse.query(recency)).toEqual([
      { id: 'c_never', days: null },
      { id: 'c_today', days: 0 },
    ]);
    await warehouse.command(
      `ALTER TABLE customers DELETE WHERE customer_id IN ('c_never', 'c_today') SETTINGS mutations_sync = 2`,
    );
  });

  test('who is erased is in no file afterwards, and who stays is as before', async () => {
    const marks = [`+49301${idOf(4).slice(-6)}`, 'summary 104', subjectOf(4)];
    // What the columns hold is compressed; a literal scan needs it plain.
    for (const table of ['raw_touchpoints', 'fct_interactions', 'customers'])
      for (const column of ['payload', 'text', 'identifier_values', 'subject_id', 'subjects'])
        await warehouse.command(`ALTER TABLE ${table} MODIFY COLUMN IF EXISTS ${column} CODEC(NONE)`);
    for (const table of ['raw_touchpoints', 'fct_interactions', 'customers'])
      await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
    const found = (): string[] => marks.filter((mark) => filesWith(path, mark).length > 0);
    expect(found()).toEqual(marks);

    const others = () =>
      warehouse.query(
        `SELECT count() AS n, sum(cityHash64(*)) AS h FROM raw_touchpoints WHERE subject_id != {s:String}`,
        { params: { s: subjectOf(4) } },
      );
    const before = await others();
    const { removed, customers } = await eraseSubjects(warehouse, new Map([[subjectOf(4), EVER]]));
    expect([...customers.keys()]).toEqual([idOf(4)]);
    expect(removed).toMatchObject({ raw_touchpoints: expect.any(Number), customers: 1, customer_subjects: 1 });
    expect(found()).toEqual([]);
    expect(await others()).toEqual(before);
    expect(await warehouse.query('SELECT count() AS n FROM dim_customer')).toEqual([{ n: 49 }]);
    expect((await eraseSubjects(warehouse, new Map([[subjectOf(4), EVER]]))).removed).toEqual({});
  });

  test('while the stages before are behind, what comes of one customer is one row; then it comes at once', async () => {
    const { tell, now, follow, asked, isRead } = feedOf(warehouse);
    const id = idOf(900);
    const told = (version: number): void => {
      now.set(id, profileOf(id, version));
      tell(id, version);
    };
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const startAt = (await feedFences(warehouse)).get(0) ?? 0;
    for (let i = 0; i < startAt; i++) tell(id, 0);
    told(1);
    let isBehind = true;
    const loader = follow(() => isBehind);
    await until(() => asked.length === 1);
    for (let version = 2; version < 20; version++) {
      told(version);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // Whom it is about is known by then, which leaves their rows alone to be made at the end.
    await until(isRead);
    expect(asked).toHaveLength(1);
    isBehind = false;
    await until(() => asked.length === 2);
    await loader.stop();
    expect(asked).toEqual([[id], [id]]);
    expect(
      await warehouse.query('SELECT max(version) AS version FROM customers WHERE customer_id = {id:String}', {
        params: { id },
      }),
    ).toEqual([{ version: 19 }]);
  });

  test('a customer who takes long to render has a share of the time, however steadily its messages come', async () => {
    const TAKES_MS = 100;
    const { tell, now, follow, asked, isRead } = feedOf(warehouse, TAKES_MS);
    const id = idOf(901);
    const startAt = (await feedFences(warehouse)).get(0) ?? 0;
    for (let i = 0; i < startAt; i++) tell(id, 0);
    const loader = follow(() => false);
    const began = performance.now();
    for (let version = 1; performance.now() - began < 2_000 || asked.length < 2; version++) {
      now.set(id, profileOf(id, version));
      tell(id, version);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const rendered_ms = asked.length * TAKES_MS;
    const share = rendered_ms / (performance.now() - began);
    while (!isRead()) await new Promise((resolve) => setTimeout(resolve, 5));
    await loader.stop();
    // A quarter, and one that was under way; of all the time it was a half and more.
    expect(share).toBeLessThanOrEqual(0.3);
  });
});
