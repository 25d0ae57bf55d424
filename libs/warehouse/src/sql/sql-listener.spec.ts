import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { type AnsweredQuery, sqlListener, type SqlListener } from './sql-listener.js';

const path = mkdtempSync(join(tmpdir(), 'tributary-sql-'));
let warehouse: ChdbWarehouse;
let listener: SqlListener;
let url: string;
const answered: AnsweredQuery[] = [];

beforeAll(async () => {
  warehouse = await openChdbWarehouse({ path });
  await warehouse.migrate();
  await warehouse.insert({
    table: 'fct_orders',
    columns: ['order_id', 'event', 'subject_id', 'amount', 'currency', 'occurred_at'],
    rows: [
      ['o1', 'placed', 's_0', 123_456, 'EUR', 1_000],
      ['o2', 'placed', 's_1', 10_000, 'EUR', 2_000],
    ],
  });
  listener = await sqlListener({
    warehouse,
    host: '127.0.0.1',
    port: 0,
    authorize: ({ user, password, absent }) => absent || (user === 'ana' && password === 'key:1') || user === 'default',
    accepts: ({ headers }) => !/evil/.test(headers.host ?? ''),
    limits: { maxExecution_s: 1, maxMemory_bytes: 200_000_000, maxResult_bytes: 20_000_000 },
    onQuery: (query) => answered.push(query),
  });
  url = `http://127.0.0.1:${listener.port}/`;
});
afterAll(async () => {
  await listener.close();
  await warehouse.close();
  rmSync(path, { recursive: true, force: true });
});

