import { readFileSync } from 'node:fs';
import { type IdentifierRule, type IdentityRules } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import yaml from 'yaml';
import { isRecord } from '../door/record.js';
import { shippedIdentityRules } from '../shipped-files.js';
import { isInvalidIdentifier, makeIdentify } from './identify.js';
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
  const wrong = (place: string, expected: string): never => {
    throw new InvalidIdentityRules(file, place, expected);
  };
  const document = parseYaml(file, wrong);
  const { version, types: givenTypes, placeholders: givenWords = [], blocked: givenBlocked = {} } = document;
  if (typeof version !== 'string' || version === '') return wrong('version', 'a text that names this version');
  if (!isRecord(givenTypes) || Object.keys(givenTypes).length === 0)
    return wrong('types', 'identifier types with their rules');

  const types: Record<string, IdentifierRule> = {};
  const forms: Record<string, IdentifierForm> = {};
  for (const [type, given] of Object.entries(givenTypes)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(type))
      return wrong(`types.${type}`, 'a name of lower-case letters, digits and _');
    if (!isRecord(given)) return wrong(`types.${type}`, 'priority, maxPerCustomer and sharedAbove');
    for (const name of Object.keys(given))
      if (!['priority', 'maxPerCustomer', 'sharedAbove', 'form'].includes(name))
        return wrong(`types.${type}.${name}`, 'priority, maxPerCustomer, sharedAbove or form');
    const integer = (name: string, least: number): number => {
      const value = given[name];
      return typeof value === 'number' && Number.isInteger(value) && value >= least
        ? value
        : wrong(`types.${type}.${name}`, `an integer of at least ${least}`);
    };
    const form = given['form'] ?? formOf(type);
    if (!identifierForms.includes(form as IdentifierForm))
      return wrong(`types.${type}.form`, `one of ${identifierForms.join(', ')}`);
    types[type] = {
      priority: integer('priority', 0),
      maxPerCustomer: integer('maxPerCustomer', 1),
      sharedAbove: integer('sharedAbove', 1),
    };
    forms[type] = form as IdentifierForm;
  }

  if (!isRecord(givenBlocked)) return wrong('blocked', 'lists of values by identifier type');
  const unblocked = { version, types, forms, blocked: new Set<SubjectId>() };
  const identify = makeIdentify({ lookupKey, rules: unblocked, cacheSize: 2, ...options });
  const blocked = new Set<SubjectId>();
  for (const [type, values] of Object.entries(givenBlocked)) {
    if (!Array.isArray(values)) return wrong(`blocked.${type}`, 'a list of values');
    for (const [i, value] of (values as readonly unknown[]).entries()) {
      if (typeof value !== 'string') return wrong(`blocked.${type}[${i}]`, 'text: put it in quotes');
      const identified = identify(type, value);
      if (isInvalidIdentifier(identified)) return wrong(`blocked.${type}[${i}]`, identified.expected);
      blocked.add(identified.subject);
    }
  }
  const words = wordsOf(givenWords, wrong);
  // What came in under a word before it was one is tied to nobody any more, like what is blocked.
  for (const type of Object.keys(types))
    for (const word of words)
      for (const casing of casingsOf(word)) {
        const identified = identify(type, casing);
        if (!isInvalidIdentifier(identified)) blocked.add(identified.subject);
      }
  return { version, types, forms, blocked, placeholders: new Set(words.map(folded)) };
};

const wordsOf = (given: unknown, wrong: (place: string, expected: string) => never): readonly string[] => {
  if (!Array.isArray(given)) return wrong('placeholders', 'a list of words');
  return given.map((word: unknown, i) => {
    const text = typeof word === 'string' ? tidied(word) : undefined;
    return typeof text === 'string' ? text : wrong(`placeholders[${i}]`, 'text that is not blank: put it in quotes');
  });
};

const parseYaml = (
  file: string,
  wrong: (place: string, expected: string) => never,
): Readonly<Record<string, unknown>> => {
  const text = readFileSync(file, 'utf8');
  let document: unknown;
  try {
    document = yaml.parse(text);
  } catch (error) {
    return wrong('the file', `YAML (${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'})`);
  }
  return isRecord(document) ? document : wrong('the file', 'version, types, placeholders and blocked');
};
