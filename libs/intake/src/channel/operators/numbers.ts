import {
  absolute,
  type Decimal,
  decimalNumber,
  decimalText,
  dividedBy,
  plus,
  readDecimal,
  times,
  zero,
} from '../decimal.js';
import { type Expression, expressionOf } from '../expression.js';
import { type JsonValue } from '../model.js';
import { amountIn, amountLike, styleOf, styleOptions, usualStyle } from '../money-text.js';
import { type Spec } from '../spec.js';
import { failure, type Operators, pairOf } from './operator.js';
import { perRow } from './per-row.js';

const decimalOf = (value: JsonValue, at: Spec): Decimal | null => {
  if (value === null) return null;
  const d = typeof value === 'string' || typeof value === 'number' ? readDecimal(String(value)) : null;
  if (!d) throw failure(at, 'is not a plain decimal number');
  return d;
};

/** A decimal calculation, as exact text; `absolute: true` drops the sign. */
const exact = (whole: Spec, calculate: (scope: Parameters<Expression>[0]) => Decimal | null): Expression => {
  const unsigned = whole.at('absolute').flagOr(false);
  return (scope) => {
    const d = calculate(scope);
    return d === null ? null : decimalText(unsigned ? absolute(d) : d);
  };
};

/** What is calculated, exactly; text of amounts and numbers. */
export const numbers: Operators = {
  /** Exact decimal text: `{ $decimal: <price> }` → "12.34". */
  $decimal: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      return exact(whole, (scope) => decimalOf(value(scope), argument));
    },
  },
  /** Exact decimal text of an amount as people write it: `{ $money: <total> }`, ¥1,234.50 → "1234.50". */
  $money: {
    options: ['absolute', ...styleOptions],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const style = styleOf(whole, usualStyle);
      return exact(whole, (scope) => {
        const given = value(scope);
        if (given === null) return null;
        const read = amountIn(String(given), style);
        if (read === null) throw failure(argument, `is not an amount such as ${amountLike(style)}`);
        return read;
      });
    },
  },
  /** Exact product: `{ $product: [<quantity>, <price>] }`; null if any factor is. */
  $product: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const factors = pairOf(argument, source);
      return exact(whole, (scope) => {
        let product: Decimal = { digits: 1, scale: 0 };
        for (const [factor, at] of factors) {
          const d = decimalOf(factor(scope), at);
          if (d === null) return null;
          product = times(product, d);
        }
        return product;
      });
    },
  },
  /** First divided by second, rounded half away from zero to `decimals` (4); null where the second is zero. */
  $quotient: {
    options: ['absolute', 'decimals'],
    compile: (argument, whole, source) => {
      const pair = pairOf(argument, source);
      const decimals = whole.at('decimals').countOr(4, 8);
      return exact(whole, (scope) => {
        const [a, b] = pair.map(([value, at]) => decimalOf(value(scope), at));
        return !a || !b || b.digits === 0 ? null : dividedBy(a, b, decimals);
      });
    },
  },
  /** Exact sum over the record's rows: `{ $total: { $product: [...] }, where: {...} }`. A row without a value is refused. */
  $total: {
    options: ['absolute', 'where', 'of'],
    compile: (argument, whole, source) => {
      const rows = perRow(argument, whole, source);
      return exact(whole, (scope) => {
        let sum = zero;
        rows(scope, (value) => {
          const d = decimalOf(value, argument);
          if (d === null) throw failure(argument, 'has no value in one of the rows to be summed');
          sum = plus(sum, d);
        });
        return sum;
      });
    },
  },
  /** A number, for counts and scores; never for money. */
  $number: {
    options: ['absolute'],
    compile: (argument, whole, source) => {
      const value = expressionOf(argument, source);
      const unsigned = whole.at('absolute').flagOr(false);
      return (scope) => {
        const d = decimalOf(value(scope), argument);
        return d === null ? null : decimalNumber(unsigned ? absolute(d) : d);
      };
    },
  },
};
