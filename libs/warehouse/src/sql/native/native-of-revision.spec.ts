import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../../controls/sql-door.js';
import { columnEnd } from './column-end.js';
import { typeText } from './type-text.js';

const door = ownSqlDoor();
const native = async (sql: string, query = ''): Promise<Buffer> => {
  const answer = await fetch(`${door.url}?default_format=Native${query}`, { method: 'POST', body: sql });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) throw new Error(bytes.toString());
  return bytes;
};

describe('Native for clickhouse-go', () => {
  // Recorded of clickhouse-go 2.51.0, and so of Grafana's data source over HTTP: it sends its revision with every question.
  const revision = '&client_protocol_version=54460&database=tributary';

  test('a block tells its kind, and of each column that it is written as usual', async () => {
    const told = await native("SELECT 1 AS a, toLowCardinality('x') AS s", revision);
    const expected = [
      [1, 0, 2, 255, 255, 255, 255, 0, 2, 1],
      [1, ...Buffer.from('a'), 5, ...Buffer.from('UInt8'), 0, 1],
      [1, ...Buffer.from('s'), 22, ...Buffer.from('LowCardinality(String)'), 0],
    ].flat();
    expect([...told.subarray(0, expected.length)]).toEqual(expected);
    expect(
      told.subarray(expected.length).equals((await native("SELECT toLowCardinality('x') AS s")).subarray(27)),
    ).toBe(true);
  });

  test('so does each block of many', async () => {
    const sql = 'SELECT number AS n, toString(number) AS s FROM numbers(200000)';
    const [plain, told] = [await native(sql), await native(sql, revision)];
    const blocks = (told.length - plain.length) / (8 + 2);
    expect(blocks).toBeGreaterThan(1);
    expect(Number.isInteger(blocks)).toBe(true);
    // Of megabytes, `toEqual` would take longer than a connection is kept.
    expect(plain.equals(await native(sql, '&client_protocol_version=54405'))).toBe(true);
  });

  test('what it cannot tell it refuses by status', async () => {
    await expect(native('SELECT uniqState(number) AS u FROM numbers(3)', revision)).rejects.toThrow(/^Code: 48\. /);
    expect(await native('SELECT 1 WHERE 0', revision)).toEqual(await native('SELECT 1 WHERE 0'));
  });
});

describe('where a column ends', () => {
  test.each([
    'number', 'toInt8(number)', 'number % 2 = 0', 'toFloat32(number)', 'toInt128(number)', 'toUInt256(number)', 'toBFloat16(number)',
    'true', 'NULL', 'toDate(number)', 'toDate32(number)', 'toDateTime(number)', "toDateTime64(number, 3, 'Asia/Shanghai')",
    'toDecimal32(number, 2)', 'toDecimal64(number, 4)', 'toDecimal128(number, 4)', 'toDecimal256(number, 4)', 'sum(toDecimal64(number, 4)) OVER ()',
    'toUUID(generateUUIDv4())', "toIPv4('127.0.0.1')", "toIPv6('::1')", "toFixedString('abc', 3)", 'toIntervalDay(number)',
    'toString(number)', "repeat('x', number % 400)", "''", 'toNullable(number)', 'nullIf(toString(number), toString(7))',
    'range(number % 5)', 'arrayMap(x -> range(x), range(number % 4))', 'emptyArrayUInt8()', '[]', 'arrayMap(x -> toString(x), range(number % 3))',
    '[nullIf(number, 3)]', 'toLowCardinality(toString(number % 3))', 'toLowCardinality(toString(number))',
    'toLowCardinality(nullIf(toString(number % 4), toString(2)))', '[toLowCardinality(toString(number)), toLowCardinality(toString(3))]',
    'arrayMap(x -> toLowCardinality(toString(x)), range(number % 3))', 'arrayFilter(x -> 0, [toLowCardinality(toString(number))])',
    "map('a', number, 'b', 2)", "CAST(map('a', ['b']), 'Map(LowCardinality(String), Array(LowCardinality(String)))')",
    "CAST((number, 'x'), 'Tuple(n UInt64, `a, (b)` LowCardinality(String))')", '(number, toString(number), [number])', 'tuple()',
    "CAST('a, (b', 'Enum8(\\'a, (b\\' = 1, \\'it\\'\\'s\\' = 2)')", "CAST('z', 'Enum16(\\'z\\' = 1000)')", "CAST((1, 2), 'Point')",
    "CAST([[(0, 0), (1, 1)]], 'Polygon')", "CAST([(1, 'a')], 'Nested(n UInt8, s String)')",
  ])('%s', async (expression) => {
    for (const rows of [1, 1_000]) {
      const bytes = await native(`SELECT ${expression} AS c FROM numbers(${rows})`);
      // One column named c, then its type; fewer than 128 rows take one byte, and a type shorter than that, too.
      const at = rows === 1 ? 4 : 5;
      const values = at + 1 + bytes.readUInt8(at);
      const type = bytes.toString('utf8', at + 1, values);
      expect([type, columnEnd(bytes, values, type, rows)]).toEqual([type, bytes.length]);
    }
  }); // prettier-ignore

  test('a type is read with what is quoted in it', () => {
    expect(typeText("Enum8('a, (b' = 1, 'it\\'s' = 2)").args).toEqual(["'a, (b' = 1", "'it\\'s' = 2"]);
    expect(typeText('Tuple(a Array(Tuple(b UInt8, c String)), d String)').args).toHaveLength(2);
  });
});
