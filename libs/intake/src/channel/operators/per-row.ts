import { type Scope } from '../columns.js';
import { conditionOf } from '../condition.js';
import { entriesOf } from '../entries.js';
import { expressionOf } from '../expression.js';
import { type JsonValue } from '../model.js';
import { type Source } from '../source.js';
import { type Spec } from '../spec.js';

/** Works out a value for every row of the record, or for every entry of the list that `of` names, that `where` keeps. */
export const perRow = (argument: Spec, whole: Spec, source: Source) => {
  const of = whole.at('of');
  const entries = of.isAbsent ? null : entriesOf(of, source.columns);
  const inner = entries ? { ...source, columns: { ...source.columns, inEntry: true } } : source;
  const where = whole.at('where');
  const keep = where.isAbsent ? null : conditionOf(where, inner);
  const value = expressionOf(argument, inner);
  return (outer: Scope, each: (value: JsonValue) => void): void => {
    const scope = entries ? { ...outer, rows: entries(outer) } : outer;
    const came = scope.index;
    for (scope.index = 0; scope.index < scope.rows.length; scope.index++) if (!keep || keep(scope)) each(value(scope));
    scope.index = came;
  };
};
