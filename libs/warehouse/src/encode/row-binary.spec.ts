import { describe, expect, test } from '@jest/globals';
import { tableNamed } from '../schema/tables.js';
import { rowEncoder } from './row-binary.js';

const subjects = rowEncoder(tableNamed('customer_subjects'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('RowBinary', () => {
  test('is what ClickHouse documents', () => {
    const { bytes, rows } = subjects({
      table: 'customer_subjects',
      columns: ['subject_id', 'version'],
      rows: [
        ['ab', 1],
        ['茶', 2n ** 64n - 1n],
      ],
    });
    expect(rows).toBe(2);
    expect(hex(bytes)).toBe('026162' + '0100000000000000' + '03e88cb6' + 'ffffffffffffffff');
  });

  test('long texts carry their length in more than one byte', () => {
    const { bytes } = subjects({ table: 'customer_subjects', columns: ['subject_id'], rows: [['é'.repeat(100)]] });
    expect(hex(bytes.subarray(0, 4))).toBe('c801c3a9');
    expect(bytes.length).toBe(202);
  });

  test('instants and amounts may be negative', () => {
    const encode = rowEncoder(tableNamed('fct_orders'));
    const { bytes } = encode({
      table: 'fct_orders',
      columns: ['occurred_at', 'amount', 'instalments'],
      rows: [[-1, -10_000, null]],
    });
    expect(hex(bytes)).toBe('ffffffffffffffff' + 'f0d8ffffffffffff' + '01');
  });

  test('sums may be larger than a number holds; beyond the type they are its bounds', () => {
    const encode = rowEncoder(tableNamed('fct_orders'));
    const cell = (amount: bigint) =>
      Buffer.from(encode({ table: 'fct_orders', columns: ['amount'], rows: [[amount]] }).bytes).readBigInt64LE();
    for (const sum of [0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 10n ** 18n - 1n]) expect(cell(sum)).toBe(sum);
    expect([cell(10n ** 18n), cell(-(10n ** 30n))]).toEqual([10n ** 18n - 1n, 1n - 10n ** 18n]);
  });

  test.each([
    ['a fraction of a ten-thousandth', 'amount', 0.5],
    ['a text for a number', 'amount', '5'],
    ['a null where there is none', 'order_id', null],
    ['a negative count', 'line_count', -1],
    ['too large a count', 'line_count', 2 ** 32],
    ['nothing', 'order_id', undefined as unknown as null],
  ])('%s is refused, by the name of the column and without its value', (_, column, cell) => {
    const encode = rowEncoder(tableNamed('fct_orders'));
    expect(() => encode({ table: 'fct_orders', columns: [column], rows: [[cell]] })).toThrow(
      new RegExp(`^fct_orders.${column}: expected`),
    );
  });

  test('a row of the wrong length and an unknown column are refused', () => {
    expect(() => subjects({ table: 'customer_subjects', columns: ['subject_id'], rows: [['a', 'b']] })).toThrow(
      'has 2 cells, not 1',
    );
    expect(() => subjects({ table: 'customer_subjects', columns: ['nope'], rows: [] })).toThrow('has no column nope');
  });
});
