import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';
import { quoted } from '../schema/ddl.js';
import { plainTableFilters } from './table-filters.js';

const mapOf = (filter: string, table = 'fct_orders'): string => `{${quoted(table)}: ${quoted(filter)}}`;

describe('filters of a table', () => {
  // As grafana-clickhouse-datasource makes them, value by value.
  test.each([
    " currency = 'EUR' ",
    " currency = 'EUR' AND order_id != 'o\\'1' ",
    " currency =  'a\\\\b' OR amount > '12.5' ",
    " currency IN ('EUR', 'USD') ",
    ' currency NOT IN (NULL) ',
    " currency REGEXP '^E(U|R)$' AND order_id NOT REGEXP '--' ",
    " order_id LIKE '%/* o1 */%' AND amount <= -1.5 AND amount <> 7 ",
    " order_id NOT ILIKE 'ünïcode 茶 ’' ",
  ])('%s says which rows are meant', (filter) => {
    for (const table of ['fct_orders', 'tributary.fct_orders'])
      expect(plainTableFilters(mapOf(filter, table))).toBe(mapOf(filter, table));
  });

  test('in the spelling of whoever says it', () => {
    expect(plainTableFilters("{ 'a' : ' x = \\'1\\' ' , 'b' :'y = 2'}")).toBe("{'a': ' x = \\'1\\' ', 'b': 'y = 2'}");
    expect(plainTableFilters('{}')).toBe('{}');
    const many = `{'a': '${'x = 1 OR '.repeat(49)}x IN (${'1, '.repeat(1_000)}1)'}`;
    expect(plainTableFilters(many)).toBe(many);
  });

  test.each([
    "file('/etc/passwd') = 'x'",
    "toUInt8(file('/etc/passwd')) = 0",
    "currency = file('/etc/passwd')",
    "currency = (SELECT 'EUR')",
    'currency IN (SELECT 1)',
    "currency IN (file('x'))",
    "currency IN 'EUR'",
    'currency IN ()',
    'currency = order_id',
    "currency = 'EUR' --",
    "currency = 'EUR' /* */",
    "currency /**/ = 'EUR'",
    "currency = 'EUR' AND",
    "currency = 'EUR' AND 1",
    "currency = 'EUR' OR sleep(3) = 0",
    "currency = 'EUR' 'x'",
    "currency = 'it''s'",
    "currency = 'a\\x27 OR file(1) = \\x27'",
    "currency = 'a\\'",
    "currency = 'a\0'",
    "`fil\\x65` = 'x'",
    "a.b = 'x'",
    "(currency = 'EUR')",
    "currency = 'EUR'; DROP TABLE x",
    "currency = 'EUR' SETTINGS readonly = 0",
    "currency = 1.5.sum('x')",
    'currency = {x:String}',
    'currency = $$EUR$$',
    'currency = ‘EUR’',
    'currency = 0x1F',
    "currency\u00a0= 'EUR'",
    '',
  ])('%j says more than that, or may', (filter) => expect(plainTableFilters(mapOf(filter))).toBeUndefined());

  test.each([
    mapOf("a = '1'", 'system.processes'),
    mapOf("a = '1'", "x' OR"),
    mapOf("a = '1'", ''),
    "{'a': 'x = 1'} , {'b': 'y = 1'}",
    "{'a': 'x = 1'",
    "{'a': 1}",
    "{a: 'x = 1'}",
    "map('a', 'x = 1')",
    "'{}'",
    `{'a': 'x = ${'1'.repeat(40)}'}`,
    `{'a': 'x IN (${'1, '.repeat(10_000)}1)'}`,
    `{'a': '${'x = 1 OR '.repeat(50)}x = 1'}`,
    `{${Array.from({ length: 51 }, (_, i) => `'t${i}': 'x = 1'`).join()}}`,
    '',
  ])('%.60j is no such map', (text) => expect(plainTableFilters(text)).toBeUndefined());
});

describe('at the SQL door', () => {
  const door = ownSqlDoor();
  const orders = 'SELECT order_id FROM fct_orders';
  const said = (filter: string, table = 'fct_orders') => `additional_table_filters={'${table}' : '${filter}'}`;
  const first = " order_id = \\'o1\\' ";

  test('ad-hoc filters of Grafana are followed, of tables and of views', async () => {
    for (const clause of [
      `settings ${said(first)}`,
      `SETTINGS max_threads = 1, ${said(first)}, extremes = 0 FORMAT TSV;`,
    ])
      expect(await door.ask(`${orders}\n${clause}`)).toMatchObject({ code: 0, text: 'o1\n' });
    expect((await door.ask(`SELECT count() FROM tributary.fct_orders SETTINGS ${said(first)}`)).text).toBe('1\n');
    const view = `SELECT order_id FROM customer_orders SETTINGS ${said(" order_id < \\'o2\\' AND currency IN (\\'EUR\\', \\'it\\\\\\'s\\') ", 'customer_orders')}`;
    expect(await door.ask(view)).toMatchObject({ code: 0, text: 'o1\n' });
    expect((await door.ask(`${orders} ORDER BY 1 SETTINGS additional_table_filters={}`)).text).toBe('o1\no2\n');
  });

  test('as a setting of the request, too', async () => {
    const filters = { additional_table_filters: `{'fct_orders' : ' order_id != \\'o1\\' '}` };
    expect((await door.ask(orders, filters)).text).toBe('o2\n');
    expect(await door.ask(orders, { additional_table_filters: "{'fct_orders': 'sleep(1) = 0'}" })).toMatchObject({
      code: 164,
    });
  });

  test('nothing but plain ones, nowhere but at the end of the question, and as both sides read them', async () => {
    const plain = `SETTINGS ${said(first)}`;
    const refusals: readonly (readonly [sql: string, code: number])[] = [
      [`${orders} ${plain} UNION ALL ${orders}`, 164],
      [`(${orders} ${plain}) UNION ALL SELECT '1'`, 164],
      [`SELECT * FROM (${orders} ${plain})`, 164],
      [`WITH x AS (${orders} ${plain}) SELECT * FROM x`, 164],
      [`${orders} ${plain}, readonly = 2`, 164],
      [`${orders} ${plain}, ${said(first)}`, 164],
      [`${orders} SETTINGS additional_table_filters = '{\\'fct_orders\\': \\'order_id = 1\\'}'`, 164],
      [`${orders} SETTINGS additional_table_filters = map('fct_orders', 'sleep(1) = 0')`, 164],
      [`${orders} SETTINGS additional_result_filter = 'order_id = 1'`, 164],
      [`${orders} SETTINGS ${said(" (SELECT 1) = \\'1\\' ")}`, 164],
      [`${orders} SETTINGS ${said(" toUInt8(file(\\'/etc/passwd\\')) = 0 ")}`, 164],
      [`${orders} SETTINGS ${said(' order_id = \\x27o1\\x27 ')}`, 497],
      [`SELECT '\\N' ${orders.slice(15)} ${plain}`, 497],
    ];
    for (const [sql, code] of refusals) expect([sql, (await door.ask(sql)).code]).toEqual([sql, code]);
  });
});
