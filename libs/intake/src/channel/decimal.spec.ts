import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compared, decimalText, dividedBy, parseDecimal, plus, times } from './decimal.js';
import { MapFailure } from './errors.js';

describe('decimals', () => {
  it('are exact, or refused', () => {
    for (const text of ['', '.', '1.', '.5', '1e5', '1,000', ' 1', '--1', 'NaN', '0x1'])
      expect(parseDecimal(text)).toBeNull();
    expect(() => parseDecimal('12345678901234567890')).toThrow(MapFailure);
    expect(decimalText(parseDecimal('-0.050') ?? { digits: 1, scale: 0 })).toBe('-0.05');
    expect(decimalText(parseDecimal('-0') ?? { digits: 1, scale: 0 })).toBe('0');
    expect(decimalText(dividedBy({ digits: -1, scale: 0 }, { digits: 8, scale: 0 }, 2))).toBe('-0.13');
  });

  it('agree with whole numbers', () => {
    const d = fc.record({ digits: fc.integer({ min: -1e6, max: 1e6 }), scale: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(d, d, (a, b) => {
        const e6 = (x: { digits: number; scale: number }) => x.digits * 10 ** (6 - x.scale);
        expect(e6(plus(a, b))).toBe(e6(a) + e6(b));
        expect(e6(times(a, b))).toBe(Math.round((e6(a) / 1000) * (e6(b) / 1000)) + 0);
        expect(Math.sign(compared(a, b))).toBe(Math.sign(e6(a) - e6(b)));
        expect(e6(parseDecimal(decimalText(a)) ?? { digits: NaN, scale: 0 })).toBe(e6(a) + 0);
      }),
    );
  });
});
