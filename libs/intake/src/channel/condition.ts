import { type Cell, cellOf, type Scope } from './columns.js';
import { compared, type Decimal, parseDecimal, readDecimal } from './decimal.js';
import { MapFailure } from './errors.js';
import { amountIn, amountLike, type MoneyStyle, styleOf, styleOptions, usualStyle } from './money-text.js';
import { type Source } from './source.js';
import { type Spec } from './spec.js';

export type Condition = (scope: Scope) => boolean;

/**
 * A mapping of columns to what they must hold, all of them; a list of such mappings, any of them.
 *
 *     when: { incident_state: Closed, made_sla: ['true', '1'] }
 *     when: { UnitPrice: { above: 0 }, CustomerID: null }
 *     when: { total: { above: 1000, thousands: '.', point: ',' } }   # 1.234,50, as beside $money
 *     when: { $any: { UnitPrice: { above: 0 } } }        # of the record's rows; also $all, $none
 *     when: { $not: { $last: true, state: Closed } }
 */
export const conditionOf = (spec: Spec, source: Source): Condition => {
  if (spec.isList) {
    const any = spec.items().map((item) => conditionOf(item, source));
    return (scope) => any.some((c) => c(scope));
  }
  const all = spec.keys().map((key) => {
    if (Object.hasOwn(quantifiers, key)) return overRows(key, spec.at(key), source);
    return key === '$not' ? negated(conditionOf(spec.at(key), source)) : columnTest(key, spec.at(key), source);
  });
  if (all.length === 0) spec.fail('is empty', 'Write `column: value`, or leave out the condition.');
  const [first] = all;
  return all.length === 1 && first ? first : (scope) => all.every((c) => c(scope));
};

const negated =
  (test: Condition): Condition =>
  (scope) =>
    !test(scope);

const quantifiers: Readonly<Record<string, { readonly until: boolean; readonly then: boolean }>> = {
  $any: { until: true, then: true },
  $all: { until: false, then: false },
  $none: { until: true, then: false },
};

const overRows = (name: string, spec: Spec, source: Source): Condition => {
  const test = conditionOf(spec, source);
  const { until, then } = quantifiers[name] ?? spec.fail('is not a quantifier', 'Write $any, $all or $none.');
  return (scope) => {
    const came = scope.index;
    let answer = !then;
    for (scope.index = 0; scope.index < scope.rows.length; scope.index++)
      if (test(scope) === until) {
        answer = then;
        break;
      }
    scope.index = came;
    return answer;
  };
};

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  above: (order) => order > 0,
  below: (order) => order < 0,
  atLeast: (order) => order >= 0,
  atMost: (order) => order <= 0,
};

const columnTest = (column: string, spec: Spec, source: Source, around = usualStyle): Condition => {
  const cell = cellOf(column, source.columns, spec);
  const { value } = spec;
  if (value === null) return (scope) => cell(scope) === null;
  if (!spec.isMap) {
    const wanted = new Set(spec.isList ? spec.texts() : [spec.scalar()]);
    return (scope) => {
      const text = cell(scope);
      return text !== null && wanted.has(text);
    };
  }
  const reading = ['not', 'risen', ...Object.keys(comparisons)];
  spec.only(...reading, 'matches', ...styleOptions);
  const style = styleOf(spec, around);
  if (style !== around && !spec.keys().some((key) => reading.includes(key)))
    spec.fail('says how amounts are written, and compares none', 'Add what it must be, such as `above: 0`.');
  const amount: AmountAt = (scope) => numberIn(cell(scope), column, style);
  const tests = spec
    .keys()
    .filter((key) => !styleOptions.some((option) => option === key))
    .map((key) =>
      key === 'not'
        ? negated(columnTest(column, spec.at(key), source, style))
        : operatorTest(key, cell, amount, spec.at(key)),
    );
  return (scope) => tests.every((t) => t(scope));
};

type AmountAt = (scope: Scope) => Decimal | null;

const operatorTest = (key: string, cell: Cell, amount: AmountAt, spec: Spec): Condition => {
  if (key === 'matches') {
    const pattern = patternOf(spec);
    return (scope) => {
      const text = cell(scope);
      return text !== null && pattern.test(text);
    };
  }
  if (key === 'risen') return risen(amount, spec);
  const holds = comparisons[key] ?? spec.fail('is not a comparison', `Write ${Object.keys(comparisons).join(', ')}.`);
  const limit = parseDecimal(spec.scalar()) ?? spec.fail('must be a number', 'Write a plain decimal number.');
  return (scope) => {
    const n = amount(scope);
    return n !== null && holds(compared(n, limit));
  };
};

/**
 * The number to compare: a plain one, or an amount as people write it (`￥1,234.50`). An empty cell passes no comparison. A text that
 * is no number can neither pass nor fail one: what the condition guards would be left out, and nobody would hear of it.
 */
const numberIn = (text: string | null, column: string, style: MoneyStyle): Decimal | null => {
  if (text === null) return null;
  // In another style 1.234 may be a thousand and more: there nothing is read but by that style, as by $money.
  const number = (style === usualStyle ? readDecimal(text) : null) ?? amountIn(text, style);
  if (number === null)
    throw new MapFailure(
      `<${column}> is compared with a number, and is neither a plain one nor an amount such as ${amountLike(style)}`,
    );
  return number;
};

/** Whether the number is higher than in the row before it of the same record. */
const risen = (amount: AmountAt, spec: Spec): Condition => {
  if (spec.value !== true) spec.fail('must be true', 'Write `risen: true`.');
  return (scope) => {
    if (scope.index === 0) return false;
    const now = amount(scope);
    scope.index--;
    const before = amount(scope);
    scope.index++;
    return now !== null && before !== null && compared(now, before) > 0;
  };
};

/** Patterns run on strangers' input: repeats within repeats, which can take for ever, are refused. */
const patternOf = (spec: Spec): RegExp => {
  const text = spec.text();
  if (/[*+}]\)*[*+{]|\([^)]*[*+}][^)]*\)[*+{]|\\[1-9]/.test(text))
    spec.fail('repeats within a repeat', 'Write a pattern without nested repeats or back references.');
  try {
    return new RegExp(text, 'u');
  } catch {
    return spec.fail('is not a regular expression', 'Write a JavaScript pattern, such as ^C\\d+$.');
  }
};
