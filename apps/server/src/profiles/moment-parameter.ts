import { DAY_MS, type Instant } from '@tributary/kernel';
import { type When } from '@tributary/query';
import { invalid } from '../refusal.js';

const day = /^\d{4}-\d{2}-\d{2}$/;
const moment = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;

/** A moment in a query: ISO 8601 with an offset, or a date, which means the end of that day (UTC). */
export const parseMoment = (name: string, text: string): Instant => {
  // A plus sign that was not escaped arrives as a space.
  const given = text.replace(/ (\d{2}:?\d{2})$/, '+$1');
  const at = day.test(given)
    ? Date.parse(`${given}T00:00:00Z`) + DAY_MS - 1
    : moment.test(given)
      ? Date.parse(given.replace(' ', 'T').replace(',', '.'))
      : NaN;
  const isDay = /^(\d{4}-\d{2}-\d{2})/.exec(given)?.[1];
  const real = isDay !== undefined && new Date(`${isDay}T00:00:00Z`).toJSON()?.startsWith(isDay);
  if (Number.isNaN(at) || !real)
    throw invalid(
      name,
      `${name} is not a moment`,
      'send a date (2024-05-31) or ISO 8601 with an offset (2024-05-31T08:00:00Z)',
    );
  return at;
};

export const whenOf = (query: Readonly<Record<string, unknown>>): When => {
  const read = (name: string): Instant | undefined => {
    const text = query[name];
    if (text === undefined) return undefined;
    if (typeof text !== 'string') throw invalid(name, `${name} is given more than once`, 'give it once');
    return parseMoment(name, text);
  };
  const asOf = read('as_of');
  const knownAt = read('known_at');
  return { ...(asOf === undefined ? {} : { asOf }), ...(knownAt === undefined ? {} : { knownAt }) };
};
