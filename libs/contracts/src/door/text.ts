import { refuse } from './problem.js';

/** The longest free text, in UTF-16 units. */
export const maxText = 8_192;
/** The longest id, name or identifier. */
export const maxId = 256;

// Half a surrogate pair is no text: it would change on its way through UTF-8, and ids with it.
const halfPair = /\p{Surrogate}/u;

/** Whether a text holds half a surrogate pair. */
export const isIllFormed = (text: string): boolean => halfPair.test(text);

/** Text of `min` to `max` characters, or a refusal. */
export const checkText = (field: string, value: unknown, min: number, max: number, what: string): string => {
  if (typeof value !== 'string') {
    if (value === undefined || value === null) return refuse(field, 'missing', value, what, `State ${leaf(field)}.`);
    return refuse(field, 'wrong_type', value, what, 'Write it as JSON text, in double quotes.');
  }
  if (value.length < min) return refuse(field, 'missing', value, what, `State ${leaf(field)}.`);
  if (value.length > max)
    return refuse(
      field,
      'too_long',
      value,
      `${what} of at most ${max} characters`,
      'Shorten it, or send what it refers to.',
    );
  if (isIllFormed(value))
    return refuse(
      field,
      'ill_formed_text',
      value,
      what,
      'Send valid Unicode: a surrogate stands here without its other half.',
    );
  return value;
};

const leaf = (field: string): string => field.slice(field.lastIndexOf('.') + 1);
