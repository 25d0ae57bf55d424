import { createHmac, createSecretKey } from 'node:crypto';
import { type Identifier, type IdentityRules } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { shapeOf } from '../door/problem.js';
import { formOf, type IdentifierForm, type NormaliseOptions, tidied, written } from './normalise.js';
import { isPlaceholder } from './placeholder.js';

/** Refused: what was given is no identifier of its type. Holds the shape of it, never the value. */
export interface InvalidIdentifier {
  readonly invalid: true;
  readonly code: 'invalid_identifier' | 'unknown_identifier_type';
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/**
 * An identifier, and whether it names nobody: its value says no more than that there is none (`null`, 无), or is the number
 * of a company's service.
 */
export interface Identified extends Identifier {
  readonly namesNobody?: true;
}

/** Normalises and hashes one identifier. The answers are shared: they are frozen. */
export interface Identify {
  (type: string, raw: string): Identified | InvalidIdentifier;
  readonly rules: IdentityRules;
}

export const isInvalidIdentifier = (outcome: Identified | InvalidIdentifier): outcome is InvalidIdentifier =>
  'invalid' in outcome;

/** Names the subject that an identifier is. Its value is normalised. */
export const subjectsBy = (lookupKey: Uint8Array): ((type: string, value: string) => SubjectId) => {
  // Made once: from bytes, Node 24 makes one for each hash, which costs seven times the hash.
  const key = createSecretKey(lookupKey);
  return (type, value) =>
    `s_${createHmac('sha256', key).update(`${type}\0${value}`).digest('hex').slice(0, 32)}` as SubjectId;
};

export interface IdentifyOptions extends NormaliseOptions {
  /** Key of the look-up hash, 32 bytes: whoever has it can test guesses of identifiers. */
  readonly lookupKey: Uint8Array;
  /**
   * Rules with `forms` (see `loadIdentityRules`) name the form of each type; else it follows from the type's name.
   * `placeholders`: words for "not known", folded; without them the words are identifiers like any other.
   */
  readonly rules: IdentityRules & {
    readonly forms?: Readonly<Record<string, IdentifierForm>>;
    readonly placeholders?: ReadonlySet<string>;
  };
  /** Answers remembered, since parsing a phone number takes some ten microseconds. Default 100,000. */
  readonly cacheSize?: number;
}

export const makeIdentify = ({ lookupKey, rules, cacheSize = 100_000, ...options }: IdentifyOptions): Identify => {
  const recall = twoGenerations<Identified | InvalidIdentifier>(cacheSize);
  const subjectOf = subjectsBy(lookupKey);
  const knownTypes = Object.keys(rules.types).sort().join(', ');

  const work = (type: string, raw: string): Identified | InvalidIdentifier => {
    if (!Object.hasOwn(rules.types, type))
      return Object.freeze({
        invalid: true,
        code: 'unknown_identifier_type',
        found: shapeOf(type),
        expected: `one of ${knownTypes}`,
        remedy: 'Use a type of the identity rules, or add yours to them.',
      });
    const outcome = written(rules.forms?.[type] ?? formOf(type), raw, options);
    const text = tidied(raw);
    // A row without a phone is no row to refuse because its system writes 无 into the field.
    const isUnstated = rules.placeholders && typeof text === 'string' && isPlaceholder(text, rules.placeholders);
    if (!('value' in outcome) && !isUnstated)
      return Object.freeze({ invalid: true, code: 'invalid_identifier', found: shapeOf(raw), ...outcome });
    const value = 'value' in outcome ? outcome.value : (text as string);
    const subject = subjectOf(type, value);
    return isUnstated || ('value' in outcome && outcome.ofCompany)
      ? Object.freeze({ type, value, subject, namesNobody: true })
      : Object.freeze({ type, value, subject });
  };

  const identify = (type: string, raw: string): Identified | InvalidIdentifier => recall(type, raw, work);
  return Object.assign(identify, { rules });
};

/** Longer input is worked out anew each time: memory is bounded in bytes, too. */
const longestRemembered = 512;

/**
 * Remembers answers in two generations: what is asked again while old moves to the young one, and when that is full the
 * old one is dropped. Close to least-recently-used, at the price of one look-up.
 */
const twoGenerations = <V>(size: number) => {
  const perGeneration = Math.max(1, Math.floor(size / 2));
  let young = new Map<string, Map<string, V>>();
  let old = new Map<string, Map<string, V>>();
  let held = 0;
  return (type: string, raw: string, work: (type: string, raw: string) => V): V => {
    const known = young.get(type)?.get(raw);
    if (known !== undefined) return known;
    const value = old.get(type)?.get(raw) ?? work(type, raw);
    if (raw.length > longestRemembered || type.length > longestRemembered) return value;
    if (held >= perGeneration) {
      old = young;
      young = new Map();
      held = 0;
    }
    let ofType = young.get(type);
    if (ofType === undefined) young.set(type, (ofType = new Map()));
    ofType.set(raw, value);
    held++;
    return value;
  };
};
