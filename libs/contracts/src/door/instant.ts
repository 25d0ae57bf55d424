import { type Instant } from '@tributary/kernel';
import { fromWallClock } from './time-zone.js';

export type InstantFault = 'invalid_date' | 'date_without_offset';

// Date, then optionally time with seconds and fraction, then optionally an offset.
const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?))?)?$/;

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

/**
 * ISO 8601 text to an instant; sub-milliseconds are cut off. Without an offset it is a reading of `timeZone`'s wall
 * clock (a date alone: its midnight); without both it is a fault, since nobody may guess.
 */
export const parseInstant = (text: string, timeZone?: string): Instant | InstantFault => {
  const match = form.exec(text);
  if (match === null) return 'invalid_date';
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = match[4] === undefined ? 0 : two(text, 11);
  const minute = match[5] === undefined ? 0 : two(text, 14);
  const second = match[6] === undefined ? 0 : two(text, 17);
  const fraction = match[7];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59)
    return 'invalid_date';
  const millisecond = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const asIfUtc = utc(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  if (match[8] !== undefined) return asIfUtc;
  const sign = match[9];
  if (sign !== undefined) {
    const hours = Number(match[10]);
    const minutes = Number(match[11] ?? 0);
    if (hours > 14 || minutes > 59) return 'invalid_date';
    return asIfUtc - (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  }
  return timeZone === undefined ? 'date_without_offset' : fromWallClock(asIfUtc, timeZone);
};

/** Whether a text is a day of the calendar: `1990-02-28`. */
export const isCalendarDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  two(text, 5) >= 1 &&
  two(text, 5) <= 12 &&
  two(text, 8) >= 1 &&
  two(text, 8) <= daysIn(two(text, 0) * 100 + two(text, 2), two(text, 5));

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

/** `Date.UTC` takes years below 100 for those of the twentieth century. */
const utc = (year: number, month: number, day: number): Instant =>
  year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day);
