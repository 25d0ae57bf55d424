import { type JsonSchema, payloadFieldProblem, payloadJsonSchemas } from '@tributary/contracts';
import { type TouchpointType } from '@tributary/domain';
import { nearest } from '@tributary/contracts';
import { type Spec } from './spec.js';

type Kind = 'text' | 'number' | 'flag' | 'list' | 'object';

/** What each operator makes, where that is always the same. */
const made: Readonly<Record<string, Kind>> = {
  $decimal: 'text',
  $money: 'text',
  $product: 'text',
  $quotient: 'text',
  $total: 'text',
  $hash: 'text',
  $day: 'text',
  $number: 'number',
  $duration: 'number',
  $instant: 'number',
  $seconds: 'number',
  $test: 'flag',
  $split: 'list',
  $each: 'list',
  $stated: 'object',
};

const remedies: Readonly<Record<Kind, string>> = {
  text: 'Write text with <columns>, or { $decimal: … } for money',
  number: 'Write a number, or { $number: <column> }',
  flag: 'Write true or false, or { $test: { column: value } }',
  list: 'Write a list, { $each: … } or { $split: … }',
  object: 'Write a mapping of its fields',
};

/**
 * Complains of what the door would refuse in every touchpoint, whatever the rows hold: a field that it does not know or
 * that is missing, a value of the wrong kind, a fixed value that it does not take.
 */
export const checkPayload = (spec: Spec, type: TouchpointType): void => {
  const schema = payloadJsonSchemas[type];
  checkValue(spec, schema, type);
  const fields = operatorIn(spec) === '$stated' ? spec.at('$stated') : spec;
  if (!fields.isMap || operatorIn(fields) !== undefined) return;
  for (const name of fields.keys()) {
    const field = fields.at(name);
    const problem = isFixed(field.value) ? payloadFieldProblem(type, name, plain(field.value)) : null;
    if (problem !== null) field.fail(`is not what the door takes: ${problem.expected}`, problem.remedy);
  }
};

const operatorIn = (spec: Spec): string | undefined =>
  spec.isMap ? spec.keys().find((key) => key.startsWith('$')) : undefined;

const checkValue = (spec: Spec, schema: JsonSchema, type: TouchpointType): void => {
  const operator = operatorIn(spec);
  if (operator === '$lookup') {
    for (const word of spec.at('in').keys()) checkValue(spec.at('in').at(word), schema, type);
    if (!spec.at('else').isAbsent) checkValue(spec.at('else'), schema, type);
    return;
  }
  if (operator === '$coalesce')
    return spec
      .at('$coalesce')
      .items()
      .forEach((item) => checkValue(item, schema, type));
  const kind = kindOf(spec, operator);
  const kinds = kindsOf(schema);
  if (kind !== null && kinds.length > 0 && !kinds.includes(kind))
    spec.fail(
      `makes a ${kind}, and the door takes a ${kinds.join(' or a ')} here`,
      `${kinds.map((k) => remedies[k]).join('; or: ')}.`,
    );
  const items = schema['items'] as JsonSchema | undefined;
  if (items && operator === '$each') checkValue(spec.at('$each'), items, type);
  if (items && spec.isList) for (const item of spec.items()) checkValue(item, items, type);
  if (kind === 'object') checkFields(operator === '$stated' ? spec.at('$stated') : spec, objectOf(schema), type);
};

/** Of a record that may be null, the record. */
const objectOf = (schema: JsonSchema): JsonSchema =>
  (schema['anyOf'] as readonly JsonSchema[] | undefined)?.find((choice) => choice['type'] === 'object') ?? schema;

const checkFields = (spec: Spec, schema: JsonSchema, type: TouchpointType): void => {
  // Traits and properties go by names of one's own.
  if (schema['additionalProperties'] !== false || !spec.isMap) return;
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>>;
  const known = Object.keys(properties);
  for (const name of spec.keys()) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (field) {
      checkValue(spec.at(name), field, type);
      continue;
    }
    const guess = nearest(name, known);
    spec
      .at(name)
      .fail(`is not a field of ${type}`, guess ? `Did you mean \`${guess}\`?` : `There are: ${known.join(', ')}.`);
  }
  for (const name of schema['required'] as readonly string[])
    if (spec.at(name).isAbsent)
      spec.at(name).fail('is missing', `Each ${type} has it: ${properties[name]?.['description'] as string}`);
};

/** `null`: that shows only when there are rows. A fixed null is "not stated", and is the single fields' affair. */
const kindOf = (spec: Spec, operator: string | undefined): Kind | null => {
  if (operator !== undefined) return made[operator] ?? null;
  const { value } = spec;
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'flag';
  return spec.isList ? 'list' : spec.isMap ? 'object' : null;
};

const kindsByType: Readonly<Record<string, Kind>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'flag',
  array: 'list',
  object: 'object',
};

const kindsOf = (schema: JsonSchema): readonly Kind[] => {
  const choices = (schema['anyOf'] as readonly JsonSchema[] | undefined) ?? [schema];
  return choices.flatMap((choice) =>
    'anyOf' in choice ? kindsOf(choice) : (kindsByType[choice['type'] as string] ?? []),
  );
};

/** Whether a value is the same for all rows: no columns in it, and nothing to be worked out. */
const isFixed = (value: unknown): boolean => {
  if (typeof value === 'string') return !/<[^<>]+>/.test(value.replace(/\\[<\\]/g, ''));
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => !key.startsWith('$') && isFixed(inner));
};

/** As the mapping writes it: `\<` is a plain bracket there. */
const plain = (value: unknown): unknown => (typeof value === 'string' ? value.replace(/\\([<\\])/g, '$1') : value);
