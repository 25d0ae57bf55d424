import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { tables } from '../schema/tables.js';
import { views } from '../schema/views.js';
import { StatementFailed } from '../warehouse-errors.js';
import { type ChdbWarehouse, openChdbWarehouse } from './chdb-warehouse.js';

const path = mkdtempSync(join(tmpdir(), 'tributary-chdb-'));
let warehouse: ChdbWarehouse;

beforeAll(async () => {
  warehouse = await openChdbWarehouse({ path });
  await warehouse.migrate();
});
afterAll(async () => {
  await warehouse.close();
  rmSync(path, { recursive: true, force: true });
});

const nasty = `it's "quoted"\n\n\\ \t\0 ; DROP TABLE x; 茶 🍵`;

describe('chDB as the warehouse', () => {
  test('migrating again changes nothing', async () => {
    await warehouse.insert({
      table: 'customer_subjects',
      columns: ['subject_id', 'customer_id', 'version'],
      rows: [['s', 'c', 1]],
    });
    await warehouse.migrate();
    expect(await warehouse.query('SELECT count() AS n FROM customer_subjects')).toEqual([{ n: 1 }]);
  });

  test('every table, view and column says what it is', async () => {
    const silent = await warehouse.query(
      `SELECT table, name FROM system.columns WHERE database = 'tributary' AND comment = '' AND table NOT LIKE 'rfm_at'`,
    );
    expect(silent).toEqual([]);
    const named = await warehouse.query<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = 'tributary' AND comment != ''`,
    );
    const expected = [...tables, ...views].map(({ name }) => name);
    expect(named.map(({ name }) => name).sort()).toEqual([...expected, 'schema_version'].sort());
  });

  test('every view can be asked', async () => {
    for (const view of views) {
      const from = view.parameters ? `${view.name}(as_of = '2026-01-01')` : view.name;
      const described = await warehouse.query<{ name: string }>(`DESCRIBE (SELECT * FROM ${from})`);
      expect(described.map(({ name }) => name)).toEqual(view.columns.map(([name]) => name));
    }
  });

  test('what is written is read again, to the byte', async () => {
    const at = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    await warehouse.insert({
      table: 'customers',
      columns: [
        'customer_id',
        'version',
        'name',
        'trait_names',
        'stage_since',
        'course_at',
        'net',
        'mean_gap_days',
        'purchases',
        'country',
      ],
      rows: [
        [
          nasty,
          0x0a0a_0a0a,
          nasty,
          [nasty, ''],
          at,
          ['2026-01-01T00:00:00.001Z', '1969-12-31T00:00:00Z'],
          -123_456,
          1.5,
          7,
          'DE',
        ],
        ['second', 2_570, '', [], null, [], 10_000, null, 0, nasty],
      ],
    });
    const rows = await warehouse.query(
      `SELECT customer_id, version, name, trait_names, stage_since, course_at, net, mean_gap_days, purchases, country FROM customers ORDER BY version DESC`,
    );
    expect(rows).toEqual([
      {
        customer_id: nasty,
        version: 0x0a0a_0a0a,
        name: nasty,
        trait_names: [nasty, ''],
        stage_since: '2026-02-03 04:05:06.789',
        course_at: ['2026-01-01 00:00:00.001', '1969-12-31 00:00:00.000'],
        net: '-12.3456',
        mean_gap_days: 1.5,
        purchases: 7,
        country: 'DE',
      },
      {
        customer_id: 'second',
        version: 2570,
        name: '',
        trait_names: [],
        stage_since: null,
        course_at: [],
        net: '1',
        mean_gap_days: null,
        purchases: 0,
        country: nasty,
      },
    ]);
  });

  test('an insert, however large, is one part: all of it or nothing', async () => {
    await warehouse.command('SYSTEM STOP MERGES fct_interactions');
    const rows = Array.from({ length: 150_000 }, (_, i) => ['call_held', `message ${i}`, i * 1000]);
    await warehouse.insert({ table: 'fct_interactions', columns: ['type', 'message_id', 'occurred_at'], rows });
    const parts = await warehouse.query(
      `SELECT count() AS parts, sum(rows) AS rows FROM system.parts WHERE table = 'fct_interactions' AND active`,
    );
    await warehouse.command('SYSTEM START MERGES fct_interactions');
    expect(parts).toEqual([{ parts: 1, rows: 150_000 }]);
    expect(readdirSync(join(path, 'inserts'))).toEqual([]);
  });

  test('parameters arrive as they were given, side by side', async () => {
    const sql =
      'SELECT {text:String} AS text, {list:Array(String)} AS list, {none:Nullable(UInt8)} AS none, {n:UInt64} AS n';
    const ask = (n: number) =>
      warehouse.query(sql, { params: { text: `${nasty}${n}`, list: [nasty, `${n}`], none: null, n } });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
    answers.forEach((answer, n) =>
      expect(answer).toEqual([{ text: `${nasty}${n}`, list: [nasty, `${n}`], none: null, n }]),
    );
    await expect(warehouse.query('SELECT {text:String}')).rejects.toThrow('UNKNOWN_QUERY_PARAMETER');
  });

  test('another format is answered as text', async () => {
    expect(await warehouse.query('SELECT 1 AS a, 2 AS b', { format: 'CSVWithNames' })).toEqual(['"a","b"\n1,2\n']);
  });

  test('a wrong statement is told as ClickHouse tells it', async () => {
    const error = await warehouse.query('SELECT nope FROM raw_touchpoints').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StatementFailed);
    expect(error).toMatchObject({ engine: 'chdb', failure: 'fatal', code: 47, type: 'UNKNOWN_IDENTIFIER' });
  });

  test.each(['query', 'command'] as const)('a %s that fails on a value is told without it', async (by) => {
    const failure = warehouse[by]("SELECT toUInt64(materialize('zhang@example.com')) FORMAT Null");
    const error: unknown = await failure.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: 'fatal', code: 6, message: 'chdb: CANNOT_PARSE_TEXT (code 6)' });
    // Only whoever wrote the statement is told more; an error that is logged is logged with its fields.
    expect((error as StatementFailed).exception).toContain('zhang@example.com');
    expect(JSON.stringify({ ...(error as StatementFailed) })).not.toContain('zhang');
    expect((error as StatementFailed).cause).toBeUndefined();
  });

  test('a table that is missing is named, and what was asked of it is not', async () => {
    const failure = warehouse.query("SELECT * FROM missing WHERE email = 'zhang@example.com'");
    const error = (await failure.catch((reason: unknown) => reason)) as StatementFailed;
    expect(error).toMatchObject({ failure: 'fatal', code: 60, message: expect.stringContaining("'missing'") });
    expect(error.message).not.toContain('zhang');
    expect(error.exception).toContain('zhang@example.com');
  });

  test('a question may have limits', async () => {
    await expect(warehouse.query('DROP TABLE raw_touchpoints', { readonly: true })).rejects.toMatchObject({
      code: 164,
    });
    await expect(warehouse.query('SELECT sleep(3)', { timeout_ms: 500 })).rejects.toMatchObject({
      code: 159,
      failure: 'retriable',
    });
    await expect(
      warehouse.query('SELECT uniqExact(number) FROM numbers(20000000)', { maxMemory_bytes: 20_000_000 }),
    ).rejects.toMatchObject({ code: 241, failure: 'retriable' });
    expect(await warehouse.query('SELECT 1 AS still')).toEqual([{ still: 1 }]);
  });

  test('questions run while rows are inserted, and the thread that asks is not held up', async () => {
    let slowEnded = false;
    const slow = warehouse.query('SELECT sleep(3)').then(() => (slowEnded = true));
    await warehouse.insert({ table: 'customer_subjects', columns: ['subject_id'], rows: [['beside']] });
    await warehouse.query('SELECT 1');
    expect(slowEnded).toBe(false);
    await slow;
  });

  test('a folder that it cannot open is told with what to do', async () => {
    const damaged = mkdtempSync(join(tmpdir(), 'tributary-chdb-'));
    mkdirSync(join(damaged, 'metadata'));
    writeFileSync(join(damaged, 'metadata', 'tributary.sql'), '');
    const script = `
      const { openChdbWarehouse } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      await openChdbWarehouse({ path: ${JSON.stringify(damaged)} }).catch((error) =>
        console.log(error.name, error.failure, error.message));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    rmSync(damaged, { recursive: true });
    expect(stdout).toMatch(/^EngineError fatal chdb: (?!chdb:)/);
    expect(stdout).toContain('put the folder elsewhere: tables are filled again from the log');
  });

  test('another process is told who holds the path', async () => {
    const script = `
      const { openChdbWarehouse } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      await openChdbWarehouse({ path: ${JSON.stringify(path)} }).then(
        async (warehouse) => { await warehouse.close(); console.log('opened'); },
        (error) => console.log(error.name, error.failure, error.message));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout.trim()).toBe(`EngineError fatal chdb: ${path} is in use by process ${process.pid}; stop it first`);
  });

  test('closed, it says so; opened again, it holds what it held', async () => {
    const before = await warehouse.query('SELECT count() AS n FROM fct_interactions');
    await warehouse.close();
    await expect(warehouse.query('SELECT 1')).rejects.toBeInstanceOf(EngineError);
    warehouse = await openChdbWarehouse({ path });
    expect(await warehouse.query('SELECT count() AS n FROM fct_interactions')).toEqual(before);
  });
});
