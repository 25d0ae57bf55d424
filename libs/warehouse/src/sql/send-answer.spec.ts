import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';
import { unpacked } from '../controls/unpacked.js';
import { comesInPieces } from './format-in-pieces.js';
import { sqlListener } from './sql-listener.js';

const door = ownSqlDoor();

describe('an answer', () => {
  test('the summary tells the rows of an answer that is whole when it is begun', async () => {
    const rowsOf = async (sql: string): Promise<string> =>
      (JSON.parse((await door.ask(sql)).headers.get('x-clickhouse-summary') ?? '') as { result_rows: string })
        .result_rows;
    // JDBC 0.9 asks so, and finds no version where the summary tells of no row.
    expect(await rowsOf('SELECT version() AS server_version FORMAT RowBinaryWithNamesAndTypes')).toBe('1');
    expect(await rowsOf('SELECT order_id FROM fct_orders FORMAT JSON')).toBe('2');
    expect(await rowsOf('SELECT 1 WHERE 0 FORMAT JSON')).toBe('0');
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
    const unwanted = await fetch(door.url, {
      method: 'POST',
      body: 'SELECT 1',
      headers: { 'Accept-Encoding': 'gzip;q=0' },
    });
    expect(unwanted.headers.get('content-encoding')).toBeNull();
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
});
