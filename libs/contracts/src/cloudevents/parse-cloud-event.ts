import { hash } from 'node:crypto';
import { type Instant } from '@tributary/kernel';
import { type DoorContext, type ParsedTouchpoint, parseTouchpoint } from '../door/parse-touchpoint.js';
import { type Problem, Refusal, refuse } from '../door/problem.js';
import { isRecord, shown } from '../door/record.js';
import { checkText, maxId, maxText } from '../door/text.js';
import { dataOf } from './event-data.js';

export interface CloudEventContext extends DoorContext {
  /** When it came for the first time, if it was held since: one that states no time is of then. */
  readonly heldSince?: Instant;
}

/**
 * One event of CloudEvents 1.0 in its JSON format as a touchpoint: `type`, `time`, and `id` with `source` are what the
 * native envelope calls type, occurredAt and messageId; `data` is the rest of it, `{ identifiers, payload }`. What else is
 * stated (`subject`, `dataschema`, extensions) is for those who carry events, and is not kept. Never throws for what came in.
 */
export const parseCloudEvent = (event: unknown, context: CloudEventContext): ParsedTouchpoint => {
  try {
    const parsed = parseTouchpoint(envelopeOf(event, context), context);
    return parsed.ok ? parsed : { ok: false, problem: ofEvent(parsed.problem) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
};

const envelopeOf = (event: unknown, { receivedAt, heldSince = receivedAt }: CloudEventContext): unknown => {
  if (!isRecord(event)) return refuse('', 'wrong_type', event, 'a JSON object', 'Send one event as an object.');
  checkVersion(event['specversion']);
  for (const name in event) checkAttribute(name, event[name]);
  const id = attribute('id', event['id']);
  const source = attribute('source', event['source']);
  const type = attribute('type', event['type']);
  return {
    // Reverse-DNS names may stand before it, as the specification recommends: `com.example.order_placed`.
    type: type.slice(type.lastIndexOf('.') + 1),
    messageId: messageIdOf(source, id),
    occurredAt: event['time'] == null ? heldSince : timeText(event['time']),
    ...dataOf(event),
  };
};

const checkVersion = (value: unknown): void => {
  if (value === '1.0') return;
  const code = value == null ? 'missing' : typeof value === 'string' ? 'not_one_of' : 'wrong_type';
  refuse('specversion', code, value, 'the text 1.0', 'Send CloudEvents of version 1.0.');
};

/** What has a check of its own. */
const read: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'datacontenttype',
  'data',
  'data_base64',
]);

/**
 * A name that no attribute may have is a misspelt one; a list or an object is no attribute's value, and most likely what
 * belongs into `data`: taken for an extension, it would be lost without a word.
 */
const checkAttribute = (name: string, value: unknown): void => {
  if (read.has(name)) return;
  if (!/^[a-z0-9]+$/.test(name))
    refuse(
      shown(name),
      'unknown_field',
      value,
      'an attribute of lower-case letters and digits',
      'Correct the name; what happened stands in data.',
    );
  if (typeof value === 'object' && value !== null)
    refuse(
      shown(name),
      'wrong_type',
      value,
      'text, a number, true or false',
      'Put it into data: {"identifiers": […], "payload": {…}}.',
    );
};

// As CloudEvents has it of any text; an id with one could not be written into a header.
const control = /[\u0000-\u001f\u007f-\u009f]/;

const attribute = (name: string, value: unknown): string => {
  const text = checkText(name, value, 1, maxText, 'text');
  if (control.test(text))
    refuse(name, 'ill_formed_text', value, 'text without control characters', 'Send visible characters.');
  return text;
};

const aTime = 'a time as RFC 3339 writes it';

const timeText = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : refuse('time', 'wrong_type', value, aTime, 'Write it as 2024-05-31T18:30:00+08:00.');

/**
 * An id is unique within its source, so both make the message id: readable, and no two pairs have the same, since what is
 * behind the last `#` is the id. One that would be too long is the hash of it, in which there is no `#`.
 */
const messageIdOf = (source: string, id: string): string => {
  const whole = `${source}#${encodeURIComponent(id)}`;
  return whole.length <= maxId ? whole : `cloudevent-${hash('sha256', whole, 'hex')}`;
};

/** What is wrong with a native envelope, as it stands in the event that it was made of. */
const ofEvent = (problem: Problem): Problem => {
  const { field, code } = problem;
  if (field === 'occurredAt') return { ...problem, field: 'time', ...(code === 'invalid_date' && { expected: aTime }) };
  return /^(?:identifiers|payload)\b/.test(field) ? { ...problem, field: `data.${field}` } : problem;
};
