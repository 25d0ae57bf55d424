import { type AmountE4 } from '@tributary/domain';

/** Ten-thousandths in one unit. */
export const unitE4 = 10_000;
/** 900 billion units: the largest amount of which every ten-thousandth is exact in a double. */
export const maxAmountE4: AmountE4 = 9e11 * unitE4;
/** Below this, no two decimals of four places share one double: a JSON number says exactly one of them. */
const exactNumberBelow = 1e11;

export type AmountFault = 'invalid_amount' | 'amount_too_precise' | 'amount_too_large';

/**
 * Money as exact ten-thousandths, from decimal text (`"-12.34"`) or a JSON number. Never rounds: more than four places
 * (other than zeros), or a number too large for its places to have survived JSON, is a fault.
 */
export const parseAmount = (input: unknown): AmountE4 | AmountFault => {
  if (typeof input === 'number') return fromNumber(input);
  if (typeof input === 'string') return fromText(input);
  return 'invalid_amount';
};

const fromNumber = (input: number): AmountE4 | AmountFault => {
  const size = Math.abs(input);
  if (!(size <= 9e11)) return Number.isNaN(input) ? 'invalid_amount' : 'amount_too_large';
  // Multiplying an integer of this size is exact; adding 0 turns -0 into 0.
  if (Number.isInteger(input)) return input * unitE4 + 0;
  if (size >= exactNumberBelow) return 'amount_too_precise';
  const amount = Math.round(input * unitE4) + 0;
  // Division rounds correctly: it gives the input back only if the input is the double of this very decimal.
  return amount / unitE4 === input ? amount : 'amount_too_precise';
};

const dot = 46;
const zero = 48;

const fromText = (text: string): AmountE4 | AmountFault => {
  const first = text.charCodeAt(0);
  const negative = first === 45;
  let at = negative || first === 43 ? 1 : 0;
  let amount = 0;
  const integerFrom = at;
  for (; at < text.length && text.charCodeAt(at) !== dot; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return 'invalid_amount';
    // Digits beyond the limit are still looked at, so that nonsense is called nonsense.
    if (amount <= maxAmountE4) amount = amount * 10 + digit;
  }
  if (at === integerFrom) return 'invalid_amount';
  if (amount > 9e11) return wellFormedFrom(text, at) ? 'amount_too_large' : 'invalid_amount';
  let places = 0;
  let tooPrecise = false;
  if (at < text.length) {
    const fractionFrom = ++at;
    for (; at < text.length; at++) {
      const digit = text.charCodeAt(at) - zero;
      if (digit < 0 || digit > 9) return 'invalid_amount';
      if (places < 4) {
        amount = amount * 10 + digit;
        places++;
      } else if (digit !== 0) tooPrecise = true;
    }
    if (at === fractionFrom) return 'invalid_amount';
  }
  if (tooPrecise) return 'amount_too_precise';
  for (; places < 4; places++) amount *= 10;
  if (amount > maxAmountE4) return 'amount_too_large';
  return negative && amount !== 0 ? -amount : amount;
};

const wellFormedFrom = (text: string, at: number): boolean => /^(\.\d+)?$/.test(text.slice(at));

/**
 * Quantity times unit price, exact; half of a ten-thousandth goes up (a quantity may be a weight).
 * `undefined` beyond the largest amount.
 */
export const lineAmount = (quantity: number, unitPrice: AmountE4): AmountE4 | undefined => {
  const product = quantity * unitPrice;
  if (Math.abs(product) > maxAmountE4) return undefined;
  if (Number.isInteger(quantity)) return product + 0;
  const [mantissa, exponent] = quantity.toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const scale = digits.length - 1 - Number(exponent);
  const scaled = BigInt(digits) * BigInt(unitPrice);
  if (scale <= 0) return Number(scaled * 10n ** BigInt(-scale));
  const divisor = 10n ** BigInt(scale);
  const doubled = scaled * 2n + divisor;
  const floor = doubled / (2n * divisor) - (doubled < 0n && doubled % (2n * divisor) !== 0n ? 1n : 0n);
  return Number(floor);
};
