import { type AmountE4, type Currency } from '../touchpoint.js';

/** An exact decimal: `numerator / denominator`, the latter a power of ten. */
export interface Rate {
  readonly numerator: number;
  readonly denominator: number;
}

/** The currency that spend is summed in. Rates are rule data, one for all time: history does not move with markets. */
export interface Reporting {
  readonly currency: Currency;
  /** Units of the reporting currency that one unit of this currency is worth. */
  readonly rates: ReadonlyMap<Currency, Rate>;
}

/**
 * An amount in the reporting currency, exact in integers, half a ten-thousandth rounded away from zero.
 * `null`: not convertible (no rate for the currency, or beyond what an amount can hold); the caller leaves it out.
 */
export const toReporting = (amount: AmountE4, currency: Currency, reporting: Reporting): AmountE4 | null => {
  const rate = reporting.rates.get(currency);
  if (rate === undefined) return null;
  const { numerator, denominator } = rate;
  if (numerator === denominator) return amount;
  const product = Math.abs(amount) * numerator;
  const converted = Number.isSafeInteger(2 * product) ? halfUp(product, denominator) : bigHalfUp(amount, rate);
  if (!Number.isSafeInteger(converted)) return null;
  return amount < 0 && converted !== 0 ? -converted : converted;
};

/** Of integers below 2^52, where doubles neither round the remainder nor the difference. */
const halfUp = (product: number, denominator: number): number => {
  const rest = product % denominator;
  return (product - rest) / denominator + (2 * rest >= denominator ? 1 : 0);
};

const bigHalfUp = (amount: AmountE4, { numerator, denominator }: Rate): number => {
  const product = BigInt(Math.abs(amount)) * BigInt(numerator);
  return Number((2n * product + BigInt(denominator)) / (2n * BigInt(denominator)));
};

const decimal = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** `"1.27"` → 127/100. `null` if it is not a plain positive decimal of at most 9 digits before and 6 after the point. */
export const parseRate = (text: string): Rate | null => {
  const parts = decimal.exec(text);
  if (parts === null) return null;
  const fraction = parts[2] ?? '';
  const numerator = Number(`${parts[1]}${fraction}`);
  return numerator > 0 ? { numerator, denominator: 10 ** fraction.length } : null;
};

/** `"250.00"` → 2,500,000 ten-thousandths. `null` if it is not a plain decimal with at most 4 digits after the point. */
export const parseAmount = (text: string): AmountE4 | null => {
  const parts = decimal.exec(text);
  const fraction = parts?.[2] ?? '';
  return parts === null || fraction.length > 4 ? null : Number(`${parts[1]}${fraction.padEnd(4, '0')}`);
};
