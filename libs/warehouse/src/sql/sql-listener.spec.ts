import { request as httpRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { type ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ownSqlDoor } from '../controls/sql-door.js';

const door = ownSqlDoor();

describe('the SQL door, as curl sees it', () => {
  test('ping, and a request without a query', async () => {
    for (const at of ['ping', '']) expect(await (await fetch(door.url + at)).text()).toBe('Ok.\n');
    expect((await fetch(`${door.url}play`)).status).toBe(404);
    expect((await fetch(`${door.url}play`, { method: 'DELETE' })).status).toBe(404);
  });

  test.each(['ping', ''])('a method that /%s does not take is refused with those that it takes', async (at) => {
    for (const method of ['DELETE', 'PUT', 'PATCH']) {
      const answer = await fetch(door.url + at, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    }
    const asked = await fetch(door.url + at, { method: 'OPTIONS' });
    expect(asked.status).toBe(at === 'ping' ? 200 : 405);
  });

  test('GET and POST, formats by clause, by parameter and by header', async () => {
    expect(await (await fetch(`${door.url}?query=${encodeURIComponent('SELECT 1 AS a, 2')}`)).text()).toBe('1\t2\n');
    expect((await door.ask('SELECT 1 AS a FORMAT JSONEachRow')).text).toBe('{"a":1}\n');
    expect((await door.ask('SELECT 1 AS a', { default_format: 'CSVWithNames' })).text).toBe('"a"\n1\n');
    expect(
      (await door.ask('SELECT 1 AS a', {}, { headers: { 'X-ClickHouse-Format': 'JSONCompact' } })).headers.get(
        'x-clickhouse-format',
      ),
    ).toBe('JSONCompact');
    expect((await door.ask(' FORMAT CSV', { query: 'SELECT 5' })).text).toBe('5\n');
    const named = { headers: { 'X-ClickHouse-Query-Id': 'mine-0' } };
    expect((await door.ask('SELECT 1', {}, named)).headers.get('x-clickhouse-query-id')).toBe('mine-0');
    const { headers } = await door.ask('SELECT order_id FROM fct_orders FORMAT JSON', { query_id: 'mine-1' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-clickhouse-query-id': 'mine-1',
      'x-clickhouse-format': 'JSON',
      'x-clickhouse-timezone': 'UTC',
      'content-type': 'application/json; charset=UTF-8',
    });
    expect(JSON.parse(headers.get('x-clickhouse-summary') ?? '')).toHaveProperty('elapsed_ns');
  });

  test('parameters, as ClickHouse escapes them', async () => {
    expect(
      (
        await door.ask('SELECT {a:String} AS a, {b:Array(UInt8)} AS b FORMAT JSONEachRow', {
          param_a: "it's\\n\\\\ 茶",
          param_b: '[1,2]',
        })
      ).text,
    ).toBe(`${JSON.stringify({ a: "it's\n\\ 茶", b: [1, 2] })}\n`);
    await door.ask('SELECT {secret:String}', { param_secret: 'of another' });
    expect(await door.ask('SELECT {secret:String}')).toMatchObject({ status: 500, code: 456 });
    expect(await door.ask('SELECT 1', { 'param_a-b': '1', param_: '2' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['SELECT nope', 404, 47, 'UNKNOWN_IDENTIFIER'],
    ['SELECT * FROM nowhere', 404, 60, 'UNKNOWN_TABLE'],
    ['SELECT nope(1)', 404, 46, 'UNKNOWN_FUNCTION'],
    ['SELECT FROM', 404, 47, 'UNKNOWN_IDENTIFIER'],
    ['SELECT (1', 400, 62, 'SYNTAX_ERROR'],
    ['SELEC 1', 500, 164, 'READONLY'],
    ['', 400, 62, 'SYNTAX_ERROR'],
    ['SELECT 1 FORMAT Nope', 404, 73, 'UNKNOWN_FORMAT'],
    ["SELECT toUInt8('x')", 400, 6, 'CANNOT_PARSE_TEXT'],
    ['SELECT throwIf(1)', 500, 395, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
  ])('%s is refused as ClickHouse does', async (sql, status, code, type) => {
    const told = await door.ask(sql);
    expect(told).toMatchObject({ status, code });
    expect(told.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]*\\(${type}\\) \\(version 2\\d\\.`));
  });

  test('what is asked beside SELECT: SHOW, DESCRIBE, EXPLAIN, EXISTS, WITH', async () => {
    expect((await door.ask('SHOW TABLES')).text).toContain('fct_orders\n');
    expect((await door.ask('DESCRIBE fct_orders')).text).toContain('Decimal(18, 4)');
    expect((await door.ask('EXPLAIN SELECT 1')).status).toBe(200);
    expect((await door.ask('EXISTS fct_orders')).text).toBe('1\n');
    expect((await door.ask('WITH 5 AS x SELECT x')).text).toBe('5\n');
    expect((await door.ask('(SELECT 1) UNION ALL SELECT 1;')).text).toBe('1\n1\n');
    expect((await door.ask("SELECT frequency FROM rfm_at(as_of = '2026-01-01')")).text).toBe('1\n1\n');
    expect((await door.ask("SELECT name FROM system.tables WHERE name = 'rfm'")).text).toBe('rfm\n');
    expect((await door.ask("SELECT table_name FROM information_schema.tables WHERE table_name = 'rfm'")).text).toBe(
      'rfm\n',
    );
    expect((await door.ask('SELECT count() FROM tributary.fct_orders', { database: 'default' })).text).toBe('2\n');
    expect((await door.ask("SELECT * FROM values('a UInt8', 1, 2)")).text).toBe('1\n2\n');
  });

  test('tables of the system that tell of the schema', async () => {
    for (const table of [
      'data_skipping_indices',
      'projections',
      'clusters',
      'macros',
      'merge_tree_settings',
      'build_options',
    ])
      expect(await door.ask(`SELECT * FROM system.${table}`)).toMatchObject({ status: 200 });
  });

  test('who may ask, in each of the ways of saying who asks', async () => {
    const basic = (text: string) => ({ headers: { Authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
    expect(await door.ask('SELECT 1', {}, basic('ana:key:1'))).toMatchObject({ status: 200 });
    expect(await door.ask('SELECT 1', {}, basic('ana:wrong'))).toMatchObject({ status: 403, code: 516 });
    expect(
      await door.ask('SELECT 1', {}, { headers: { 'X-ClickHouse-User': 'ana', 'X-ClickHouse-Key': 'key:1' } }),
    ).toMatchObject({ status: 200 });
    expect(await door.ask('SELECT 1', { user: 'ana', password: 'key:1' })).toMatchObject({ status: 200 });
    expect(await door.ask('SELECT 1', { user: 'eve', password: '' })).toMatchObject({ status: 403, code: 516 });
    expect(door.answered.at(-1)).toMatchObject({ user: 'eve', code: 516 });
  });

  test('what already is so may be said', async () => {
    for (const said of ['USE tributary', 'use `default` ;', 'SET readonly=1'])
      expect(await door.ask(said)).toMatchObject({ status: 200, text: '' });
    for (const said of ['USE system', 'SET readonly = 2', 'SET readonly = 1, max_threads = 64', 'SET max_threads = 1'])
      expect((await door.ask(said)).code).toBe(164);
  });

  test('a page of another host is not heard', async () => {
    const status = await new Promise((resolve) => {
      httpRequest(door.url, { headers: { Host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(403);
  });
});

describe('the SQL door, as @clickhouse/client sees it', () => {
  test('query, parameters, formats, ping, errors', async () => {
    const client = createClient({
      url: door.url,
      username: 'ana',
      password: 'key:1',
      compression: { response: true, request: true },
      log: { level: ClickHouseLogLevel.OFF },
    });
    try {
      expect(await client.ping()).toMatchObject({ success: true });
      const rows = await client.query({
        query: 'SELECT order_id, amount FROM fct_orders WHERE order_id = {id:String}',
        query_params: { id: 'o1' },
        format: 'JSONEachRow',
      });
      expect(await rows.json()).toEqual([{ order_id: 'o1', amount: 12.3456 }]);
      const many = await client.query({ query: 'SELECT number FROM numbers(200000)' });
      expect(await many.json()).toMatchObject({ rows: 200_000 });
      const json = await client.query({ query: 'SELECT count() AS n FROM fct_orders' });
      expect(await json.json()).toMatchObject({ data: [{ n: expect.anything() }], rows: 1 });
      const error = await client.query({ query: 'SELECT * FROM nowhere' }).catch((reason: unknown) => reason);
      expect(error as ClickHouseError).toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
      await expect(
        client.insert({ table: 'fct_orders', values: [{ order_id: 'x' }], format: 'JSONEachRow' }),
      ).rejects.toMatchObject({ code: '164' });
      await expect(client.command({ query: 'TRUNCATE TABLE fct_orders' })).rejects.toMatchObject({ code: '164' });
    } finally {
      await client.close();
    }
  });
});
