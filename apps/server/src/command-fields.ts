import { invalid } from './refusal.js';

export type Fields = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 64;

/**
 * The body of a command: an object of these fields and no others. What it does cannot always be undone, and a field that is not
 * known (`dryRun`, a misspelt `from`) may have meant that it should not be done so.
 */
export const fieldsOf = (body: unknown, names: readonly string[]): Fields => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('body', 'the body is not an object', `send a JSON object${stating(names)}`);
  const other = Object.keys(body).find((name) => !names.includes(name));
  if (other === undefined) return body as Fields;
  throw invalid(
    other.slice(0, LONGEST_NAME),
    'a field is not known here; nothing was done',
    `leave it out${names.length === 0 ? '' : `, or send some of: ${names.join(', ')}`}`,
    'unknown_field',
  );
};

const stating = (names: readonly string[]): string => (names.length === 0 ? '' : ` with some of: ${names.join(', ')}`);
