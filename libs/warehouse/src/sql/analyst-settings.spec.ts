import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';

const door = ownSqlDoor({ maxExecution_s: 2 });

describe('what an analyst may set', () => {
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
    expect(await door.ask('SELECT sleep(3)', { max_execution_time: '1000' })).toMatchObject({ code: 159 });
    expect(await door.ask(`SELECT '${'x'.repeat(300_000)}'`)).toMatchObject({ status: 413, code: 229 });
  });

  test('what dbt says of each connection is so already, and may be said', async () => {
    const said = { mutations_sync: '3', lightweight_deletes_sync: '3', alter_sync: '3', insert_distributed_sync: '1' };
    const names = Object.keys(said).map((name) => `'${name}'`);
    // Its client asks the server, and sends what is otherwise, or refuses to where it is read-only.
    const { text } = await door.ask(
      `SELECT name, value, readonly FROM system.settings WHERE name IN (${names.join()})`,
    );
    expect(
      Object.fromEntries(
        text
          .trim()
          .split('\n')
          .map((line) => line.split('\t').slice(0, 2)),
      ),
    ).toEqual(said);
    expect(await door.ask('SELECT 1', said)).toMatchObject({ code: 0, text: '1\n' });
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
    for (const more of ['max_execution_time = 3', 'max_execution_time = 0', 'max_threads = 64', 'readonly = 0'])
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
});
