import { isTimeZone } from '@tributary/contracts';
import { type Instant } from '@tributary/kernel';
import { formatFault, letteredParser } from './date-format.js';
import { halfWidth } from './half-width.js';
import { civilToInstant } from './time-zone.js';

/** Reads a date and time; `null`: not of this form, or no such date. */
export type InstantParser = (text: string) => Instant | null;

const isoText = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*([Zz]|[+-]\d\d:?\d\d)?$/;
/** An offset of hours alone, as PostgreSQL writes it, behind a time: `2024-05-31-08` may as well be an hour. */
const hoursAlone = /:\d\d(?:[.,]\d{1,9})?\s*[+-]\d\d$/;

const iso =
  (zone: string): InstantParser =>
  (text) => {
    const m = isoText.exec(hoursAlone.test(text) ? `${text}:00` : text);
    if (!m) return null;
    const ms = m[7] === undefined ? 0 : Math.floor(Number(`0.${m[7]}`) * 1000);
    const n = (i: number) => (m[i] === undefined ? 0 : Number(m[i]));
    const offset = m[8];
    if (offset === undefined) return civilToInstant(zone, n(1), n(2), n(3), n(4), n(5), n(6), ms);
    const utc = civilToInstant('UTC', n(1), n(2), n(3), n(4), n(5), n(6), ms);
    if (utc === null || offset.length === 1) return utc;
    const hours = Number(offset.slice(1, 3));
    const minutes = Number(offset.slice(-2));
    if (hours > 14 || minutes > 59) return null;
    return utc - (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  };

const epoch =
  (unit_ms: number): InstantParser =>
  (text) => {
    const n = Number(text);
    return text !== '' && Number.isFinite(n) ? Math.round(n * unit_ms) : null;
  };

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
