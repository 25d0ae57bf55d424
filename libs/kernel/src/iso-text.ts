import { DAY_MS, type Instant } from './clock.js';

/** More days than this are no history of customers; then all are forgotten. */
const MOST_DAYS = 10_000;

/** Beyond this there are no dates. */
const FURTHEST = 8.64e15;

const days = new Map<number, string>();
const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const threeDigits = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

/**
 * ISO 8601 in UTC, as `toISOString` has it, in a fifth of the time: it is asked for some dozen times for each customer that
 * is rendered. Throws RangeError for what is no instant.
 */
export const isoText = (at: Instant): string => {
  if (!Number.isInteger(at) || Math.abs(at) > FURTHEST) return new Date(at).toISOString();
  const day = Math.floor(at / DAY_MS);
  const ms = at - day * DAY_MS;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${dayText(day)}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${threeDigits[ms % 1_000]}Z`;
};

const dayText = (day: number): string => {
  let text = days.get(day);
  if (text === undefined) {
    if (days.size >= MOST_DAYS) days.clear();
    days.set(day, (text = new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length)));
  }
  return text;
};