interface Told {
  readonly status: number;
  readonly code: number;
  readonly text: string;
  readonly headers: Headers;
}
const ask = async (sql: string, query: Record<string, string> = {}, init: RequestInit = {}): Promise<Told> => {
  const response = await fetch(`${url}?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    body: sql,
    ...init,
  });
  const code = Number(response.headers.get('x-clickhouse-exception-code') ?? 0);
  return { status: response.status, code, text: await response.text(), headers: response.headers };
};

describe('the SQL door, as curl sees it', () => {
  test('ping, and a request without a query', async () => {
    for (const at of ['ping', '']) expect(await (await fetch(url + at)).text()).toBe('Ok.\n');
    expect((await fetch(`${url}play`)).status).toBe(404);
  });

  test('GET and POST, formats by clause, by parameter and by header', async () => {
    expect(await (await fetch(`${url}?query=${encodeURIComponent('SELECT 1 AS a, 2')}`)).text()).toBe('1\t2\n');
    expect((await ask('SELECT 1 AS a FORMAT JSONEachRow')).text).toBe('{"a":1}\n');
    expect((await ask('SELECT 1 AS a', { default_format: 'CSVWithNames' })).text).toBe('"a"\n1\n');
    expect(
      (await ask('SELECT 1 AS a', {}, { headers: { 'X-ClickHouse-Format': 'JSONCompact' } })).headers.get(
        'x-clickhouse-format',
      ),
    ).toBe('JSONCompact');
    expect((await ask(' FORMAT CSV', { query: 'SELECT 5' })).text).toBe('5\n');
    const { headers } = await ask('SELECT order_id FROM fct_orders FORMAT JSON', { query_id: 'mine-1' });
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
        await ask('SELECT {a:String} AS a, {b:Array(UInt8)} AS b FORMAT JSONEachRow', {
          param_a: "it's\\n\\\\ 茶",
          param_b: '[1,2]',
        })
      ).text,
    ).toBe(`${JSON.stringify({ a: "it's\n\\ 茶", b: [1, 2] })}\n`);
    await ask('SELECT {secret:String}', { param_secret: 'of another' });
    expect(await ask('SELECT {secret:String}')).toMatchObject({ status: 500, code: 456 });
  });

  test('gzip both ways', async () => {
    const body = gzipSync('SELECT number FROM numbers(1000)');
    const packed = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' },
    });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect((await packed.text()).split('\n')).toHaveLength(1001);
    expect(await ask('', {}, { body: body.subarray(0, 20), headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({
      code: 354,
    });
    expect(
      await ask('', {}, { body: gzipSync(Buffer.alloc(3_000_000, 32)), headers: { 'Content-Encoding': 'gzip' } }),
    ).toMatchObject({ status: 413 });
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
    const told = await ask(sql);
    expect(told).toMatchObject({ status, code });
    expect(told.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]*\\(${type}\\) \\(version 2\\d\\.`));
  });

  test('what is asked beside SELECT: SHOW, DESCRIBE, EXPLAIN, EXISTS, WITH', async () => {
    expect((await ask('SHOW TABLES')).text).toContain('fct_orders\n');
    expect((await ask('DESCRIBE fct_orders')).text).toContain('Decimal(18, 4)');
    expect((await ask('EXPLAIN SELECT 1')).status).toBe(200);
    expect((await ask('EXISTS fct_orders')).text).toBe('1\n');
    expect((await ask('WITH 5 AS x SELECT x')).text).toBe('5\n');
    expect((await ask('(SELECT 1) UNION ALL SELECT 1;')).text).toBe('1\n1\n');
    expect((await ask("SELECT frequency FROM rfm_at(as_of = '2026-01-01')")).text).toBe('1\n1\n');
    expect((await ask("SELECT name FROM system.tables WHERE name = 'rfm'")).text).toBe('rfm\n');
    expect((await ask("SELECT table_name FROM information_schema.tables WHERE table_name = 'rfm'")).text).toBe('rfm\n');
    expect((await ask('SELECT count() FROM tributary.fct_orders', { database: 'default' })).text).toBe('2\n');
    expect((await ask("SELECT * FROM values('a UInt8', 1, 2)")).text).toBe('1\n2\n');
  });

  test('a large answer comes in pieces, whole', async () => {
    const { text } = await ask('SELECT number FROM numbers(1000000)');
    expect(text.length).toBe(6_888_890);
  });

  test('limits of time, memory and size', async () => {
    expect(await ask('SELECT sleep(3)')).toMatchObject({ status: 408, code: 159 });
    // All of it at once: on a slow machine a query that grows would meet the limit of time first.
    expect(await ask(`SELECT length(groupArray(repeat('x', 1000000))) FROM numbers(1000)`)).toMatchObject({
      code: 241,
    });
    const large = await ask('SELECT * FROM numbers(100000000)').then(
      ({ code }) => code,
      () => 'cut off',
    );
    expect(['cut off', 396, 159]).toContain(large);
    expect(await ask('SELECT 1', { max_execution_time: '1000', max_memory_usage: '0' })).toMatchObject({ status: 200 });
    expect(await ask('SELECT sleep(2)', { max_execution_time: '1000' })).toMatchObject({ code: 159 });
    expect(await ask(`SELECT '${'x'.repeat(300_000)}'`)).toMatchObject({ status: 413, code: 229 });
  });

  test('settings that change an answer are taken, those that loosen something are not', async () => {
    expect(
      (await ask('SELECT toUInt64(1) AS n FORMAT JSONEachRow', { output_format_json_quote_64bit_integers: '1' })).text,
    ).toBe('{"n":"1"}\n');
    expect(
      (await ask('SELECT toUInt64(1) AS n FORMAT JSONEachRow', { output_format_json_quote_64bit_integers: '0' })).text,
    ).toBe('{"n":1}\n');
    expect(await ask('SELECT 1', { wait_end_of_query: '1', session_id: 'x', readonly: '0' })).toMatchObject({
      status: 200,
    });
    for (const name of [
      'format_schema',
      'format_template_row',
      'allow_introspection_functions',
      'output_format_schema',
      'allow_ddl',
      "x' = 1; DROP",
    ])
      expect(await ask('SELECT 1', { [name]: '1' })).toMatchObject({ code: 164 });
  });

  test('who may ask, in each of the ways of saying who asks', async () => {
    const basic = (text: string) => ({ headers: { Authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
    expect(await ask('SELECT 1', {}, basic('ana:key:1'))).toMatchObject({ status: 200 });
    expect(await ask('SELECT 1', {}, basic('ana:wrong'))).toMatchObject({ status: 403, code: 516 });
    expect(
      await ask('SELECT 1', {}, { headers: { 'X-ClickHouse-User': 'ana', 'X-ClickHouse-Key': 'key:1' } }),
    ).toMatchObject({ status: 200 });
    expect(await ask('SELECT 1', { user: 'ana', password: 'key:1' })).toMatchObject({ status: 200 });
    expect(await ask('SELECT 1', { user: 'eve', password: '' })).toMatchObject({ status: 403, code: 516 });
    expect(answered[answered.length - 1]).toMatchObject({ user: 'eve', code: 516 });
  });

  test('a page of another host is not heard', async () => {
    const status = await new Promise((resolve) => {
      httpRequest(url, { headers: { Host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(403);
  });

  test('a client that leaves does not stop the others', async () => {
    const leaving = new AbortController();
    const gone = fetch(url, {
      method: 'POST',
      body: 'SELECT number FROM numbers(2000000)',
      signal: leaving.signal,
    }).then((response) => response.body?.getReader().read());
    await gone;
    leaving.abort();
    expect((await ask('SELECT 1')).text).toBe('1\n');
  });
});

describe('the SQL door, as @clickhouse/client sees it', () => {
  test('query, parameters, formats, ping, errors', async () => {
    const client = createClient({
      url,
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

const target = join(tmpdir(), `tributary-attack-${process.pid}`);

describe('attacks', () => {
  test.each([
    // changes
    "INSERT INTO fct_orders (order_id) VALUES ('x')",
    'WITH 1 AS x INSERT INTO fct_orders (order_id) SELECT toString(x)',
    'DROP TABLE fct_orders',
    'TRUNCATE TABLE fct_orders',
    'ALTER TABLE fct_orders DELETE WHERE 1',
    'DELETE FROM fct_orders WHERE 1',
    'OPTIMIZE TABLE fct_orders FINAL',
    'CREATE TABLE x (a UInt8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE x (a UInt8)',
    'CREATE FUNCTION f AS (x) -> file(x)',
    'EXCHANGE TABLES fct_orders AND raw_touchpoints',
    'DETACH TABLE fct_orders',
    'SYSTEM SHUTDOWN',
    'SYSTEM DROP MARK CACHE',
    'KILL QUERY WHERE 1',
    'SET readonly = 0',
    'SET ROLE steward',
    'SET ROLE ALL',
    'SET DEFAULT ROLE steward TO default',
    'EXECUTE AS default SELECT 1',
    'GRANT ALL ON *.* TO default',
    'USE system',
    'BEGIN TRANSACTION',
    'WATCH fct_orders',
    `BACKUP DATABASE tributary TO File('${target}')`,
    'SELECT 1; DROP TABLE fct_orders',
    'SELECT 1; SET ROLE steward; DROP TABLE fct_orders',
    'SELECT 1\n;\nSELECT 2',
    'EXPLAIN SELECT 1; DROP TABLE fct_orders',
    'SELECT 1 PARALLEL WITH DROP TABLE fct_orders',
    'SELECT * FROM fct_orders SETTINGS readonly = 0',
    'SELECT * FROM fct_orders SETTINGS max_execution_time = 1000',
    // files
    `SELECT 1 INTO OUTFILE '${target}'`,
    `SELECT 1 /**/INTO/**/ OUTFILE '${target}' TRUNCATE`,
    `SELECT 1 INTO OUTFILE '${target}' FORMAT CSV`,
    `INSERT INTO FUNCTION file('${target}') SELECT 1`,
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT file('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    'SELECT "file"(\'/etc/passwd\')',
    "SELECT `fil\\x65`('/etc/passwd')",
    "SELECT arrayMap(`fil\\Ne`, ['/etc/passwd'])",
    "SELECT file/* */('/etc/passwd')",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
    "SELECT * APPLY file FROM (SELECT '/etc/passwd')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT * FROM fileCluster('default', '/etc/passwd')",
    "DESCRIBE TABLE file('/etc/passwd')",
    "DESCRIBE file('/etc/passwd')",
    "EXPLAIN SELECT * FROM file('/etc/passwd')",
    "WITH x AS (SELECT * FROM file('/etc/passwd', 'LineAsString')) SELECT * FROM x",
    "SELECT * FROM view(SELECT * FROM file('/etc/passwd', 'LineAsString'))",
    "SELECT 1 WHERE 1 IN (SELECT length(line) FROM file('/etc/passwd', 'LineAsString'))",
    "SELECT * FROM sqlite('/tmp/x.db', 't')",
    "SELECT * FROM icebergLocal('/tmp')",
    "SELECT * FROM deltaLakeLocal('/tmp')",
    "SELECT * FROM executable('ls', 'TSV', 'a String')",
    "SELECT catboostEvaluate('/etc/hosts', 1)",
    'SELECT 1 FORMAT Template',
    "SELECT 1 AS a FORMAT Template SETTINGS format_template_row = '/etc/passwd'",
    'SELECT 1 FORMAT Protobuf',
    // other servers
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM urlCluster('default', 'http://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/x.csv')",
    "SELECT * FROM gcs('http://127.0.0.1:1/bucket/x.csv', 'CSV', 'a String')",
    "SELECT * FROM iceberg('http://127.0.0.1:1/bucket/x')",
    "SELECT * FROM hudi('http://127.0.0.1:1/bucket/x')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1', tributary.fct_orders)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'a String')",
    "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
    "SELECT * FROM azureBlobStorage('http://127.0.0.1:1/', 'c', 'x')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a String')",
    "SELECT * FROM odbc('a', 'b', 'c')",
    "SELECT * FROM jdbc('a', 'b', 'c')",
    "SELECT aiGenerate('c', 'hello')",
    "SELECT * FROM arrowstream('x')",
    "SELECT * FROM input('a String')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM merge('system', 'processes')",
    "SELECT * FROM dictionary('x')",
    // what others ask, and what the server is
    'SELECT * FROM system.processes',
    'SELECT * FROM `system`.`processes`',
    'SELECT query FROM system . processes',
    'SELECT * FROM `sys\\Ntem`.processes',
    'SELECT * FROM system\u0085.processes',
    'SELECT * FROM system\u180e.processes',
    'SELECT * FROM system.\u200dprocesses',
    'SELECT * FROM system\u2060.processes',
    "SELECT 'x' IN system.processes",
    "SELECT nullIn('x', system.processes)",
    "SELECT hasColumnInTable('system', 'processes', 'query')",
    "SELECT query FROM loop('system', 'processes') LIMIT 1",
    'SHOW PROCESSLIST',
    'SELECT * FROM system.users',
    'SELECT * FROM system.user_directories',
    'SELECT * FROM system.server_settings',
    'SELECT * FROM system.disks',
    'SHOW USERS',
    "SELECT getServerSetting('path')",
    "SELECT * FROM mergeTreeIndex('tributary', 'fct_orders')",
    'CHECK TABLE fct_orders',
  ])('%s', async (sql) => {
    const told = await ask(sql);
    expect(told.code).toBeGreaterThan(0);
    expect(told.text).not.toMatch(/root:x:/);
    expect(existsSync(target)).toBe(false);
  });

  test.each([
    ['SELECT query FROM {d:Identifier}.processes', { d: 'system' }],
    ['SELECT query FROM {d:Identifier}.{t:Identifier}', { d: 'system', t: 'processes' }],
    ['SELECT query FROM system.{t:Identifier}', { t: 'processes' }],
    ['SELECT query FROM {t:Identifier}', { t: 'system.processes' }],
    ['SELECT query FROM {/**/ d /**/ : Identifier }.processes', { d: 'system' }],
    ['SELECT query FROM {d:Identifier}.processes', { d: 'SYSTEM' }],
    ['SELECT query FROM {d:Identifier}.processes', { d: 'sys\\x74em' }],
    ['SELECT query FROM view(SELECT query FROM {d:Identifier}.processes)', { d: 'system' }],
    ['WITH (SELECT groupArray(query) FROM {d:Identifier}.processes) AS q SELECT q', { d: 'system' }],
    ['WITH {d:Identifier}.processes AS p SELECT * FROM p', { d: 'system' }],
    ['SELECT 1 FROM system.one JOIN {d:Identifier}.processes AS p ON 1', { d: 'system' }],
    ["SELECT 'x' IN {d:Identifier}.processes", { d: 'system' }],
    ['EXISTS {d:Identifier}.processes', { d: 'system' }],
    ['DESCRIBE {d:Identifier}.processes', { d: 'system' }],
    ['DESCRIBE (SELECT * FROM {d:Identifier}.processes)', { d: 'system' }],
    ['SHOW CREATE TABLE {d:Identifier}.processes', { d: 'system' }],
    ['EXPLAIN SELECT query FROM {d:Identifier}.processes', { d: 'system' }],
    ["SELECT arrayMap({f:Identifier}, ['/etc/passwd'])", { f: 'file' }],
    ['SELECT arrayMap({f:Identifier}, [1])', { f: 'getServerSetting' }],
  ])('%s with %j', async (sql, names) => {
    for (const analyzer of ['0', '1']) {
      const params = Object.entries(names).map(([name, value]) => [`param_${name}`, value]);
      const told = await ask(sql, { ...Object.fromEntries(params), enable_analyzer: analyzer });
      expect(told).toMatchObject({ code: 497 });
      expect(told.text).not.toMatch(/root:x:/);
    }
  });

  test('a name in a parameter that may be asked for is taken', async () => {
    const names = { param_t: 'fct_orders', param_c: 'order_id', param_d: 'tributary' };
    expect((await ask('SELECT {c:Identifier} FROM {d:Identifier}.{t:Identifier} ORDER BY 1', names)).text).toBe(
      'o1\no2\n',
    );
    expect((await ask('SELECT * FROM {d:Identifier}.one', { param_d: 'system' })).text).toBe('0\n');
    expect(await ask('SELECT {c:Identifier} FROM fct_orders')).toMatchObject({ code: 456 });
  });

  test.each([{ database: 'system' }, { database: 'INFORMATION_SCHEMA' }, { compress: '1' }])('%j', async (query) => {
    expect((await ask('SELECT 1', query as Record<string, string>)).code).toBeGreaterThan(0);
  });

  test('the engine refuses alone, were the guard not there', async () => {
    const question = { format: 'TSV', settings: {}, params: {} };
    const alone = async (sql: string, streamable: boolean): Promise<string> => {
      let text = '';
      for await (const bytes of warehouse.ask({ ...question, sql, streamable })) text += Buffer.from(bytes).toString();
      return text;
    };
    for (const streamable of [true, false])
      for (const sql of [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        'DROP TABLE fct_orders',
        "INSERT INTO fct_orders (order_id) VALUES ('x')",
        'CREATE TABLE x (a UInt8) ENGINE = Memory',
        'SET readonly = 0',
      ])
        await expect(alone(sql, streamable)).rejects.toMatchObject({ failure: 'fatal' });
  });

  test('after all of that the orders are as they were', async () => {
    expect((await ask('SELECT count(), sum(amount) FROM fct_orders')).text).toBe('2\t13.3456\n');
    expect((await ask('SHOW TABLES')).text).not.toMatch(/^x$/m);
  });
});
