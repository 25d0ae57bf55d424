import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';
import { reaching } from '../chdb/closed-to-analysts.js';
import { Refused } from './refused.js';
import { statementGuard } from './statement-guard.js';

const door = ownSqlDoor();
const target = join(tmpdir(), `tributary-attack-${process.pid}`);
/** SQL in a text, which no guard reads. */
const hidden = "{'tributary.fct_orders': 'toUInt8(file(\\'/etc/passwd\\')) = 0'}";
const saying = [
  `additional_table_filters = ${hidden}`,
  `"additional_table_filters"==/**/${hidden}`,
  `extremes, additional_table_filters = ${hidden}`,
  `from = 1, additional_table_filters = ${hidden}`,
];

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
    'SELECT sleep(3) SETTINGS max_execution_time = DEFAULT',
    'SELECT 1 SETTINGS readonly = DEFAULT',
    'SELECT 1 SETTINGS readonly == DEFAULT',
    'SELECT 1 SETTINGS `read\\x6fnly`/**/=--\n default',
    'SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0) SETTINGS readonly = DEFAULT',
    'SELECT 1 SETTINGS extremes = 1, max_threads = Default FORMAT TSV',
    // in a part of a question the engine asks nobody
    'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)',
    'SELECT 1 SETTINGS enable_analyzer = 0',
    'SELECT * FROM (SELECT 1 SETTINGS allow_experimental_analyzer = 0)',
    // as many parts as there are ways through it
    `WITH a0 AS (SELECT 1)${[...Array(40).keys()].map((i) => `, a${i + 1} AS (SELECT * FROM a${i} UNION ALL SELECT * FROM a${i})`).join('')} SELECT 1 FROM a40`,
    'SELECT * FROM (SELECT 1 SETTINGS max_threads = 64)',
    'SELECT * FROM (SELECT 1 SETTINGS allow_introspection_functions = 1, max_result_bytes = 0)',
    'WITH x AS (SELECT 1 SETTINGS a.b = 1) SELECT * FROM x',
    'SELECT 1 SETTINGS max_threads = 64 UNION ALL SELECT 2',
    'SELECT 1 SETTINGS max_threads = -(-64) UNION ALL SELECT 2',
    ...saying.flatMap((said) => [
      `SELECT count() FROM (SELECT * FROM fct_orders SETTINGS ${said})`,
      `SELECT (SELECT count() FROM fct_orders SETTINGS ${said})`,
      `SELECT count() FROM fct_orders SETTINGS ${said} UNION ALL SELECT 1`,
      `((SELECT count() FROM fct_orders SETTINGS ${said}) UNION ALL SELECT 1)`,
      `WITH x AS (SELECT * FROM fct_orders SETTINGS ${said}) SELECT * FROM x`,
      `DESCRIBE (SELECT (SELECT count() FROM fct_orders SETTINGS ${said}))`,
    ]),
    // files
    "SELECT b FROM values('a String, b String ALIAS file(\\'/etc/passwd\\')', ('x'))",
    "SELECT b FROM values(('a String, b String ALIAS file(\\'/etc/passwd\\')'), ('x'))",
    "SELECT b FROM values(concat('a String, b String AL', 'IAS file(\\'/etc/passwd\\')'), ('x'))",
    "SELECT b FROM values('a String, b String AL' || 'IAS file(\\'/etc/passwd\\')', ('x'))",
    "SELECT b FROM generateRandom('a String, b String ALIAS file(\\'/etc/passwd\\')') LIMIT 1",
    "SELECT b FROM `generateRandom`($$a String, b String/**/alias/**/file('/etc/passwd')$$) LIMIT 1",
    "WITH 'a String, b String ALIAS file(1)' AS s SELECT b FROM generateRandom(s) LIMIT 1",
    "SELECT b FROM null('a String, b String DEFAULT file(\\'/etc/passwd\\')')",
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
    for (const analyzer of ['0', '1']) {
      const told = await door.ask(sql, { enable_analyzer: analyzer });
      expect(told.code).toBeGreaterThan(0);
      expect(told.text).not.toMatch(/root:x:/);
      expect(existsSync(target)).toBe(false);
    }
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
      const told = await door.ask(sql, { ...Object.fromEntries(params), enable_analyzer: analyzer });
      expect(told).toMatchObject({ code: 497 });
      expect(told.text).not.toMatch(/root:x:/);
    }
  });

  test('a name in a parameter that may be asked for is taken', async () => {
    const names = { param_t: 'fct_orders', param_c: 'order_id', param_d: 'tributary' };
    expect((await door.ask('SELECT {c:Identifier} FROM {d:Identifier}.{t:Identifier} ORDER BY 1', names)).text).toBe(
      'o1\no2\n',
    );
    expect((await door.ask('SELECT * FROM {d:Identifier}.one', { param_d: 'system' })).text).toBe('0\n');
    expect(await door.ask('SELECT {c:Identifier} FROM fct_orders')).toMatchObject({ code: 456 });
  });

  test.each([{ database: 'system' }, { database: 'INFORMATION_SCHEMA' }, { decompress: '1' }])('%j', async (query) => {
    expect((await door.ask('SELECT 1', query as Record<string, string>)).code).toBeGreaterThan(0);
  });

  /** Without the guard, nor what the engine's parser says of it. */
  const alone = async (sql: string, streamable = false, settings: Record<string, number> = {}): Promise<string> => {
    let text = '';
    for await (const { bytes } of door.warehouse.ask({ sql, format: 'TSV', settings, params: {}, streamable }))
      text += Buffer.from(bytes).toString();
    return text;
  };

  test('the engine refuses alone, were the guard not there', async () => {
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

  test.each([
    "SELECT file('/etc/passwd')",
    "SELECT file('/etc/passwd', 'none')",
    "SELECT `fil\\x65`('/etc/passwd')",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
    "SELECT b FROM values('a String, b String ALIAS file(\\'/etc/passwd\\')', ('x'))",
    `SELECT count() FROM (SELECT * FROM fct_orders SETTINGS ${saying[0]})`,
    "SELECT getServerSetting('max_connections')",
    "SELECT aiGenerate('c', 'hello')",
  ])('the engine alone reads no file: %s', async (sql) => {
    for (const enable_analyzer of [0, 1])
      await expect(alone(sql, false, { enable_analyzer })).rejects.toMatchObject({
        exception: expect.not.stringMatching(/root:x:/),
      });
  });

  test('the engine alone shows nobody what others ask, and the platform all of it', async () => {
    for (const enable_analyzer of [0, 1])
      for (const sql of [
        'SELECT query FROM system.processes',
        'SELECT query FROM view(SELECT * FROM system.processes)',
        'SELECT p.query FROM system.one JOIN system.processes AS p ON 1',
        'SELECT name FROM system.server_settings',
        'SELECT thread_id FROM system.stack_trace',
        'SHOW PROCESSLIST',
      ])
        expect(await alone(sql, false, { enable_analyzer })).toBe('');
    expect(await alone('SELECT DISTINCT database FROM system.tables ORDER BY 1')).toMatch(/^tributary$/m);
    expect(await door.warehouse.query('SELECT query FROM system.processes')).not.toEqual([]);
  });

  test.each([
    'SELECT 1; SET ROLE ALL',
    'SELECT 1;; DROP TABLE fct_orders',
    `SELECT 1 INTO OUTFILE '${target}'`,
    `SHOW TABLES into/**/outfile '${target}'`,
    "SELECT AIGenerate('c', 'hello')",
  ])('the guard alone refuses: %s', (sql) => {
    expect(() => statementGuard([], [])(sql, {})).toThrow(Refused);
    expect(statementGuard([], [])('SELECT 1;;', {})).toMatchObject({ streamable: true });
  });

  test.each(reaching)('the guard knows each function that the engine hides: %s', (name) => {
    expect(() => statementGuard([], [])(`SELECT ${name}('x')`, {})).toThrow(Refused);
  });

  test('after all of that the orders are as they were', async () => {
    expect((await door.ask('SELECT count(), sum(amount) FROM fct_orders')).text).toBe('2\t13.3456\n');
    expect((await door.ask('SHOW TABLES')).text).not.toMatch(/^x$/m);
  });
});
