import {
  type AnyTouchpoint,
  type Identifier,
  isTouchpointType,
  touchpointTypes,
  type TouchpointType,
} from '@tributary/domain';
import { DAY_MS, type Instant } from '@tributary/kernel';
import { isInvalidIdentifier, type Identify } from '../identifiers/identify.js';
import { sortIdentifiers } from '../identifiers/sort-identifiers.js';
import { type Parse } from './field.js';
import { parseInstant } from './instant.js';
import { nearest } from './nearest.js';
import { payloadFields, payloadRules } from './payload-fields.js';
import { earliest, likelySeconds, maxIdentifiers } from './payload-schemas.js';
import { type Problem, Refusal, refuse } from './problem.js';
import { compileRecord, isRecord, refuseUnknown } from './record.js';
import { checkIdText, refuseShortened } from './text.js';

export interface DoorContext {
  readonly channel: string;
  readonly receivedAt: Instant;
  readonly identify: Identify;
  /** IANA zone in which dates are meant that carry no offset; absent, as at the HTTP doors: they are refused. */
  readonly timeZone?: string;
  /** How far ahead of `receivedAt` a producer's clock may be. Default: 24 hours. */
  readonly maxFuture_ms?: number;
}

export type ParsedTouchpoint =
  { readonly ok: true; readonly touchpoint: AnyTouchpoint } | { readonly ok: false; readonly problem: Problem };

const compilePayload = (type: TouchpointType): Parse<unknown> => {
  const parse = compileRecord(payloadFields[type] as never, 'payload');
  const rule = payloadRules[type] as ((payload: unknown) => void) | undefined;
  if (rule === undefined) return parse;
  return (value) => {
    const payload = parse(value);
    rule(payload);
    return payload;
  };
};
const payloadParsers = new Map(touchpointTypes.map((type) => [type, compilePayload(type)]));

/** Reads the native JSON envelope `{ type, messageId, occurredAt, identifiers, payload }`. Never throws for what came in. */
export const parseTouchpoint = (input: unknown, context: DoorContext): ParsedTouchpoint => {
  try {
    return { ok: true, touchpoint: read(input, context) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
};

const envelopeNames = ['type', 'messageId', 'occurredAt', 'identifiers', 'payload'];
const knownEnvelopeNames: ReadonlySet<string> = new Set(envelopeNames);

const read = (input: unknown, context: DoorContext): AnyTouchpoint => {
  if (!isRecord(input))
    return refuse('', 'wrong_type', input, 'a JSON object', `Send an object with ${envelopeNames.join(', ')}.`);
  for (const name in input)
    if (!knownEnvelopeNames.has(name)) return refuseUnknown('', name, input[name], envelopeNames);
  const type = readType(input['type']);
  const messageId = readMessageId(input['messageId']);
  const occurredAt = readOccurredAt(input['occurredAt'], context);
  const identifiers = readIdentifiers(input['identifiers'], context.identify);
  const payload = (payloadParsers.get(type) as Parse<unknown>)(input['payload']);
  const { channel, receivedAt } = context;
  // The payload is of the type's own parser, which the compiler cannot know of a union.
  return { channel, type, messageId, occurredAt, receivedAt, identifiers, payload } as AnyTouchpoint;
};

/** A longer word is no misspelling of one, and is not worth the door's time. */
const longestType = 4 + Math.max(...touchpointTypes.map((type) => type.length));
/** To compare takes 50 µs. Producers misspell few words; whoever sends a thousand different ones gets no more advice. */
const guesses = new Map<string, string | null>();
const MOST_GUESSES = 1_000;

const typeMeantBy = (word: string): string | null => {
  const known = guesses.get(word);
  if (known !== undefined) return known;
  if (word.length > longestType || guesses.size >= MOST_GUESSES) return null;
  const guess = nearest(word, touchpointTypes);
  guesses.set(word, guess);
  return guess;
};

const readType = (value: unknown): TouchpointType => {
  if (typeof value === 'string' && isTouchpointType(value)) return value;
  const code =
    value === undefined || value === null ? 'missing' : typeof value === 'string' ? 'unknown_type' : 'wrong_type';
  const guess = typeof value === 'string' ? typeMeantBy(value) : null;
  return refuse(
    'type',
    code,
    value,
    `one of ${touchpointTypes.join(', ')}`,
    guess === null
      ? 'Use a type of the catalogue; custom_tracked takes any other event by name.'
      : `Did you mean ${guess}? custom_tracked takes any other event by name.`,
  );
};

const readMessageId = (value: unknown): string => {
  if (typeof value === 'number')
    return refuse('messageId', 'wrong_type', value, 'text of 1 to 256 characters', 'Write the id in double quotes.');
  if (value === undefined || value === null || value === '')
    return refuse(
      'messageId',
      'missing',
      value,
      'text of 1 to 256 characters',
      'Give each touchpoint an id of its own that a retry repeats, such as the row’s primary key: by it duplicates are known.',
    );
  return checkIdText('messageId', value);
};

const dateExpected = 'ISO 8601 with an offset, or milliseconds since 1970';

const readOccurredAt = (value: unknown, { receivedAt, timeZone, maxFuture_ms = DAY_MS }: DoorContext): Instant => {
  const at = typeof value === 'string' ? readDateText(value, timeZone) : readDateNumber(value);
  if (at < earliest)
    return refuse(
      'occurredAt',
      'date_too_early',
      value,
      'a date after 1900-01-01',
      'Check the date; leave the touchpoint out if it is not known.',
    );
  if (at > receivedAt + maxFuture_ms)
    return refuse(
      'occurredAt',
      'date_in_future',
      value,
      `a date at most ${Math.round(maxFuture_ms / 360_000) / 10} hours ahead`,
      'Check the producer’s clock and time zone.',
    );
  return at;
};

const readDateText = (value: string, timeZone: string | undefined): Instant => {
  const at = parseInstant(value, timeZone);
  if (typeof at === 'number') return at;
  if (at === 'date_without_offset')
    return refuse(
      'occurredAt',
      at,
      value,
      'a date with an offset',
      'Add the offset of the clock that was read, such as +08:00, or Z for UTC.',
    );
  return refuse('occurredAt', at, value, dateExpected, 'Write it as 2024-05-31T18:30:00+08:00.');
};

const readDateNumber = (value: unknown): Instant => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    if (value > 0 && value < likelySeconds)
      return refuse(
        'occurredAt',
        'invalid_date',
        value,
        dateExpected,
        'It looks like seconds: multiply by 1000. A date before 1973 is written as text.',
      );
    return value;
  }
  const code = value === undefined || value === null ? 'missing' : 'wrong_type';
  return refuse('occurredAt', code, value, dateExpected, 'State when it happened, such as 2024-05-31T18:30:00+08:00.');
};

