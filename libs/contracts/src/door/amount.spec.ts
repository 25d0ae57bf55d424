import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineAmount, maxAmountE4, parseAmount } from './amount.js';

const decimal = (amount: bigint): string => {
  const size = (amount < 0n ? -amount : amount).toString().padStart(5, '0');
  return `${amount < 0n ? '-' : ''}${size.slice(0, -4)}.${size.slice(-4)}`;
};

describe('parseAmount', () => {
  it.each([
    ['12.34', 123_400],
    ['0.0001', 1],
    ['-1.3', -13_000],
    ['+5', 50_000],
    ['900000000000', maxAmountE4],
    ['900000000000.0000', maxAmountE4],
    ['1.23450000', 12_345],
    ['-0', 0],
    ['007.5', 75_000],
    [12.34, 123_400],
    [1.005, 10_050],
    [-0, 0],
    [0.1, 1_000],
    [9e11, maxAmountE4],
    [99_999_999_999.9999, 999_999_999_999_999],
  ])('reads %p as %p ten-thousandths', (input, expected) => {
    expect(parseAmount(input)).toBe(expected);
  });

  it.each([
    ['12.34567', 'amount_too_precise'],
    [0.1 + 0.2, 'amount_too_precise'],
    [1e-7, 'amount_too_precise'],
    [123_456_789_012.25, 'amount_too_precise'],
    ['900000000000.0001', 'amount_too_large'],
    ['9999999999999999999999999', 'amount_too_large'],
    [1e21, 'amount_too_large'],
    [Infinity, 'amount_too_large'],
    [Number.NaN, 'invalid_amount'],
    ['', 'invalid_amount'],
    ['.', 'invalid_amount'],
    ['.5', 'invalid_amount'],
    ['5.', 'invalid_amount'],
    ['-', 'invalid_amount'],
    ['1,234.50', 'invalid_amount'],
    ['￥12', 'invalid_amount'],
    ['1e3', 'invalid_amount'],
    ['12 ', 'invalid_amount'],
    ['99999999999999999x', 'invalid_amount'],
    ['0x10', 'invalid_amount'],
    [null, 'invalid_amount'],
    [{}, 'invalid_amount'],
  ])('refuses %p as %s', (input, fault) => {
    expect(parseAmount(input)).toBe(fault);
  });

  const anyAmount = fc.bigInt({ min: -BigInt(maxAmountE4), max: BigInt(maxAmountE4) });

  it('reads every amount of four decimals from text, exactly', () => {
    fc.assert(fc.property(anyAmount, (amount) => parseAmount(decimal(amount)) === Number(amount)));
  });

  it('reads JSON numbers exactly, as their decimal text says, or refuses them', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        const text = decimal(amount);
        const read = parseAmount(JSON.parse(text));
        if (Math.abs(Number(text)) < 1e11 || text.endsWith('.0000')) expect(read).toBe(Number(amount));
        else expect(['amount_too_precise', Number(amount)]).toContain(read);
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        (amount) => parseAmount(amount / 10_000) === amount,
      ),
    );
  });
});

describe('lineAmount', () => {
  it.each([
    [6, 25_500, 153_000],
    [0, 25_500, 0],
    [3, -13_000, -39_000],
    [0.3, 12_345, 3_704],
    [1.005, 10_000, 10_050],
    [0.5, 1, 1],
    [0.5, -1, 0],
    [1e-7, 10_000_000, 1],
    [1.5e6, 20_000, 30_000_000_000],
  ])('%p × %p = %p', (quantity, unitPrice, expected) => {
    expect(lineAmount(quantity, unitPrice)).toBe(expected);
  });

  it('is at most half a ten-thousandth from the true product', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999_999 }),
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        (thousandths, unitPrice) => {
          const amount = lineAmount(thousandths / 1_000, unitPrice) as number;
          const doubled = 2n * (BigInt(amount) * 1_000n - BigInt(thousandths) * BigInt(unitPrice));
          expect(doubled > -1_000n && doubled <= 1_000n).toBe(true);
        },
      ),
    );
  });

  it('is undefined beyond the largest amount', () => {
    expect(lineAmount(1e9, 1e10)).toBeUndefined();
  });
});
