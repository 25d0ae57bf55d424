import { type Scope } from './columns.js';
import { type JsonValue } from './model.js';
import { nearest } from '@tributary/contracts';
import { operators } from './operators.js';
import { type Source } from './source.js';
import { type Spec } from './spec.js';
import { templateOf } from './template.js';

export type Expression = (scope: Scope) => JsonValue;

/**
 * A value in a channel file: text with `<Columns>`, a number, true, false or null as they stand, a list (nulls drop out),
 * an object (nulls stay: "not stated"), or one operator: a mapping whose first key begins with `$`, options beside it.
 */
export const expressionOf = (spec: Spec, source: Source): Expression => {
  const { value } = spec;
  if (typeof value === 'string') return templateOf(value, source.columns, spec);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return () => value;
  if (spec.isList) return listOf(spec, source);
  if (!spec.isMap) return spec.fail('is missing', 'Write a value, or leave out the key.');
  const name = spec.keys().find((key) => key.startsWith('$'));
  return name === undefined ? objectOf(spec, source) : operatorOf(name, spec, source);
};

const listOf = (spec: Spec, source: Source): Expression => {
  const items = spec.items().map((item) => expressionOf(item, source));
  return (scope) => items.map((item) => item(scope)).filter((v) => v !== null);
};

const objectOf = (spec: Spec, source: Source): Expression => {
  const members = spec.keys().map((key) => [key, expressionOf(spec.at(key), source)] as const);
  return (scope) => {
    const made: Record<string, JsonValue> = {};
    for (const [key, member] of members) made[key] = member(scope);
    return made;
  };
};

const operatorOf = (name: string, spec: Spec, source: Source): Expression => {
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!operator) {
    const guess = nearest(name, Object.keys(operators));
    return spec
      .at(name)
      .fail(
        'is not an operator',
        guess ? `Did you mean ${guess}?` : `There are: ${Object.keys(operators).join(', ')}.`,
      );
  }
  spec.only(name, ...operator.options);
  return operator.compile(spec.at(name), spec, source);
};
