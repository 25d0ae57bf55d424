import { isTouchpointType, type TouchpointType, touchpointTypes } from '@tributary/domain';
import { type Cell, type Scope } from './columns.js';
import { checkPayload } from './check-payload.js';
import { conditionOf, type Condition } from './condition.js';
import { identifierTypes } from './door.js';
import { MapFailure } from './errors.js';
import { type Expression, expressionOf } from './expression.js';
import { type ColumnsOf, type JsonObject, type NativeEnvelope } from './model.js';
import { columnsOf } from './origin.js';
import { type Source } from './source.js';
import { type Spec } from './spec.js';
import { templateOf } from './template.js';
import { nearest } from '@tributary/contracts';

/** One entry of `emit`: a touchpoint made of a record, or of each of its rows. */
export interface Emission {
  readonly per: 'record' | 'row';
  readonly when: Condition | null;
  /** Throws MapFailure where the row cannot make this touchpoint. */
  readonly make: (scope: Scope) => NativeEnvelope;
  readonly columnsOf: ColumnsOf;
}

type IdentifierRule = { readonly type: string; readonly value: Expression; readonly when: Condition | null };

export const emissionOf = (spec: Spec, source: Source, grouped: boolean): Emission => {
  spec.only('per', 'when', 'type', 'messageId', 'occurredAt', 'identifiers', 'payload');
  const when = spec.at('when').isAbsent ? null : conditionOf(spec.at('when'), source);
  const type = typeOf(spec.at('type'));
  const ofIds: Source = { ...source, columns: { ...source.columns, areIds: true } };
  const messageId = templateOf(spec.at('messageId').text(), ofIds.columns, spec.at('messageId'));
  const occurredAt = instantOf(spec.at('occurredAt'), source);
  const identifiers = spec.at('identifiers').isAbsent
    ? []
    : spec
        .at('identifiers')
        .items()
        .map((i) => identifierOf(i, ofIds));
  const payload = payloadOf(spec.at('payload'), type, source);
  return {
    per: spec.at('per').choiceOr(['record', 'row'], grouped ? 'record' : 'row'),
    when,
    make: (scope) => ({
      type,
      messageId: required(messageId, scope, 'messageId'),
      occurredAt: occurredAt(scope),
      identifiers: namedBy(identifiers, scope),
      payload: payload(scope),
    }),
    columnsOf: columnsOf(spec.value),
  };
};

const typeOf = (spec: Spec): TouchpointType => {
  const type = spec.text();
  if (!isTouchpointType(type)) {
    const guess = nearest(type, touchpointTypes);
    return spec.fail(
      'is not a touchpoint type',
      guess ? `Did you mean ${guess}?` : `There are: ${touchpointTypes.join(', ')}.`,
    );
  }
  return type;
};

const instantOf = (spec: Spec, source: Source): ((scope: Scope) => number) => {
  const value = expressionOf(spec, source);
  return (scope) => {
    const v = value(scope);
    if (v === null) throw new MapFailure(`occurredAt (${String(spec.value)}) is empty`);
    if (typeof v === 'number') return v;
    const at = source.parseInstant(String(v));
    if (at === null)
      throw new MapFailure(
        `occurredAt (${String(spec.value)}) is not a date of the source's formats (${source.formats.join(', ')})`,
      );
    return at;
  };
};

const identifierOf = (spec: Spec, source: Source): IdentifierRule => {
  const types = spec.keys().filter((key) => key !== 'when');
  const [type] = types;
  if (types.length !== 1 || type === undefined)
    return spec.fail('must name one identifier type', 'Write `- phone: <Column>`, with `when:` beside it if need be.');
  const known = identifierTypes();
  if (!known.includes(type)) {
    const guess = nearest(type, known);
    spec
      .at(type)
      .fail(
        'is not an identifier type',
        `${guess ? `Did you mean ${guess}?` : `There are: ${known.join(', ')}.`} Types of your own go into rules/identity.yaml.`,
      );
  }
  return {
    type,
    value: expressionOf(spec.at(type), source),
    when: spec.at('when').isAbsent ? null : conditionOf(spec.at('when'), source),
  };
};

const namedBy = (rules: readonly IdentifierRule[], scope: Scope): NativeEnvelope['identifiers'] => {
  const named: { type: string; value: string }[] = [];
  for (const { type, value, when } of rules) {
    if (when && !when(scope)) continue;
    const v = value(scope);
    // A cell of several numbers, which $split tells apart, names each.
    for (const one of Array.isArray(v) ? v : [v]) if (one !== null) named.push({ type, value: String(one) });
  }
  return named;
};

const payloadOf = (spec: Spec, type: TouchpointType, source: Source): ((scope: Scope) => JsonObject) => {
  if (!spec.isMap)
    spec.fail('must be a mapping', 'Write the fields of the touchpoint type, as in docs/guide/touchpoints.md.');
  const payload = expressionOf(spec, source) as (scope: Scope) => JsonObject;
  checkPayload(spec, type);
  return payload;
};

const required = (cell: Cell, scope: Scope, what: string): string => {
  const text = cell(scope);
  if (text === null) throw new MapFailure(`${what} has an empty part`);
  return text;
};
