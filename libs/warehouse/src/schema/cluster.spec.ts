import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { createOnCluster, quoted } from './ddl.js';
import { migrate, type Migration, migrations, schemaStatements } from './migrate.js';
import { customers, fctOrders, loaderFences, tables } from './tables.js';
import { views } from './views.js';

const path = mkdtempSync(join(tmpdir(), 'tributary-cluster-'));
let warehouse: ChdbWarehouse;
beforeAll(async () => {
  warehouse = await openChdbWarehouse({ path });
});
afterAll(async () => {
  await warehouse.close();
  rmSync(path, { recursive: true, force: true });
});

describe('the schema on a cluster', () => {
  test("every statement is one that ClickHouse's parser takes, and says which cluster", async () => {
    const statements = schemaStatements('ours-1');
    expect(statements.length).toBeGreaterThanOrEqual(2 * tables.length + views.length);
    for (const statement of statements) {
      expect(statement).toContain(' ON CLUSTER `ours-1`');
      const [row] = await warehouse.query<{ text: string }>(`SELECT formatQuery(${quoted(statement)}) AS text`);
      expect(row?.text).toContain('ON CLUSTER');
    }
    await expect(warehouse.query(`SELECT formatQuery('CREATE TABLE t ON CLUSTER (a String)')`)).rejects.toThrow(
      'SYNTAX_ERROR',
    );
  });

  test('each node stores its part, replicated, and the name leads to all of it by person', () => {
    const [stored, whole] = createOnCluster(fctOrders, 'ours');
    expect(stored).toContain('CREATE TABLE IF NOT EXISTS fct_orders_local ON CLUSTER `ours` (');
    expect(stored).toContain("ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')");
    expect(whole).toContain('CREATE TABLE IF NOT EXISTS fct_orders ON CLUSTER `ours` (');
    expect(whole).toContain('Distributed(`ours`, currentDatabase(), fct_orders_local, sipHash64(subject_id))');
    const [replacing] = createOnCluster(customers, 'ours');
    expect(replacing).toContain(
      "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version, is_deleted)",
    );
    expect(createOnCluster(loaderFences, 'ours')[1]).toContain('sipHash64(table_name)');
  });
});

describe('migrations', () => {
  const added: Migration = {
    version: migrations.length + 1,
    statements: (on, stored) => [
      `ALTER TABLE ${stored('fct_orders')}${on} ADD COLUMN IF NOT EXISTS tried UInt8 DEFAULT 1 COMMENT 'Made by a test'`,
    ],
  };
  const columns = () => warehouse.query(`SELECT name FROM system.columns WHERE name = 'tried'`);

  test('run in order, once, however often they are asked for', async () => {
    await warehouse.migrate();
    expect(await columns()).toEqual([]);
    await migrate(warehouse, { migrations: [added] });
    await migrate(warehouse, { migrations: [added] });
    expect(await columns()).toEqual([{ name: 'tried' }]);
    expect(
      await warehouse.query('SELECT version, count() AS n FROM schema_version GROUP BY version ORDER BY version'),
    ).toEqual([...migrations, added].map(({ version }) => ({ version, n: 1 })));
  });

  test('rows that an older program wrote keep their average until they are written again', async () => {
    await warehouse.command('ALTER TABLE customers DROP COLUMN average_order');
    await warehouse.insert({
      table: 'customers',
      columns: ['customer_id', 'version', 'purchases', 'gross'],
      rows: [
        ['c_1', 1, 3, 200_000],
        ['c_2', 1, 0, 0],
      ],
    });
    for (const { statements } of migrations)
      for (const statement of statements('', (table) => table)) await warehouse.command(statement);
    await warehouse.insert({
      table: 'customers',
      columns: ['customer_id', 'version', 'purchases', 'gross', 'average_order'],
      rows: [['c_3', 1, 3, 200_000, 66_667]],
    });
    expect(
      await warehouse.query(
        'SELECT customer_id, toString(average_order) AS average FROM customer_value ORDER BY customer_id',
      ),
    ).toEqual([
      { customer_id: 'c_1', average: '6.6666' },
      { customer_id: 'c_2', average: '0' },
      { customer_id: 'c_3', average: '6.6667' },
    ]);
  });

  test('tables that an older program filled come to the columns of new ones, and their rows say nothing by them', async () => {
    const columnsOf = () =>
      warehouse.query(
        `SELECT table, name, type FROM system.columns WHERE table IN ('fct_orders', 'fct_order_lines', 'raw_touchpoints') AND name != 'tried' ORDER BY table, position`,
      );
    const now = await columnsOf();
    const campaign = ['name', 'source', 'medium', 'term', 'content'].map((each) => `campaign_${each}`);
    const since: Readonly<Record<string, readonly string[]>> = {
      fct_orders: ['tax', 'shipping', 'discount', 'coupon', ...campaign],
      fct_order_lines: ['brand', 'variant', 'coupon', 'discount'],
      raw_touchpoints: campaign,
    };
    for (const view of views) await warehouse.command(`DROP VIEW IF EXISTS ${view.name}`);
    for (const [table, columns] of Object.entries(since)) {
      await warehouse.command(`ALTER TABLE ${table} ${columns.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
      await warehouse.insert({ table, columns: ['subject_id', 'message_id'], rows: [['s_1', `old-${table}`]] });
    }
    for (let twice = 0; twice < 2; twice++)
      for (const { statements } of migrations)
        for (const statement of statements('', (table) => table)) await warehouse.command(statement);
    expect(await columnsOf()).toEqual(now);
    for (const [table, columns] of Object.entries(since)) {
      const said = columns.map((name) => `toString(${name}) AS ${name}`).join(', ');
      const [row] = await warehouse.query(`SELECT ${said} FROM ${table} WHERE message_id = 'old-${table}'`);
      const isAmount = (name: string): boolean => ['tax', 'shipping', 'discount'].includes(name);
      expect(row).toEqual(Object.fromEntries(columns.map((name) => [name, isAmount(name) ? null : ''])));
    }
  });

  test('an older program leaves a newer schema alone', async () => {
    await warehouse.command('DROP VIEW IF EXISTS dim_customer');
    await warehouse.migrate();
    expect(await warehouse.query(`SELECT name FROM system.tables WHERE name = 'dim_customer'`)).toEqual([]);
  });

  test('can be repeated, each of them', () => {
    for (const { statements } of migrations)
      for (const statement of statements('', (table) => table))
        expect(statement).toMatch(/ IF (NOT )?EXISTS | COMMENT /);
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1));
  });
});
