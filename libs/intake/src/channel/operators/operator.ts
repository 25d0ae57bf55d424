import { MapFailure } from '../errors.js';
import { type Expression, expressionOf } from '../expression.js';
import { type Source } from '../source.js';
import { type Spec } from '../spec.js';

/** One operator of the mapping language: `{ $name: argument, option: … }`. The set is closed; no code in channel files. */
export interface Operator {
  readonly options: readonly string[];
  readonly compile: (argument: Spec, whole: Spec, source: Source) => Expression;
}

export type Operators = Readonly<Record<string, Operator>>;

/** Names the place in the channel file and what was written there; never the value, which may be personal. */
export const failure = (at: Spec, what: string): MapFailure => {
  const place = at.path.replace(/^sources\[\d+\]\./, '');
  return new MapFailure(`${place}${typeof at.value === 'string' ? ` (${at.value})` : ''} ${what}`);
};

export const pairOf = (argument: Spec, source: Source): readonly (readonly [Expression, Spec])[] => {
  const items = argument.items();
  if (items.length < 2) argument.fail('needs at least two values', 'Write [<A>, <B>].');
  return items.map((item) => [expressionOf(item, source), item] as const);
};
