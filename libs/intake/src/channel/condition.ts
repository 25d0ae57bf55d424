import { type Cell, cellOf, type Scope } from './columns.js';
import { compared, type Decimal, parseDecimal, readDecimal } from './decimal.js';
import { MapFailure } from './errors.js';
import { type Source } from './expression.js';
import { amountIn, usualStyle } from './money-text.js';
import { type Spec } from './spec.js';

export type Condition = (scope: Scope) => boolean;

/**
 * A mapping of columns to what they must hold, all of them; a list of such mappings, any of them.
 *
 *     when: { incident_state: Closed, made_sla: ['true', '1'] }
 *     when: { UnitPrice: { above: 0 }, CustomerID: null }
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
    return key === '$not' ? notOf(spec.at(key), source) : columnTest(key, spec.at(key), source);
  });
  if (all.length === 0) spec.fail('is empty', 'Write `column: value`, or leave out the condition.');
  const [first] = all;
  return all.length === 1 && first ? first : (scope) => all.every((c) => c(scope));
};

const notOf = (spec: Spec, source: Source): Condition => {
  const test = conditionOf(spec, source);
  return (scope) => !test(scope);
};

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

const columnTest = (column: string, spec: Spec, source: Source): Condition => {
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
  spec.only('not', 'matches', 'risen', ...Object.keys(comparisons));
  const tests = spec.keys().map((key) => operatorTest(key, cell, column, spec.at(key), source));
  return (scope) => tests.every((t) => t(scope));
};

const operatorTest = (key: string, cell: Cell, column: string, spec: Spec, source: Source): Condition => {
  if (key === 'not') {
    const test = columnTest(column, spec, source);
    return (scope) => !test(scope);
  }
  if (key === 'matches') {
    const pattern = patternOf(spec);
    return (scope) => {
      const text = cell(scope);
      return text !== null && pattern.test(text);
    };
  }
  if (key === 'risen') return risen(cell, column, spec);
  const holds = comparisons[key] ?? spec.fail('is not a comparison', `Write ${Object.keys(comparisons).join(', ')}.`);
  const limit = parseDecimal(spec.scalar()) ?? spec.fail('must be a number', 'Write a plain decimal number.');
  return (scope) => {
    const n = numberIn(cell(scope), column);
    return n !== null && holds(compared(n, limit));
  };
};

/**
 * The number to compare: a plain one, or an amount as people write it (`￥1,234.50`). An empty cell passes no comparison. A text that
 * is no number can neither pass nor fail one: what the condition guards would be left out, and nobody would hear of it.
 */
const numberIn = (text: string | null, column: string): Decimal | null => {
  if (text === null) return null;
  const number = readDecimal(text) ?? amountIn(text, usualStyle);
  if (number === null)
    throw new MapFailure(
      `<${column}> is compared with a number, and is neither a plain one nor an amount such as ¥1,234.50`,
    );
  return number;
};

/** Whether the number is higher than in the row before it of the same record. */
const risen = (cell: Cell, column: string, spec: Spec): Condition => {
  if (spec.value !== true) spec.fail('must be true', 'Write `risen: true`.');
  return (scope) => {
    if (scope.index === 0) return false;
    const now = numberIn(cell(scope), column);
    scope.index--;
    const before = numberIn(cell(scope), column);
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
