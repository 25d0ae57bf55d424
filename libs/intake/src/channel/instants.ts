import { isTimeZone, parseInstant } from '@tributary/contracts';
import { type Instant } from '@tributary/kernel';
import { formatFault, letteredParser } from './date-format.js';
import { halfWidth } from './half-width.js';

/** Reads a date and time; `null`: not of this form, or no such date. */
export type InstantParser = (text: string) => Instant | null;

/**
 * What exports write and the doors do not take: blanks before an offset, and a day with one. Hours alone after a day are no
 * offset, for they may be an hour.
 */
const looseOffset =
  /^(\d{4}-\d\d-\d\d)(?:([Tt ]\d\d:\d\d[\d:.,]*)\s*([Zz]|[+-]\d\d(?::?\d\d)?)|\s*([Zz]|[+-]\d\d:?\d\d))$/;
/** Below it stands what a system writes where it knows no date: `0001-01-01`. */
const FIRST_YEAR = 100;

const iso =
  (zone: string): InstantParser =>
  (cell) => {
    const text = cell.trimEnd();
    if (Number(text.slice(0, 4)) < FIRST_YEAR) return null;
    const at = parseInstant(text, zone);
    if (typeof at === 'number') return at;
    const loose = looseOffset.exec(text);
    if (!loose) return null;
    const [, day, time = 'T00:00', afterTime, afterDay] = loose;
    const again = parseInstant(`${day}${time}${afterTime ?? afterDay}`);
    return typeof again === 'number' ? again : null;
  };

/** Digits alone: what a spreadsheet made of them (1.71E+12) is a day of all days of a year. */
const epoch =
  (unit_ms: number): InstantParser =>
  (text) =>
    /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * unit_ms) : null;

/** What is wrong with a date format, with the remedy; `null`: nothing. */
export const instantFormatFault = (format: string): string | null =>
  format === 'iso' || format === 'epoch_ms' || format === 'epoch_s' ? null : formatFault(format);

/**
 * @param formats tried in turn: `iso`, `epoch_ms`, `epoch_s`, or letters such as `d/M/yyyy HH:mm`
 * @param zone IANA name; where the text states no offset, it is this zone's wall clock
 */
export const instantParser = (formats: readonly string[], zone: string): InstantParser => {
  if (!isTimeZone(zone)) throw new RangeError(`not a time zone: ${zone}`);
  const parsers = formats.map((f) =>
    f === 'iso' ? iso(zone) : f === 'epoch_ms' ? epoch(1) : f === 'epoch_s' ? epoch(1000) : letteredParser(f, zone),
  );
  const parse = (text: string): Instant | null => {
    for (const each of parsers) {
      const at = each(text);
      if (at !== null) return at;
    }
    return null;
  };
  return (text) => {
    const at = parse(text);
    if (at !== null) return at;
    const plain = halfWidth(text);
    return plain === text ? null : parse(plain);
  };
};
