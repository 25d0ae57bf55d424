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

/**
 * Whether a text is a number of which the first digits alone are left: a spreadsheet shows 13812345678 as 1.38E+10, and exports what
 * it shows, `1,38E+10` where decimals have a comma. A hundred orders, or people, have one such number. The same behind a prefix,
 * `shop:1.38E+10`.
 */
export const isShortenedNumber = (text: string): boolean => /(?:^|[:/#_-])[+-]?\d(?:[.,]\d+)?e\+\d{1,3}$/i.test(text);

/** What is expected in place of a shortened number, and what to do. */
export const shortenedNumber = {
  expected: 'a number with all its digits',
  remedy: 'A spreadsheet has shortened it (1.38E+10): make its column text there, or export it again without one.',
} as const;

/** Text that names a thing: of 1 to 256 characters, and not the same for many. */
export const checkIdText = (field: string, value: unknown): string => {
  const text = checkText(field, value, 1, maxId, 'text');
  refuseShortened(field, text);
  return text;
};

export const refuseShortened = (field: string, text: string): void => {
  if (isShortenedNumber(text))
    refuse(field, 'shortened_number', text, shortenedNumber.expected, shortenedNumber.remedy);
};

const leaf = (field: string): string => field.slice(field.lastIndexOf('.') + 1);
