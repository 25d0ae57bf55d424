import { type Field, type Fields, type JsonSchema, type Parse } from './field.js';
import { Refusal, refuse } from './problem.js';
import { checkText, isIllFormed, maxId, maxText } from './text.js';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Compiles a table of fields to one function that builds the record as an object literal: every record of a type has
 * one shape in memory, and nothing is interpreted per call. The names come from our own tables, never from input.
 */
export const compileRecord = <T>(fields: Fields<T>, path: string): Parse<T> => {
  const names = Object.keys(fields) as (keyof T & string)[];
  const known: ReadonlySet<string> = new Set(names);
  const parsers = names.map((name) => fields[name].at(`${path}.${name}`));
  const body = names.map((name, i) => `${name}: p${i}(input.${name})`).join(', ');
  const build = new Function(...names.map((_, i) => `p${i}`), `return (input) => ({ ${body} });`)(...parsers) as (
    input: object,
  ) => T;
  return (value) => {
    if (!isRecord(value)) {
      const code = value === undefined || value === null ? 'missing' : 'wrong_type';
      return refuse(path, code, value, 'a JSON object', `Send an object with ${names.join(', ')}.`);
    }
    for (const name in value) if (!known.has(name)) return refuseUnknown(path, name, value[name], names);
    return build(value);
  };
};

/** A name that nobody knows is refused, so that a misspelt one is seen and not lost. */
export const refuseUnknown = (path: string, name: string, value: unknown, known: readonly string[]): never => {
  const field = path === '' ? shown(name) : `${path}.${shown(name)}`;
  return refuse(
    field,
    'unknown_field',
    value,
    `one of ${known.join(', ')}`,
    'Correct the name, or leave the field out.',
  );
};

/** A name of the producer's in a refusal: not all of one that is longer than any name. */
export const shown = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

export const recordSchema = <T>(fields: Fields<T>): JsonSchema => {
  const entries = Object.entries(fields) as [string, Field<unknown>][];
  return {
    type: 'object',
    additionalProperties: false,
    required: entries.filter(([, field]) => field.required).map(([name]) => name),
    properties: Object.fromEntries(entries.map(([name, field]) => [name, { ...field.json, description: field.doc }])),
  };
};

/** A record that says nothing is not stated, as `undefined`, `null` and empty text are. */
export const optionalRecord = <T extends object>(doc: string, fields: Fields<T>): Field<T | null> => ({
  doc,
  required: false,
  json: { anyOf: [recordSchema(fields), { type: 'null' }] },
  at: (path) => {
    const parse = compileRecord(fields, path);
    return (value) => {
      if (value === undefined || value === null || value === '') return null;
      const read = parse(value);
      return Object.values(read).every((each) => each === null) ? null : read;
    };
  },
});

/** At most `max` items, each read by one parser; absent means none. */
const list = <T>(path: string, max: number, what: string, item: Parse<T>): Parse<readonly T[]> => {
  return (value) => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value))
      return refuse(path, 'wrong_type', value, `an array of ${what}`, 'Put it in square brackets.');
    if (value.length > max)
      return refuse(path, 'too_many', value, `at most ${max} ${what}`, 'Split it over several touchpoints.');
    const items: T[] = [];
    let at = 0;
    try {
      for (; at < value.length; at++) items.push(item(value[at]));
    } catch (error) {
      throw error instanceof Refusal ? indexed(error, path, at) : error;
    }
    return items;
  };
};

/** Item parsers are compiled once for all places of a list, with `[]` where the place belongs. */
const indexed = ({ problem }: Refusal, path: string, at: number): Refusal =>
  new Refusal({ ...problem, field: `${path}[${at}]${problem.field.slice(path.length + 2)}` });

export const records = <T>(
  doc: string,
  max: number,
  fields: Fields<T>,
  derive?: (item: T) => T,
): Field<readonly T[]> => ({
  doc,
  required: false,
  json: { type: 'array', maxItems: max, items: recordSchema(fields), default: [] },
  at: (path) => {
    const parse = compileRecord(fields, `${path}[]`);
    return list(path, max, 'objects', derive === undefined ? parse : (value) => derive(parse(value)));
  },
});

export const texts = (doc: string, max: number): Field<readonly string[]> => ({
  doc,
  required: false,
  json: { type: 'array', maxItems: max, items: { type: 'string', minLength: 1, maxLength: maxId }, default: [] },
  at: (path) => list(path, max, 'texts', (value) => checkText(`${path}[]`, value, 1, maxId, 'text')),
});

/** A name of the producer's own. It is quoted only where it says nothing: it may be personal. */
const checkName = (path: string, name: string, value: unknown, max: number): void => {
  const expected = `names of 1 to ${max} characters`;
  if (name === '') refuse(path, 'missing', name, expected, 'Give it a name, or leave it out.');
  if (name.length > max) refuse(path, 'too_long', name, expected, 'Shorten the name.');
  if (isIllFormed(name))
    refuse(
      path,
      'ill_formed_text',
      name,
      expected,
      'Send valid Unicode: in a name, a surrogate stands without its other half.',
    );
  // An object of JavaScript would take it for its prototype, and lose it.
  if (name === '__proto__')
    refuse(`${path}.${name}`, 'unknown_field', value, 'any other name', 'Give it another name: this one is reserved.');
};

interface TextMap {
  /** Names with a meaning of their own, described for people and free of the bound. */
  readonly known: Readonly<Record<string, string>>;
  readonly maxOthers: number;
  readonly maxName: number;
  /** Throws a `Refusal` for a value that its name forbids. */
  readonly check?: (path: string, name: string, value: string) => void;
}

/** Text by name. `null` and empty text: not stated, left out. */
export const textMap = (
  doc: string,
  { known, maxOthers, maxName, check }: TextMap,
): Field<Readonly<Record<string, string>>> => ({
  doc,
  required: false,
  json: {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(known).map(([name, description]) => [name, { type: 'string', description }]),
    ),
    additionalProperties: { type: 'string', maxLength: maxText },
    default: {},
  },
  at: (path) => (value) => {
    if (value === undefined || value === null) return {};
    if (!isRecord(value))
      return refuse(path, 'wrong_type', value, 'a JSON object of texts', 'Send an object of names and texts.');
    const read: Record<string, string> = {};
    let others = 0;
    for (const name in value) {
      const given = value[name];
      if (!Object.hasOwn(known, name)) {
        others++;
        checkName(path, name, given, maxName);
      }
      if (given === null || given === '') continue;
      read[name] = checkText(`${path}.${name}`, given, 1, maxText, 'text');
      check?.(`${path}.${name}`, name, given as string);
    }
    if (others > maxOthers)
      return refuse(
        path,
        'too_many',
        value,
        `at most ${maxOthers} names of your own`,
        'Keep those that somebody will use.',
      );
    return read;
  },
});
