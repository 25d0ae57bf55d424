import { MapFailure } from './errors.js';
import { halfWidth } from './half-width.js';

/** An exact decimal: `digits` × 10^−`scale`; `digits` is a safe integer. */
export interface Decimal {
  readonly digits: number;
  readonly scale: number;
}

const { isSafeInteger } = Number;

export const zero: Decimal = { digits: 0, scale: 0 };

const safe = (digits: number, scale: number): Decimal => {
  if (!isSafeInteger(digits)) throw new MapFailure('an amount has more digits than can be kept exactly (15)');
  return { digits, scale };
};

/** `null`: not a plain decimal number (no exponent, no thousands separator). */
export const parseDecimal = (text: string): Decimal | null => {
  let i = 0;
  const first = text.charCodeAt(0);
  const negative = first === 45;
  if (negative || first === 43) i = 1;
  let digits = 0;
  let scale = -1;
  let seen = 0;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      digits = digits * 10 + (c - 48);
      seen++;
      if (scale >= 0) scale++;
    } else if (c === 46 && scale < 0 && seen > 0) scale = 0;
    else return null;
  }
  if (seen === 0 || scale === 0) return null;
  return safe(negative && digits !== 0 ? -digits : digits, scale < 0 ? 0 : scale);
};

/** The same of a text that may be written in full-width digits. */
export const readDecimal = (text: string): Decimal | null => parseDecimal(text) ?? parseDecimal(halfWidth(text));

const scaledUp = (d: Decimal, scale: number): number => safe(d.digits * 10 ** (scale - d.scale), scale).digits;

export const plus = (a: Decimal, b: Decimal): Decimal => {
  if (a.scale === b.scale) return safe(a.digits + b.digits, a.scale);
  const scale = Math.max(a.scale, b.scale);
  return safe(scaledUp(a, scale) + scaledUp(b, scale), scale);
};

export const times = (a: Decimal, b: Decimal): Decimal => safe(a.digits * b.digits + 0, a.scale + b.scale);

export const absolute = (a: Decimal): Decimal => (a.digits < 0 ? { digits: -a.digits, scale: a.scale } : a);

/** Rounded half away from zero to so many decimals. The divisor is not zero. */
export const dividedBy = (a: Decimal, b: Decimal, decimals: number): Decimal => {
  const num = BigInt(a.digits) * 10n ** BigInt(b.scale + decimals);
  const den = BigInt(b.digits) * 10n ** BigInt(a.scale);
  const negative = num < 0n !== den < 0n;
  const [n, d] = [num < 0n ? -num : num, den < 0n ? -den : den];
  const rounded = Number((n * 2n + d) / (d * 2n));
  return safe(negative && rounded !== 0 ? -rounded : rounded, decimals);
};

/** Less than zero, zero, more than zero: as `a` is less than, the same as, more than `b`. */
export const compared = (a: Decimal, b: Decimal): number => {
  if (a.scale === b.scale) return a.digits - b.digits;
  const scale = Math.max(a.scale, b.scale);
  return scaledUp(a, scale) - scaledUp(b, scale);
};

/** Plain text without needless zeros: "-0.05", "12", "400.681". */
export const decimalText = (d: Decimal): string => {
  let { digits, scale } = d;
  while (scale > 0 && digits % 10 === 0) {
    digits /= 10;
    scale--;
  }
  if (scale === 0) return String(digits);
  const text = String(Math.abs(digits)).padStart(scale + 1, '0');
  return `${digits < 0 ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
};

export const decimalNumber = (d: Decimal): number => (d.scale === 0 ? d.digits : Number(decimalText(d)));
