import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAmount, parseRate, toReporting, type Reporting } from './reporting.js';

const reporting: Reporting = {
  currency: 'USD',
  rates: new Map(
    [
      ['USD', '1'],
      ['GBP', '1.27'],
      ['KRW', '0.00075'],
      ['XAU', '123456789.123456'],
    ].map(([code, rate]) => [code as string, parseRate(rate as string) ?? { numerator: 0, denominator: 0 }]),
  ),
};

describe('amounts in the reporting currency', () => {
  it('are exact, half a ten-thousandth away from zero', () => {
    expect(toReporting(15_3000, 'USD', reporting)).toBe(15_3000);
    expect(toReporting(15_3000, 'GBP', reporting)).toBe(19_4310);
    expect(toReporting(50, 'GBP', reporting)).toBe(64);
    expect(toReporting(-50, 'GBP', reporting)).toBe(-64);
    expect(toReporting(1, 'KRW', reporting)).toBe(0);
  });

  it('are left out where there is no rate, or no room', () => {
    expect(toReporting(1, 'EUR', reporting)).toBeNull();
    expect(toReporting(Number.MAX_SAFE_INTEGER, 'XAU', reporting)).toBeNull();
  });

  it('are what integers of any size give', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('GBP', 'KRW', 'XAU'), (amount, currency) => {
        const { numerator, denominator } = reporting.rates.get(currency) ?? { numerator: 0, denominator: 1 };
        const size =
          (2n * BigInt(Math.abs(amount)) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator));
        const exact = size > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(amount < 0 ? -size : size);
        expect(toReporting(amount, currency, reporting)).toBe(exact);
      }),
    );
  });

  it('are read from plain decimals only', () => {
    expect(parseAmount('250.0001')).toBe(2_500_001);
    expect(['1e3', '-1', '1.00001', '', ' 1', '1.'].map(parseAmount)).toEqual(Array(6).fill(null));
    expect(['0', '0.000', '1,5', '1e3', '-1'].map(parseRate)).toEqual(Array(5).fill(null));
  });
});
