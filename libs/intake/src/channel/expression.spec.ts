import { describe, expect, it } from '@jest/globals';
import { MapFailure } from './errors.js';
import { expressionOf } from './expression.js';
import { conditionOf } from './condition.js';
import { instantParser } from './instants.js';
import { type JsonObject, type JsonValue, type Row } from './model.js';
import { type Source } from './source.js';
import { Spec } from './spec.js';

const csv: Source = {
  columns: { kind: 'csv', names: ['a', 'b', 'c'], nulls: new Set(['?']), trim: true },
  zone: 'UTC',
  formats: ['yyyy-MM-dd HH:mm:ss'],
  parseInstant: instantParser(['yyyy-MM-dd HH:mm:ss'], 'UTC'),
};
const row = (...values: string[]): Row => ({ values, row: 7, line: 8, raw: '' });
const spec = (value: unknown) => new Spec(value, 'x', 'test.yaml');
const value = (expression: unknown, ...rows: Row[]): JsonValue =>
  expressionOf(spec(expression), csv)({ rows, index: 0, file: 'f' });
const holds = (condition: unknown, rows: Row[], index = 0): boolean =>
  conditionOf(spec(condition), csv)({ rows, index, file: 'f' });

describe('an expression', () => {
  it.each<[unknown, JsonValue]>([
    ['plain', 'plain'],
    ['<a>/<b>', '1/two'],
    ['\\<a> <a>', '<a> 1'],
    ['<c>', null],
    ['<a>-<c>', null],
    ['<$row>:<$index>:<$file>', '7:1:f'],
    [['<a>', '<c>'], ['1']],
    [
      { k: '<c>', n: 5 },
      { k: null, n: 5 },
    ],
    [{ $stated: { k: '<c>', n: '<a>' } }, { n: '1' }],
    [{ $decimal: '<a>' }, '1'],
    [{ $number: '<a>' }, 1],
    [{ $decimal: '－１２．５０' }, '-12.5'],
    [{ $money: '<c>' }, null],
    [{ $money: '¥1,234.50' }, '1234.5'],
    [{ $money: '￥１，２３４．５０' }, '1234.5'],
    [{ $money: '-CNY 1,234,567' }, '-1234567'],
    [{ $money: '$-0.05', absolute: true }, '0.05'],
    [{ $money: '12元' }, '12'],
    [{ $money: '人民币1,234.50' }, '1234.5'],
    [{ $money: 'HK$ 12.5' }, '12.5'],
    [{ $money: '￥1.2万' }, '12000'],
    [{ $money: '-3 亿元' }, '-300000000'],
    [{ $money: '1234.5' }, '1234.5'],
    [{ $money: '1.234,50 €', thousands: '.', point: ',' }, '1234.5'],
    [{ $product: ['2', { $money: '1,000.10' }] }, '2000.2'],
    [{ $product: ['<a>', '-0.10'] }, '-0.1'],
    [{ $product: ['<a>', '-0.10'], absolute: true }, '0.1'],
    [{ $product: ['<a>', '<c>'] }, null],
    [{ $quotient: ['<a>', '3'] }, '0.3333'],
    [{ $quotient: ['<a>', '0'] }, null],
    [{ $lookup: '<b>', in: { two: 2 } }, 2],
    [{ $lookup: '<a>', in: { two: 2 }, else: 'other' }, 'other'],
    [{ $coalesce: ['<c>', '<b>'] }, 'two'],
    [{ $unmasked: '<b>' }, 'two'],
    [{ $unmasked: '<c>' }, null],
    [{ $unmasked: '买买提•艾力' }, '买买提•艾力'],
    [{ $stated: { name: { $unmasked: '张**' }, phone: { $unmasked: '138＊＊＊＊1234' } } }, {}],
    [{ $split: '<b>', by: 'w', strip: 't' }, ['o']],
    [{ $shorten: 'a long story', to: 6 }, 'a lon…'],
    [{ $shorten: 'ab🍵cd', to: 4 }, 'ab…'],
    [{ $test: { b: ['two', 'three'] } }, true],
    [{ $instant: '3/2/2025', formats: 'd/M/yyyy', zone: 'Asia/Shanghai' }, Date.UTC(2025, 1, 2, 16)],
    [{ $instant: '２０２５年３月２日', formats: 'yyyy年M月d日' }, Date.UTC(2025, 2, 2)],
    [{ $seconds: ['2025-01-01 00:00:00', '2025-01-01 00:01:30'] }, 90],
    [{ $day: '1985/1/2', formats: 'yyyy/M/d' }, '1985-01-02'],
    [{ $day: '1985年12月31日', formats: ['yyyyMMdd', 'yyyy年M月d日'], zone: 'Asia/Shanghai' }, '1985-12-31'],
    [{ $day: '19880410', formats: 'yyyyMMdd', zone: 'Asia/Shanghai' }, '1988-04-10'],
    [{ $day: '1985-01-01T16:00:00Z', formats: 'iso', zone: 'Asia/Shanghai' }, '1985-01-02'],
    [{ $day: '2025-01-01 23:59:59' }, '2025-01-01'],
    [{ $day: null }, null],
    [{ $duration: '00:03:25' }, 205],
    [{ $duration: '3:25' }, 205],
    [{ $duration: '100:00' }, 6000],
    [{ $duration: 205 }, 205],
    [{ $duration: '１小时 3分25.5秒' }, 3805.5],
    [{ $duration: '2分钟' }, 120],
    [{ $duration: '1h 3m' }, 3780],
    [{ $duration: null }, null],
    [{ $hash: ['<a>', '<c>'] }, null],
  ])('%j → %j', (expression, expected) => {
    expect(value(expression, row('1', ' two ', '?'))).toEqual(expected);
  });

  it('makes the same of the same values by a hash, and another of others or of others that read alike', () => {
    const hash = (...values: string[]): JsonValue => value({ $hash: values });
    expect(hash('a', 'bc')).toMatch(/^[0-9a-f]{32}$/);
    expect(hash('a', 'bc')).toBe(hash('a', 'bc'));
    expect(new Set([hash('a', 'bc'), hash('ab', 'c'), hash('a', 'bd'), hash('abc')]).size).toBe(4);
  });

  it('sums and lists over the rows of a record', () => {
    const rows = [row('1', '2.55', 'x'), row('3', '0.001', ''), row('-1', '1', '')];
    expect(value({ $total: { $product: ['<a>', '<b>'] } }, ...rows)).toBe('1.553');
    expect(value({ $total: { $product: ['<a>', '<b>'] }, where: { a: { above: 0 } } }, ...rows)).toBe('2.553');
    expect(value({ $each: { n: '<$index>', c: '<c>' }, where: { a: { above: 0 } } }, ...rows)).toEqual([
      { n: '1', c: 'x' },
      { n: '2', c: null },
    ]);
  });

  it('refuses what it cannot take, without repeating it', () => {
    const failing = (e: unknown) => () => value(e, row('secret', '', ''));
    expect(failing({ $decimal: '<a>' })).toThrow(MapFailure);
    expect(failing({ $decimal: '<a>' })).not.toThrow(/secret/);
    expect(failing({ $lookup: '<a>', in: { b: 1 } })).toThrow(/does not list/);
    for (const text of [
      '12,50',
      '0,125',
      '1,2345',
      '3万5',
      '1.2.3',
      '1,234.',
      '--1',
      '-¥-1',
      '10²',
      '1e3',
      '.5',
      '¥',
      '一百',
    ])
      expect(failing({ $money: text })).toThrow(/is not an amount such as ¥1,234\.50$/);
    expect(failing({ $decimal: '10²' })).toThrow(/plain decimal/);
    expect(failing({ $money: '1', thousands: '.' })).toThrow(/is the point of the decimals, too/);
    expect(failing({ $instant: '<a>' })).toThrow(/not a date of the stated formats \(yyyy-MM-dd HH:mm:ss\)/);
    expect(failing({ $instant: '<a>', formats: ['d/M/yyyy', 'iso'] })).toThrow(/formats \(d\/M\/yyyy, iso\)/);
    expect(failing({ $seconds: ['<a>', '<a>'] })).toThrow(/formats \(yyyy-MM-dd HH:mm:ss\)/);
    expect(failing({ $day: '<a>', formats: 'yyyyMMdd' })).toThrow(/not a date of the stated formats \(yyyyMMdd\)/);
    for (const text of ['<a>', '3:61', '1:60:00', '-5', '3:5', '三分', '12:00 PM', '1e3'])
      expect(failing({ $duration: text })).toThrow(/is not a length of time/);
    expect(failing({ $total: '<b>' })).toThrow(/no value/);
  });

  it('takes no longer for a cell full of blanks', () => {
    const begun = performance.now();
    for (const sign of ['', '-', '- ¥'])
      expect(() => value({ $money: `${sign}1${' '.repeat(32_000)}x` }, row('', '', ''))).toThrow(MapFailure);
    expect(() => value({ $money: `-${' '.repeat(32_000)}x` }, row('', '', ''))).toThrow(MapFailure);
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it('reads what a spreadsheet was to keep as text', () => {
    const marked = row('="00123456"', "'13812345678", '=""');
    expect(value('<a>/<b>/<$index>', marked)).toBe('00123456/13812345678/1');
    expect(value('<c>', marked)).toBeNull();
    expect(value('<a>|<b>|<c>', row('="E1\t"', "'0012345'", '="?"'))).toBeNull();
    expect(value('<a>|<b>', row('="E1\t"', "'0012345'", ''))).toBe('E1|0012345');
    for (const text of ["'s-Hertogenbosch", "'90", '=A1+B2', '="a"&"b"', "'123a", '=""1""'])
      expect(value('<a>', row(text, '', ''))).toBe(text);
    expect(value({ $money: '<a>' }, row('="1,234.50"', '', ''))).toBe('1234.5');
    expect(holds({ a: '合计' }, [row('="合计"', '', '')])).toBe(true);
  });

  it('reads members of JSON records', () => {
    const json: Source = { ...csv, columns: { ...csv.columns, kind: 'ndjson', names: [] } };
    const values: JsonObject = { user: { id: 5, tags: ['x'], phone: '' }, price: 12.34 };
    const at = (e: unknown) =>
      expressionOf(spec(e), json)({ rows: [{ values, row: 1, line: 1, raw: '' }], index: 0, file: 'f' });
    expect(at('<user.id>')).toBe('5');
    expect(at('<user.none>')).toBeNull();
    expect(at('<user.phone>')).toBeNull();
    expect(at('<user.tags>')).toBe('["x"]');
    expect(at({ $decimal: '<price>' })).toBe('12.34');
    expect(at('<toString>')).toBeNull();
    expect(() => at('<user.tags.first>')).toThrow(
      new MapFailure('<user.tags.first> leads into a list; read its entries with $each or $total and `of`'),
    );
  });

  it('knows the members of JSON records where the source lists them', () => {
    const json: Source = { ...csv, columns: { ...csv.columns, kind: 'ndjson', names: ['user', 'order.no'] } };
    for (const name of ['user', 'user.id', 'order.no'])
      expect(() => expressionOf(spec(`<${name}>`), json)).not.toThrow();
    expect(() => expressionOf(spec('<order.on>'), json)).toThrow(/Did you mean <order\.no>\?/);
    expect(() => expressionOf(spec('<order>'), json)).toThrow(/not among the source's columns/);
  });

  describe('over a list in a JSON record', () => {
    const json: Source = { ...csv, columns: { ...csv.columns, kind: 'ndjson', names: [] } };
    const items = [
      { sku: 'tea', n: 2, fee: 1990, tags: ['green', 'new'] },
      { sku: 'cup', n: 1, fee: 500 },
    ];
    const at = (e: unknown, ...orders: JsonValue[]) =>
      expressionOf(
        spec(e),
        json,
      )({
        rows: orders.map((order) => ({ values: { order }, row: 1, line: 1, raw: '' })),
        index: 0,
        file: 'f',
      });

    it('lists and sums its entries, beside what the record says', () => {
      const order = { no: 'o1', items };
      expect(at({ $each: { line: '<order.no>/<$index>', sku: '<.sku>' }, of: '<order.items>' }, order)).toEqual([
        { line: 'o1/1', sku: 'tea' },
        { line: 'o1/2', sku: 'cup' },
      ]);
      expect(at({ $total: { $product: ['<.n>', '<.fee>', '0.01'] }, of: '<order.items>' }, order)).toBe('44.8');
      expect(at({ $each: '<.sku>', of: '<order.items>', where: { '.n': { above: 1 } } }, order)).toEqual(['tea']);
      expect(at({ $each: { $each: '<.>', of: '<.tags>' }, of: '<order.items>' }, order)).toEqual([
        ['green', 'new'],
        [],
      ]);
    });

    it('goes through all rows of a record', () => {
      expect(at({ $each: '<.>', of: '<order>' }, ['a'], ['b', 'c'])).toEqual(['a', 'b', 'c']);
    });

    it('has no entries where there is no list, and refuses what is none', () => {
      expect(at({ $each: '<.sku>', of: '<order.items>' }, { no: 'o1' })).toEqual([]);
      expect(at({ $each: '<.sku>', of: '<order.items>' }, { no: 'o1', items: null })).toEqual([]);
      expect(() => at({ $each: '<.sku>', of: '<order>' }, { no: 'o1' })).toThrow(
        new MapFailure('<order> is not a list'),
      );
      expect(() => at({ $each: '<.sku>', of: 'order.items' })).toThrow(/names no list/);
      expect(() => at('<.sku>')).toThrow(/within \$each or \$total that says `of: <list>`/);
      expect(() => value({ $each: '<a>', of: '<b>' })).toThrow(/reads lists of JSON/);
    });
  });
});

describe('a condition', () => {
  const rows = [row('1', 'x', ''), row('2', 'y', ''), row('2', 'z', '')];
  it.each<[unknown, number, boolean]>([
    [{ a: 1 }, 0, true],
    [{ a: ['1', '2'], b: 'z' }, 2, true],
    [[{ a: 9 }, { b: 'x' }], 0, true],
    [{ c: null }, 0, true],
    [{ c: { not: null } }, 0, false],
    [{ b: { not: ['x', 'y'] } }, 1, false],
    [{ a: { above: 1, atMost: 2 } }, 1, true],
    [{ c: { above: 1 } }, 0, false],
    [{ b: { matches: '^\\d', above: 1 } }, 0, false],
    [{ b: { matches: '^[xy]$' } }, 2, false],
    [{ a: { risen: true } }, 0, false],
    [{ a: { risen: true } }, 1, true],
    [{ a: { risen: true } }, 2, false],
    [{ $first: true }, 0, true],
    [{ $last: true }, 1, false],
    [{ $any: { b: 'z' } }, 0, true],
    [{ $all: { a: 2 } }, 0, false],
    [{ $none: { a: 9 } }, 2, true],
    [{ $not: [{ a: 1 }, { b: 'y' }] }, 2, true],
  ])('%j at row %i: %s', (condition, index, expected) => {
    expect(holds(condition, rows, index)).toBe(expected);
  });

  it('compares amounts as people write them', () => {
    for (const amount of ['1,234.50', '￥1,234.50', '１２３４．５０', '0.12万', '1234.5 元'])
      expect(holds({ a: { above: 1000, below: '2000' } }, [row(amount, '', '')])).toBe(true);
    expect(holds({ a: { risen: true } }, [row('￥999', '', ''), row('￥1,000', '', '')], 1)).toBe(true);
    for (const [before, now] of [
      ['', '1'],
      ['1', ''],
    ] as const)
      expect(holds({ a: { risen: true } }, [row(before, '', ''), row(now, '', '')], 1)).toBe(false);
  });

  it('reads amounts in the style that it states, and by that alone', () => {
    const german = { thousands: '.', point: ',' };
    for (const amount of ['1.234,50', '1.234', '€ 1.234,50', '1234,5'])
      expect(holds({ a: { above: 1000, below: 2000, ...german } }, [row(amount, '', '')])).toBe(true);
    expect(holds({ a: { not: { below: 1000 }, ...german } }, [row('1.234', '', '')])).toBe(true);
    expect(holds({ a: { not: { below: 1000, ...german } } }, [row('1.234', '', '')])).toBe(true);
    expect(holds({ a: { risen: true, ...german } }, [row('999,5', '', ''), row('1.000', '', '')], 1)).toBe(true);
    expect(holds({ a: { above: 1000, thousands: ' ' } }, [row('1 234.50', '', '')])).toBe(true);
    expect(holds({ a: { above: 0, ...german } }, [row('', '', '')])).toBe(false);
    expect(() => holds({ a: { above: 1, ...german } }, [row('1,234.50', '', '')])).toThrow(
      '<a> is compared with a number, and is neither a plain one nor an amount such as ¥1.234,50',
    );
  });

  it('states a style that can be read, and only beside what compares', () => {
    const rows = [row('1', '', '')];
    expect(() => holds({ a: { above: 1, thousands: '.' } }, rows)).toThrow(
      /thousands is the point of the decimals, too/,
    );
    expect(() => holds({ a: { matches: '1', point: ',', thousands: '.' } }, rows)).toThrow(/compares none/);
    expect(() => holds({ a: { above: 1, thousend: '.' } }, rows)).toThrow(/Did you mean `thousands`/);
  });

  it('refuses a row whose text is compared with a number and is none, for nobody would hear of what it leaves out', () => {
    for (const text of ['two', '12,50', '1.38E+10', '待定'])
      for (const test of [{ above: 0 }, { atMost: 0 }, { not: { below: 5 } }])
        expect(() => holds({ a: test }, [row(text, '', '')])).toThrow(/^<a> is compared with a number, and is neither/);
    const sum = { $total: '<b>', where: { a: { above: 0 } } };
    expect(() => value(sum, row('1', '5', ''), row('一', '7', ''))).toThrow(/^<a> is compared with a number/);
  });
});
