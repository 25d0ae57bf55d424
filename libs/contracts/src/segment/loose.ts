import { refuse } from '../door/problem.js';
import { isRecord } from '../door/record.js';

type Loose = Readonly<Record<string, unknown>>;
const nothing: Loose = {};

/** An object as it is; anything else as an empty one: Segment's libraries leave parts out at will. */
export const part = (value: unknown): Loose => (isRecord(value) ? value : nothing);

/** Scalars as text, lists and objects as JSON text; `undefined` for what is not stated. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined || value === null ? undefined : JSON.stringify(value);
};

/** The first of several places in which something is stated. */
export const firstText = (...values: readonly unknown[]): string | undefined => {
  for (const value of values) {
    const text = textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
};

/**
 * Refuses an id that was sent as a number and is no whole number below 2^53: by the time it is here its last digits are
 * others than those sent, and two people, orders or messages would pass for one.
 */
export const checkId = (field: string, value: unknown): void => {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    refuse(
      field,
      'wrong_type',
      value,
      'text, or a whole number below 2^53',
      'Write the id in double quotes: as a JSON number it may lose its last digits.',
    );
};

/** The first of several places in which an id is stated. Refuses one that is not exact. */
export const firstId = (path: string, holder: Loose, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const text = textOf(holder[name]);
    if (text === undefined) continue;
    checkId(`${path}.${name}`, holder[name]);
    return text;
  }
  return undefined;
};

/** What is an id by its name: `order_id`, `accountId`. */
const idName = /(?:^|_)id$|[a-z]I[dD]$/;

/** What is a number of something by its name: `order_no`, `cardNumber`, 身份证号. It may have decimals; nobody reckons with it. */
const numberName =
  /(?:^|_)(?:no|num|number|code|card|idcard|sn|sku|imei|barcode|phone|mobile)$|[a-z](?:N[oO]|Num|Number|Code|Card)$|[号號码碼证證]$/u;

/** As `checkId`, for a property or trait of the producer's own. */
export const checkOwnId = (path: string, name: string, value: unknown): void => {
  if (typeof value !== 'number') return;
  const hasLostDigits = Number.isInteger(value) && !Number.isSafeInteger(value);
  if (idName.test(name) || (hasLostDigits && numberName.test(name))) checkId(`${path}.${name}`, value);
};

/** In it every name is a plain one, `__proto__` too: the door then says what is wrong with that, and nothing is lost. */
export const noTexts = (): Record<string, string> => Object.create(null) as Record<string, string>;

/** Properties as text by name. */
export const textsOf = (properties: Loose): Record<string, string> => {
  const texts = noTexts();
  for (const [name, value] of Object.entries(properties)) {
    checkOwnId('properties', name, value);
    const text = textOf(value);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
};
