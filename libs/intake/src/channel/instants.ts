import { isTimeZone } from '@tributary/contracts';
import { type Instant } from '@tributary/kernel';
import { civilToInstant } from './time-zone.js';

/** Reads a date and time; `null`: not of this form, or no such date. */
export type InstantParser = (text: string) => Instant | null;

/** The letters that a date format is made of; everything else stands for itself. */
export const formatLetters = 'yyyy MM M dd d HH H mm m ss s SSS';

const isoText = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/;

const iso =
  (zone: string): InstantParser =>
  (text) => {
    const m = isoText.exec(text);
    if (!m) return null;
    const ms = m[7] === undefined ? 0 : Math.floor(Number(`0.${m[7]}`) * 1000);
    const n = (i: number) => (m[i] === undefined ? 0 : Number(m[i]));
    const offset = m[8];
    if (offset === undefined) return civilToInstant(zone, n(1), n(2), n(3), n(4), n(5), n(6), ms);
    const utc = civilToInstant('UTC', n(1), n(2), n(3), n(4), n(5), n(6), ms);
    if (utc === null || offset === 'Z') return utc;
    const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
    return utc - (offset[0] === '-' ? -minutes : minutes) * 60_000;
  };

const epoch =
  (unit_ms: number): InstantParser =>
  (text) => {
    const n = Number(text);
    return text !== '' && Number.isFinite(n) ? Math.round(n * unit_ms) : null;
  };

type Part = { readonly letter: string; readonly width: number } | { readonly literal: string };

const partsOf = (format: string): readonly Part[] =>
  [...format.matchAll(/y+|M+|d+|H+|m+|s+|S+|./gs)].map(([text]) =>
    /^[yMdHmsS]/.test(text) ? { letter: text.charAt(0), width: text.length } : { literal: text },
  );

/** A format of letters: a doubled letter takes exactly so many digits, a single one takes one or two. */
const lettered = (format: string, zone: string): InstantParser => {
  const parts = partsOf(format);
  return (text) => {
    let pos = 0;
    let [y, mo, d, h, mi, s, ms] = [0, 1, 1, 0, 0, 0, 0];
    for (const part of parts) {
      if ('literal' in part) {
        if (text[pos] !== part.literal) return null;
        pos++;
        continue;
      }
      const [least, most] = part.width === 1 ? [1, 2] : [part.width, part.width];
      let n = 0;
      let taken = 0;
      while (taken < most) {
        const c = text.charCodeAt(pos) - 48;
        if (!(c >= 0 && c <= 9)) break;
        n = n * 10 + c;
        pos++;
        taken++;
      }
      if (taken < least) return null;
      if (part.letter === 'y') y = n;
      else if (part.letter === 'M') mo = n;
      else if (part.letter === 'd') d = n;
      else if (part.letter === 'H') h = n;
      else if (part.letter === 'm') mi = n;
      else if (part.letter === 's') s = n;
      else ms = n;
    }
    return pos === text.length ? civilToInstant(zone, y, mo, d, h, mi, s, ms) : null;
  };
};

export const isInstantFormat = (format: string): boolean =>
  format === 'iso' || format === 'epoch_ms' || format === 'epoch_s' || (/y{4}/.test(format) && /d/.test(format));

/**
 * @param formats tried in turn: `iso`, `epoch_ms`, `epoch_s`, or letters such as `d/M/yyyy HH:mm`
 * @param zone IANA name; where the text states no offset, it is this zone's wall clock
 */
export const instantParser = (formats: readonly string[], zone: string): InstantParser => {
  if (!isTimeZone(zone)) throw new RangeError(`not a time zone: ${zone}`);
  const parsers = formats.map((f) =>
    f === 'iso' ? iso(zone) : f === 'epoch_ms' ? epoch(1) : f === 'epoch_s' ? epoch(1000) : lettered(f, zone),
  );
  return (text) => {
    for (const parse of parsers) {
      const at = parse(text);
      if (at !== null) return at;
    }
    return null;
  };
};
