import { readFileSync } from 'node:fs';
import { type IdentifierRule, type IdentityRules } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import yaml from 'yaml';
import { isRecord } from '../door/record.js';
import { shippedIdentityRules } from '../shipped-files.js';
import { type Identify, isInvalidIdentifier, makeIdentify, subjectsBy } from './identify.js';
import { formOf, type IdentifierForm, identifierForms, type NormaliseOptions, tidied } from './normalise.js';
import { casingsOf, folded } from './placeholder.js';

/** The domain's rules, and how each type's values are written. */
export interface LoadedIdentityRules extends IdentityRules {
  readonly forms: Readonly<Record<string, IdentifierForm>>;
  /** Words that systems write where there is no value, of whatever type, folded. */
  readonly placeholders: ReadonlySet<string>;
}

export interface LoadIdentityRules extends NormaliseOptions {
  readonly lookupKey: Uint8Array;
  /** Default: the rules that the project ships. */
  readonly file?: string;
}

/** A rules file that cannot be used; says where, and what to write. */
export class InvalidIdentityRules extends Error {
  constructor(file: string, place: string, expected: string) {
    super(`${file}: ${place}: expected ${expected}`);
    this.name = 'InvalidIdentityRules';
  }
}

/** Reads rules of identity. Throws `InvalidIdentityRules`, or the file system's error. */
export const loadIdentityRules = ({
  lookupKey,
  file = shippedIdentityRules,
  ...options
}: LoadIdentityRules): LoadedIdentityRules => {
  const wrong: Wrong = (place, expected) => {
    throw new InvalidIdentityRules(file, place, expected);
  };
  const document = parseYaml(file, wrong);
  const { version, types: givenTypes, placeholders = [], blocked = {} } = document;
  if (typeof version !== 'string' || version === '') return wrong('version', 'a text that names this version');
  const { types, forms } = typesOf(givenTypes, wrong);
  const unblocked = { version, types, forms, blocked: new Set<SubjectId>() };
  const identify = makeIdentify({ lookupKey, rules: unblocked, cacheSize: 2, ...options });
  const values = blockedOf(blocked, identify, wrong);
  const words = wordsOf(placeholders, wrong);
  return {
    ...unblocked,
    // What came in under a word before it was one is tied to nobody any more, like what is blocked.
    blocked: new Set([...values, ...subjectsOfWords(words, forms, identify, subjectsBy(lookupKey))]),
    placeholders: new Set(words.map(folded)),
  };
};

/** Refuses the file: what was to stand at a place. */
type Wrong = (place: string, expected: string) => never;

const RULE = ['priority', 'maxPerCustomer', 'sharedAbove', 'form'];

const typesOf = (
  given: unknown,
  wrong: Wrong,
): { types: Record<string, IdentifierRule>; forms: Record<string, IdentifierForm> } => {
  if (!isRecord(given) || Object.keys(given).length === 0) return wrong('types', 'identifier types with their rules');
  const types: Record<string, IdentifierRule> = {};
  const forms: Record<string, IdentifierForm> = {};
  for (const [type, rule] of Object.entries(given)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(type))
      return wrong(`types.${type}`, 'a name of lower-case letters, digits and _');
    if (!isRecord(rule)) return wrong(`types.${type}`, 'priority, maxPerCustomer and sharedAbove');
    for (const name of Object.keys(rule))
      if (!RULE.includes(name)) return wrong(`types.${type}.${name}`, 'priority, maxPerCustomer, sharedAbove or form');
    const integer = (name: string, least: number): number => {
      const value = rule[name];
      return typeof value === 'number' && Number.isInteger(value) && value >= least
        ? value
        : wrong(`types.${type}.${name}`, `an integer of at least ${least}`);
    };
    const form = rule['form'] ?? formOf(type);
    if (!identifierForms.includes(form as IdentifierForm))
      return wrong(`types.${type}.form`, `one of ${identifierForms.join(', ')}`);
    types[type] = {
      priority: integer('priority', 0),
      maxPerCustomer: integer('maxPerCustomer', 1),
      sharedAbove: integer('sharedAbove', 1),
    };
    forms[type] = form as IdentifierForm;
  }
  return { types, forms };
};

/** The subjects that the lists of blocked values stand for. */
const blockedOf = (given: unknown, identify: Identify, wrong: Wrong): readonly SubjectId[] => {
  if (!isRecord(given)) return wrong('blocked', 'lists of values by identifier type');
  return Object.entries(given).flatMap(([type, values]) => {
    if (!Array.isArray(values)) return wrong(`blocked.${type}`, 'a list of values');
    return values.map((value: unknown, i) => {
      if (typeof value !== 'string') return wrong(`blocked.${type}[${i}]`, 'text: put it in quotes');
      const identified = identify(type, value);
      return isInvalidIdentifier(identified) ? wrong(`blocked.${type}[${i}]`, identified.expected) : identified.subject;
    });
  });
};

/** The subjects that words for "not known" were, as an identifier of any type, in any of the ways to write them. */
const subjectsOfWords = (
  words: readonly string[],
  forms: Readonly<Record<string, IdentifierForm>>,
  identify: Identify,
  subjectOf: (type: string, value: string) => SubjectId,
): readonly SubjectId[] => {
  const casings = words.flatMap((word) => [...casingsOf(word)]);
  const valuesByForm = new Map<IdentifierForm, ReadonlySet<string>>();
  // Types of one form write a word in the same way: reading it once for all of them is a quarter of the work.
  for (const [type, form] of Object.entries(forms))
    if (!valuesByForm.has(form))
      valuesByForm.set(form, new Set(casings.map((casing) => identify(type, casing)).flatMap(valueOf)));
  return Object.entries(forms).flatMap(([type, form]) =>
    [...(valuesByForm.get(form) ?? [])].map((value) => subjectOf(type, value)),
  );
};

const valueOf = (outcome: ReturnType<Identify>): readonly string[] =>
  isInvalidIdentifier(outcome) ? [] : [outcome.value];

const wordsOf = (given: unknown, wrong: Wrong): readonly string[] => {
  if (!Array.isArray(given)) return wrong('placeholders', 'a list of words');
  return given.map((word: unknown, i) => {
    const text = typeof word === 'string' ? tidied(word) : undefined;
    return typeof text === 'string' ? text : wrong(`placeholders[${i}]`, 'text that is not blank: put it in quotes');
  });
};

const parseYaml = (file: string, wrong: Wrong): Readonly<Record<string, unknown>> => {
  const text = readFileSync(file, 'utf8');
  let document: unknown;
  try {
    document = yaml.parse(text);
  } catch (error) {
    return wrong('the file', `YAML (${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'})`);
  }
  return isRecord(document) ? document : wrong('the file', 'version, types, placeholders and blocked');
};
