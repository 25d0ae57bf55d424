import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ownSqlDoor } from '../controls/sql-door.js';

const door = ownSqlDoor();

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `c_${i.toString(16).padStart(32, '0')}`);
const listOf = (values: readonly string[]): string => `[${values.map((value) => `'${value}'`).join(',')}]`;
const formOf = (fields: Record<string, string | Blob>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

describe('parameters too long for a short address', () => {
  test('stand in a form, as clickhouse-connect sends them from some thousand characters on', async () => {
    const sent = {
      query: 'SELECT length({ids:Array(String)}), {s:String}',
      param_ids: listOf(ids(5_000)),
      param_s: '茶',
    };
    expect(await door.ask('', { default_format: 'CSV' }, { body: formOf(sent) })).toMatchObject({
      status: 200,
      text: '5000,"茶"\n',
    });
    const whole = new Response(formOf({ query: 'SELECT 1' }));
    const headers = { 'Content-Type': whole.headers.get('content-type') ?? '' };
    const body = Buffer.from(await whole.arrayBuffer());
    const asGzip = { body: gzipSync(body), headers: { ...headers, 'Content-Encoding': 'gzip' } };
    expect(await door.ask('', {}, asGzip)).toMatchObject({ status: 200, text: '1\n' });
    expect(await door.ask('', {}, { body: body.subarray(0, 60), headers })).toMatchObject({ status: 400, code: 27 });
  });

  test('in a form are judged as in an address', async () => {
    const refused = async (fields: Record<string, string | Blob>) =>
      (await door.ask('', {}, { body: formOf(fields) })).code;
    expect(await refused({ query: 'TRUNCATE TABLE fct_orders' })).toBe(164);
    expect(await refused({ query: 'SELECT 1', max_insert_threads: '9' })).toBe(164);
    expect(await refused({ query: 'SELECT 1', database: 'system' })).toBe(81);
    expect(await refused({ query: 'SELECT {f:Identifier}(1)', param_f: 'file' })).toBeGreaterThan(0);
    expect(await refused({ query: 'SELECT * FROM e', e: new Blob(['1,2']) })).toBe(48);
    expect(await refused({ query: 'SELECT 1', param_ids: listOf(ids(8_000)) })).toBe(229);
  });

  test.each([false, true])('a list of ids from @clickhouse/client (in a form: %s)', async (asForm) => {
    const client = createClient({ url: door.url, log: { level: ClickHouseLogLevel.OFF } });
    try {
      const answer = await client.query({
        query: 'SELECT length({ids:Array(String)}) AS n',
        query_params: { ids: ids(5_000) },
        use_multipart_params: asForm,
        format: 'JSONEachRow',
      });
      expect(await answer.json()).toEqual([{ n: 5_000 }]);
    } finally {
      await client.close();
    }
  });

  test('too long for any address are refused in words', async () => {
    const client = createClient({ url: door.url, log: { level: ClickHouseLogLevel.OFF } });
    try {
      const asked = client.query({ query: 'SELECT {ids:Array(String)}', query_params: { ids: ids(9_000) } });
      await expect(asked).rejects.toMatchObject({ code: '229', type: 'QUERY_IS_TOO_LARGE' });
    } finally {
      await client.close();
    }
  });
});
