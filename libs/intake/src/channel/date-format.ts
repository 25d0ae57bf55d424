import { type Instant } from '@tributary/kernel';
import { civilToInstant } from './time-zone.js';

/** The letters that a date format is made of, for complaints and help. */
export const formatLetters = "yyyy MM M MMM dd d HH H hh h mm m ss s SSS a, other letters in quotes: 'Uhr'";

type Letter = 'y' | 'M' | 'd' | 'H' | 'h' | 'm' | 's' | 'S' | 'a';
type Words = readonly (readonly [word: string, value: number])[];

type Part =
  | { readonly literal: string }
  | { readonly letter: Letter; readonly least: number; readonly most: number }
  | { readonly letter: Letter; readonly words: Words };

const months: Words = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map(
  (word, i) => [word, i + 1],
);
const halves: Words = [
  ['am', 0],
  ['pm', 1],
  ['上午', 0],
  ['下午', 1],
];

const digits = (letter: Letter, least: number, most = least): Part => ({ letter, least, most });

/** Every run of letters that means something; a doubled letter takes exactly two digits, a single one takes one or two. */
const runs: Readonly<Record<string, Part>> = {
  yyyy: digits('y', 4),
  MMM: { letter: 'M', words: months },
  MM: digits('M', 2),
  M: digits('M', 1, 2),
  dd: digits('d', 2),
  d: digits('d', 1, 2),
  HH: digits('H', 2),
  H: digits('H', 1, 2),
  hh: digits('h', 2),
  h: digits('h', 1, 2),
  mm: digits('m', 2),
  m: digits('m', 1, 2),
  ss: digits('s', 2),
  s: digits('s', 1, 2),
  SSS: digits('S', 3),
  a: { letter: 'a', words: halves },
};

/** A run of one letter, quoted text (a doubled quote is one), or one character that stands for itself. */
const token = /'((?:[^']|'')*)'|([A-Za-z])\2*|./gsu;

/** The parts of a format; or what is wrong with it, and what to write instead. */
const partsOf = (format: string): readonly Part[] | string => {
  const parts: Part[] = [];
  for (const [text, quoted, letter] of format.matchAll(token)) {
    const run = Object.hasOwn(runs, text) ? runs[text] : undefined;
    if (quoted !== undefined) parts.push({ literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    // Between day and hour it has always stood for itself, and it means nothing else anywhere.
    else if (letter === undefined || text === 'T') parts.push({ literal: text });
    else if (run) parts.push(run);
    else return `${text} is no part of a date. ${remedies[letter] ?? 'Put text that stands for itself in quotes'}`;
  }
  return faultOf(parts.flatMap((part) => ('letter' in part ? [part.letter] : []))) ?? parts;
};

const remedies: Readonly<Record<string, string>> = {
  y: 'Years have four digits: yyyy',
  Y: 'Years are small letters: yyyy',
  D: 'Days of the month are small letters: dd or d',
  M: 'Months are MM, M, or MMM for Jan, Feb …',
  S: 'Milliseconds are SSS',
  A: 'AM and PM are a small letter: a',
};

/** What letters lack beside each other; `null`: nothing. Half a date would pass for a whole one, twelve hours for a day. */
const faultOf = (letters: readonly Letter[]): string | null => {
  const has = (letter: Letter) => letters.includes(letter);
  const twice = letters.find((letter, i) => letters.indexOf(letter) !== i);
  if (twice !== undefined) return `it states ${names[twice]} twice. Leave one out`;
  if (!has('y')) return 'it has no year. Write yyyy';
  if (!has('M')) return `it has no month${has('m') ? ': mm is minutes' : ''}. Write MM, M or MMM`;
  if (!has('d')) return 'it has no day. Write dd or d';
  if (has('h') && !has('a')) return 'hh counts to twelve only. Write HH for hours to 23, or a for AM and PM';
  if (has('a') && !has('h'))
    return 'a tells the halves of a day whose hours are hh or h. Write them so, or leave it out';
  if (has('m') && !has('H') && !has('h')) return 'it has minutes without hours. Write HH before them';
  if (has('s') && !has('m')) return 'it has seconds without minutes. Write mm before them';
  if (has('S') && !has('s')) return 'it has milliseconds without seconds. Write ss before them';
  return null;
};

const names: Readonly<Record<Letter, string>> = {
  y: 'the year',
  M: 'the month',
  d: 'the day',
  H: 'the hour',
  h: 'the hour',
  m: 'the minutes',
  s: 'the seconds',
  S: 'the milliseconds',
  a: 'AM or PM',
};

/** What is wrong with a format of letters, with the remedy; `null`: nothing. */
export const formatFault = (format: string): string | null => {
  const parts = partsOf(format);
  return typeof parts === 'string' ? parts : null;
};

/** Reads dates of one format of letters as the wall clock of a zone. Throws RangeError for a format that has a fault. */
export const letteredParser = (format: string, zone: string): ((text: string) => Instant | null) => {
  const parts = partsOf(format);
  if (typeof parts === 'string') throw new RangeError(`not a date format: ${format}: ${parts}`);
  return (text) => {
    let pos = 0;
    let [y, mo, d, h, mi, s, ms] = [0, 1, 1, 0, 0, 0, 0];
    let half = -1;
    for (const part of parts) {
      if ('literal' in part) {
        if (!text.startsWith(part.literal, pos)) return null;
        pos += part.literal.length;
        continue;
      }
      let n = 0;
      if ('words' in part) {
        const found = part.words.find(([word]) => text.slice(pos, pos + word.length).toLowerCase() === word);
        if (!found) return null;
        n = found[1];
        pos += found[0].length;
      } else {
        const from = pos;
        for (; pos < from + part.most; pos++) {
          const c = text.charCodeAt(pos) - 48;
          if (!(c >= 0 && c <= 9)) break;
          n = n * 10 + c;
        }
        if (pos - from < part.least) return null;
      }
      const { letter } = part;
      if (letter === 'y') y = n;
      else if (letter === 'M') mo = n;
      else if (letter === 'd') d = n;
      else if (letter === 'H' || letter === 'h') h = n;
      else if (letter === 'm') mi = n;
      else if (letter === 's') s = n;
      else if (letter === 'S') ms = n;
      else half = n;
    }
    if (pos !== text.length) return null;
    if (half >= 0) {
      if (h < 1 || h > 12) return null;
      h = (h % 12) + 12 * half;
    }
    return civilToInstant(zone, y, mo, d, h, mi, s, ms);
  };
};
