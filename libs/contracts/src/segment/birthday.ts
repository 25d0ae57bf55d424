import { DAY_MS, type Instant } from '@tributary/kernel';
import { isCalendarDay, parseInstant } from '../door/instant.js';
import { isTimeZone, toWallClock } from '../door/time-zone.js';

const DAY_CHARS = 10;

/**
 * A birthday as a trait: `birthday`, or `birthday_stated` where nobody can say which day is meant.
 *
 * Libraries send a date as an instant in UTC: somebody born on the 28th, whose day a server in Shanghai began at its own
 * midnight, comes as the 27th, 16:00. Where the sender's time zone is stated and it was midnight there, that day holds. Without it,
 * the midnights of zones to the west, and noon, lie in the day that is written; those to the east do not.
 */
export const statedBirthday = (
  text: string | undefined,
  timeZone: unknown,
): readonly [name: 'birthday' | 'birthday_stated', day: string | undefined] => {
  const day = text === undefined ? undefined : dayIn(text, timeZone);
  return day === undefined ? ['birthday_stated', text] : ['birthday', day];
};

const dayIn = (text: string, timeZone: unknown): string | undefined => {
  const written = text.slice(0, DAY_CHARS);
  const time = text.slice(DAY_CHARS);
  if (!isCalendarDay(written) || !/^(?:$|[T ]\d\d:\d\d)/i.test(time)) return undefined;
  if (!/z$/i.test(time)) return written;
  const [at, dayBegins] = [parseInstant(text), parseInstant(`${written}T00:00Z`)];
  if (typeof at !== 'number' || typeof dayBegins !== 'number') return undefined;
  return midnightIn(at, timeZone) ?? (at - dayBegins <= DAY_MS / 2 ? written : undefined);
};

/** The day that began at this instant in a time zone; `undefined`: none did, or there is no such zone. */
const midnightIn = (at: Instant, timeZone: unknown): string | undefined => {
  if (typeof timeZone !== 'string' || !isTimeZone(timeZone)) return undefined;
  const [day, time] = new Date(toWallClock(at, timeZone)).toISOString().split('T');
  return time === '00:00:00.000Z' ? day : undefined;
};
