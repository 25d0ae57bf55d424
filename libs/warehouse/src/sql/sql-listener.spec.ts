import { request as httpRequest } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ownSqlDoor } from '../controls/sql-door.js';
import { unpacked } from '../controls/unpacked.js';
import { comesInPieces } from './format-in-pieces.js';
import { sqlListener } from './sql-listener.js';

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

  test('the summary tells the rows of an answer that is whole when it is begun', async () => {
    const rowsOf = async (sql: string): Promise<string> =>
      (JSON.parse((await door.ask(sql)).headers.get('x-clickhouse-summary') ?? '') as { result_rows: string })
        .result_rows;
    // JDBC 0.9 asks so, and finds no version where the summary tells of no row.
    expect(await rowsOf('SELECT version() AS server_version FORMAT RowBinaryWithNamesAndTypes')).toBe('1');
    expect(await rowsOf('SELECT order_id FROM fct_orders FORMAT JSON')).toBe('2');
    expect(await rowsOf('SELECT 1 WHERE 0 FORMAT JSON')).toBe('0');
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

  test('gzip both ways', async () => {
    const body = gzipSync('SELECT number FROM numbers(1000)');
    const packed = await fetch(door.url, {
      method: 'POST',
      body,
      headers: { 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' },
    });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect((await packed.text()).split('\n')).toHaveLength(1001);
    expect(
      await door.ask('', {}, { body: body.subarray(0, 20), headers: { 'Content-Encoding': 'gzip' } }),
    ).toMatchObject({
      code: 354,
    });
    expect(
      await door.ask('', {}, { body: gzipSync(Buffer.alloc(3_000_000, 32)), headers: { 'Content-Encoding': 'gzip' } }),
    ).toMatchObject({ status: 413 });
  });

  test("ClickHouse's own compression, as JDBC asks for it", async () => {
    const asked = (sql: string) =>
      fetch(`${door.url}?compress=1`, {
        method: 'POST',
        body: sql,
        headers: { 'X-ClickHouse-Format': 'RowBinaryWithNamesAndTypes', 'Accept-Encoding': 'gzip' },
      });
    const packed = await asked('SELECT number, toString(number % 7) AS s FROM numbers(100000)');
    expect(packed.headers.get('content-encoding')).toBeNull();
    const plain = await fetch(door.url, {
      method: 'POST',
      body: 'SELECT number, toString(number % 7) AS s FROM numbers(100000) FORMAT RowBinaryWithNamesAndTypes',
    });
    const rows = Buffer.from(await plain.arrayBuffer());
    expect(unpacked(Buffer.from(await packed.arrayBuffer())).equals(rows)).toBe(true);
    // What is refused is told as it is: clients read the exception from the plain text.
    expect(await (await asked('SELECT * FROM nowhere')).text()).toMatch(/^Code: 60\. /);
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

  describe('an answer of several blocks', () => {
    const sql = 'SELECT number AS n, toString(number) AS s FROM numbers(200000)';
    const inFormat = async (format: string) =>
      await fetch(door.url, { method: 'POST', body: `${sql} FORMAT ${format}` });

    test('is one document, in formats that are documents', async () => {
      const json = (await (await inFormat('JSON')).json()) as { rows: number; data: object[] };
      expect([json.rows, json.data.length, json.data.at(-1)]).toEqual([200_000, 200_000, { n: 199_999, s: '199999' }]);
      for (const format of ['CSVWithNames', 'TSVWithNamesAndTypes', 'Markdown']) {
        const lines = (await (await inFormat(format)).text()).trimEnd().split('\n');
        expect(lines.length - 200_000).toBe(format === 'CSVWithNames' ? 1 : 2);
      }
      const parquet = Buffer.from(await (await inFormat('Parquet')).arrayBuffer());
      expect([parquet.subarray(0, 4), parquet.subarray(-4)].map(String)).toEqual(['PAR1', 'PAR1']);
      expect(parquet.indexOf('PAR1', 4)).toBe(parquet.length - 4);
      const totals = await door.ask(
        'SELECT number % 3 AS n, count() AS c FROM numbers(100000) GROUP BY n WITH TOTALS FORMAT JSON',
      );
      expect(JSON.parse(totals.text)).toMatchObject({ rows: 3, totals: { n: 0, c: 100_000 } });
      const array = await door.ask(`${sql} FORMAT JSONEachRow`, { output_format_json_array_of_rows: '1' });
      expect(JSON.parse(array.text)).toHaveLength(200_000);
    });

    test('is sent block by block where blocks need nothing around them', async () => {
      const formats = await door.warehouse.query<{ name: string }>('SELECT name FROM system.formats WHERE is_output');
      const inPieces = formats.map(({ name }) => name).filter((name) => comesInPieces(name, {}));
      expect(inPieces).toEqual(expect.arrayContaining(['CSV', 'JSONEachRow', 'Native', 'RowBinary', 'TabSeparated']));
      const asked = async (question: string, format: string, streamable: boolean): Promise<Buffer[]> => {
        const chunks: Buffer[] = [];
        for await (const { bytes } of door.warehouse.ask({
          sql: question,
          format,
          settings: {},
          params: {},
          streamable,
        }))
          chunks.push(Buffer.from(bytes));
        return chunks;
      };
      for (const format of inPieces)
        for (const question of [sql, 'SELECT 1 AS n, 2 AS s UNION ALL SELECT 3, 4', 'SELECT 1 AS n WHERE 0']) {
          const pieces = await asked(question, format, true);
          if (question === sql) expect(pieces.length).toBeGreaterThan(1);
          expect(Buffer.concat(pieces).equals(Buffer.concat(await asked(question, format, false)))).toBe(true);
        }
    });
  });

  test('a large answer comes in pieces, whole', async () => {
    const { text } = await door.ask('SELECT number FROM numbers(1000000)');
    expect(text.length).toBe(6_888_890);
  });

  test('limits of time, memory and size', async () => {
    expect(await door.ask('SELECT sleep(3)')).toMatchObject({ status: 408, code: 159 });
    // All of it at once: on a slow machine a query that grows would meet the limit of time first.
    expect(await door.ask(`SELECT length(groupArray(repeat('x', 1000000))) FROM numbers(1000)`)).toMatchObject({
      code: 241,
    });
    const large = await door.ask('SELECT * FROM numbers(100000000)').then(
      ({ code }) => code,
      () => 'cut off',
    );
    expect(['cut off', 396, 159]).toContain(large);
    expect(await door.ask('SELECT 1', { max_execution_time: '1000', max_memory_usage: '0' })).toMatchObject({
      status: 200,
    });
    expect(await door.ask('SELECT sleep(2)', { max_execution_time: '1000' })).toMatchObject({ code: 159 });
    expect(await door.ask(`SELECT '${'x'.repeat(300_000)}'`)).toMatchObject({ status: 413, code: 229 });
  });

  test('settings that change an answer are taken, those that loosen something are not', async () => {
    expect(
      (await door.ask('SELECT toUInt64(1) AS n FORMAT JSONEachRow', { output_format_json_quote_64bit_integers: '1' }))
        .text,
    ).toBe('{"n":"1"}\n');
    expect(
      (await door.ask('SELECT toUInt64(1) AS n FORMAT JSONEachRow', { output_format_json_quote_64bit_integers: '0' }))
        .text,
    ).toBe('{"n":1}\n');
    expect(
      await door.ask('SELECT 1', { wait_end_of_query: '1', session_id: 'x', readonly: '0', use_query_cache: '1' }),
    ).toMatchObject({
      status: 200,
    });
    for (const name of [
      'format_schema',
      'format_template_row',
      'allow_introspection_functions',
      'output_format_schema',
      'allow_ddl',
      'constructor',
      '__proto__',
      "x' = 1; DROP",
    ])
      expect(await door.ask('SELECT 1', { [name]: '1' })).toMatchObject({ code: 164 });
  });

  test('what would put off the look at the limits is bounded: the rows of a block, and the patterns of one automaton', async () => {
    const size = "SELECT getSetting('max_block_size')";
    expect((await door.ask(size, { max_block_size: '100000000' })).text).toBe('65409\n');
    expect((await door.ask(size, { max_block_size: '0' })).text).toBe('65409\n');
    expect((await door.ask(`${size} SETTINGS max_block_size = 1000`)).text).toBe('1000\n');
    expect((await door.ask(`${size} SETTINGS max_block_size = 100000000`)).code).toBe(164);
    expect((await door.ask('SELECT * FROM (SELECT 1 SETTINGS max_block_size = 100000000)')).code).toBe(164);
    const matching = (patterns: number): string =>
      `SELECT multiMatchAny('abc', arrayMap(x -> toString(x % 10 + 10000), range(${patterns})))`;
    expect((await door.ask(matching(100))).text).toBe('0\n');
    expect(await door.ask(matching(10_001))).toMatchObject({ code: 36, text: expect.stringMatching(/too large/) });
  });

  test('a SETTINGS clause is followed in what may be said, within the limits', async () => {
    // As Grafana's data source asks for the values of a column.
    const values = 'SELECT DISTINCT currency FROM tributary.fct_orders SETTINGS max_execution_time=1';
    expect((await door.ask(values)).text).toBe('EUR\n');
    const sql = "SELECT getSetting('max_threads'), getSetting('join_use_nulls'), getSetting('extremes')";
    expect((await door.ask(`${sql} SETTINGS max_threads = 1, join_use_nulls = 1, extremes = false`)).text).toBe(
      '1\ttrue\tfalse\n',
    );
    expect((await door.ask(`${sql} SETTINGS join_use_nulls = 1 FORMAT CSV`, { max_threads: '1' })).text).toBe(
      '1,true,false\n',
    );
    const csv = "SELECT 1 AS a, 2 AS b FORMAT CSV SETTINGS format_csv_delimiter = '|'";
    expect((await door.ask(csv)).text).toBe('1|2\n');
    expect((await door.ask('(SELECT 1 SETTINGS max_threads = 1)')).code).toBe(164);
    for (const more of ['max_execution_time = 2', 'max_execution_time = 0', 'max_threads = 64', 'readonly = 0'])
      expect((await door.ask(`SELECT 1 SETTINGS ${more}`)).code).toBe(164);
    for (const within of [
      'SELECT * FROM (SELECT 1 SETTINGS join_use_nulls = 1, max_block_size = 10)',
      'SELECT 1 SETTINGS extremes = 0 UNION DISTINCT SELECT 1',
      'SELECT settings FROM (SELECT 1 AS settings) GROUP BY settings HAVING settings = 1',
      "SELECT count() > 0 FROM system.settings WHERE name = 'max_threads'",
      "SELECT a FROM values('a UInt8', 1)",
      'SELECT c1 FROM values(1)',
      "SELECT length(a) < 9 FROM generateRandom('a String', 1, 8) LIMIT 1",
    ])
      expect(await door.ask(within)).toMatchObject({ code: 0, text: '1\n' });
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

  describe('a question is ended by who asked it', () => {
    const sql = 'SELECT sum(cityHash64(number, 7)) FROM system.numbers';
    const running = async (count: number): Promise<void> => {
      const asked = `SELECT count() AS n FROM system.processes WHERE query LIKE '%number, 7%' AND query NOT LIKE '%processes%'`;
      for (;;) {
        const [row] = await door.warehouse.query<{ n: number }>(asked);
        if (row?.n === count) return;
        await nextTurn();
      }
    };

    // Recorded of clickhouse-jdbc 0.9.4, whose `Statement.cancel()` DBeaver and Metabase call.
    test('as JDBC asks: KILL QUERY WHERE query_id', async () => {
      const asked = door.ask(sql, { query_id: '7c0e-1' });
      await running(1);
      const told = await door.ask("KILL QUERY WHERE query_id = '7c0e-1'", { default_format: 'JSONEachRow' });
      expect(JSON.parse(told.text)).toEqual({ kill_status: 'waiting', query_id: '7c0e-1', user: 'default', query: '' });
      expect(await asked).toMatchObject({ status: 500, code: 394 });
      await running(0);
      expect(await door.ask("/* x */ kill query where query_id='7c0e-1' sync;")).toMatchObject({
        status: 200,
        text: '',
      });
    });

    test('and by nobody else', async () => {
      const asked = door.ask(sql, { query_id: '7c0e-2', user: 'ana', password: 'key:1' });
      await running(1);
      const ending = "KILL QUERY WHERE query_id = '7c0e-2'";
      expect(await door.ask(ending)).toMatchObject({ status: 200, text: '' });
      await running(1);
      expect((await door.ask(ending, { user: 'ana', password: 'key:1' })).text).toMatch(/^waiting\t7c0e-2\tana\t\n$/);
      expect(await asked).toMatchObject({ code: 394 });
    });

    test.each([
      "KILL QUERY WHERE user = 'ana'",
      "KILL QUERY WHERE query_id = 'a' OR 1",
      "KILL QUERY WHERE query_id != 'a'",
      "KILL QUERY ON CLUSTER c WHERE query_id = 'a'",
      "KILL MUTATION WHERE query_id = 'a'",
    ])('%s is refused', async (other) => {
      expect(await door.ask(other)).toMatchObject({ code: 164 });
    });
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

  test('a client that leaves stops its question, and not the others', async () => {
    const forEver = {
      format: 'TSV',
      settings: {},
      params: {},
      sql: 'SELECT sum(cityHash64(number)) FROM system.numbers',
    };
    const leaving = new AbortController();
    const left = [true, false].map(async (streamable) => {
      for await (const { bytes } of door.warehouse.ask({ ...forEver, streamable }, leaving.signal))
        throw new Error(`${bytes}`);
    });
    const running = async () => {
      const [row] = await door.warehouse.query<{ n: number }>(
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%cityHash64(number)%' AND query NOT LIKE '%processes%'",
      );
      return row?.n;
    };
    while ((await running()) !== 2) await nextTurn();
    leaving.abort();
    await Promise.all(left);
    // Those two were all that may be answered at once.
    expect((await door.ask('SELECT 1')).text).toBe('1\n');
    while ((await running()) !== 0) await nextTurn();
  });

  test('as many questions as it may have under way are answered, and no more', async () => {
    const { warehouse } = door;
    const narrow = await sqlListener({ warehouse, host: '127.0.0.1', port: 0, authorize: () => true, maxRequests: 2 });
    const ask = async (sql: string): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${narrow.port}/`, { method: 'POST', body: sql });
      // Until it has ended it is under way.
      await answer.text();
      return answer.status;
    };
    try {
      const slow = 'SELECT sleep(1)';
      expect((await Promise.all([ask(slow), ask(slow), ask(slow)])).sort()).toEqual([200, 200, 503]);
      expect(await ask('SELECT 1')).toBe(200);
    } finally {
      await narrow.close();
    }
  });

  test('who takes nothing of an answer is hung up on, and others are answered', async () => {
    const { warehouse } = door;
    const strict = await sqlListener({ warehouse, host: '127.0.0.1', port: 0, authorize: () => true, stalled_ms: 300 });
    const url = `http://127.0.0.1:${strict.port}/`;
    try {
      const body = "SELECT number, repeat('x', 100) FROM numbers(2000000)";
      for (const accept of ['identity', 'gzip', 'identity', 'gzip']) {
        const headers = { 'Accept-Encoding': accept };
        await new Promise<void>((begun) =>
          httpRequest(url, { method: 'POST', headers }, (answer) => {
            answer.on('error', () => {});
            begun();
          })
            .on('error', () => begun())
            .end(body),
        );
      }
      expect(await (await fetch(url, { method: 'POST', body: 'SELECT 1' })).text()).toBe('1\n');
    } finally {
      await strict.close();
    }
  });

  test('large answers that nobody takes do not pile up: the next waits until one of them is taken', async () => {
    const sql = "SELECT repeat('x', 1000) AS a FROM numbers(17000)";
    const question = { format: 'JSON', settings: {}, params: {}, sql, streamable: false };
    const begun = [1, 2].map(() => door.warehouse.ask(question)[Symbol.asyncIterator]());
    for (const each of begun) expect((await each.next()).done).toBe(false);
    let isAnswered = false;
    const next = door.ask('SELECT 1').then(({ text }) => ((isAnswered = true), text));
    await sleep(200);
    expect(isAnswered).toBe(false);
    expect((await begun[0]?.next())?.done).toBe(true);
    expect(await next).toBe('1\n');
    await begun[1]?.return?.();
    expect((await door.ask('SELECT 2')).text).toBe('2\n');
  });

  test('whoever hangs up has left', async () => {
    const before = door.answered.length;
    const leaving = new AbortController();
    const asked = [1, 2].map(() =>
      fetch(door.url, { method: 'POST', body: 'SELECT sum(number) FROM system.numbers', signal: leaving.signal }),
    );
    setTimeout(() => leaving.abort(), 100);
    for (const one of asked) await expect(one).rejects.toThrow(/abort/);
    expect((await door.ask('SELECT 1')).text).toBe('1\n');
    expect(door.answered.slice(before).map(({ code }) => code)).not.toContain(159);
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