const none: readonly Identifier[] = [];

const readIdentifiers = (value: unknown, identify: Identify): readonly Identifier[] => {
  if (value === undefined || value === null) return none;
  if (!Array.isArray(value))
    return refuse('identifiers', 'wrong_type', value, 'an array', 'Send [{"type": "phone", "value": "…"}].');
  if (value.length > maxIdentifiers)
    return refuse(
      'identifiers',
      'too_many',
      value,
      `at most ${maxIdentifiers} identifiers`,
      'Name the strongest ones.',
    );
  const identifiers: Identifier[] = [];
  for (let i = 0; i < value.length; i++) identifiers.push(readIdentifier(value[i], i, identify));
  return sortIdentifiers(identifiers, identify.rules);
};

const identifierNames = ['type', 'value'];

const readIdentifier = (item: unknown, i: number, identify: Identify): Identifier => {
  if (!isRecord(item))
    return refuse(
      `identifiers[${i}]`,
      'wrong_type',
      item,
      'an object with type and value',
      'Send {"type": "phone", "value": "…"}.',
    );
  const { type, value } = item;
  for (const name in item)
    if (name !== 'type' && name !== 'value')
      return refuseUnknown(`identifiers[${i}]`, name, item[name], identifierNames);
  if (typeof type !== 'string')
    return refuse(
      `identifiers[${i}].type`,
      type == null ? 'missing' : 'wrong_type',
      type,
      'an identifier type',
      'State it, such as phone.',
    );
  if (typeof value !== 'string')
    return refuse(
      `identifiers[${i}].value`,
      value == null ? 'missing' : 'wrong_type',
      value,
      'text',
      'Write it in double quotes; leave the identifier out if it is not known.',
    );
  const identified = identify(type, value);
  if (!isInvalidIdentifier(identified)) {
    // Here and not where it is normalised: what came in under one before can still be asked for, and erased.
    refuseShortened(`identifiers[${i}].value`, identified.value);
    return identified;
  }
  const field = identified.code === 'unknown_identifier_type' ? `identifiers[${i}].type` : `identifiers[${i}].value`;
  const { found, expected, remedy, code } = identified;
  throw new Refusal({ field, found, expected, remedy, code });
};
