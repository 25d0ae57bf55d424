import { isUtf8 } from 'node:buffer';
import { SourceMismatch } from './source-damaged.js';

interface Form {
  readonly magic: readonly number[];
  readonly at?: number;
  readonly what: string;
  readonly remedy: string;
}

const toUtf8 = 'Save it as UTF-8 (in Excel: "CSV UTF-8"; or iconv -f UTF-16 -t UTF-8).';
const unpack = 'Unpack it, and import what comes out.';

/** What people mean to be a text file and is none, known by its first bytes. */
const forms: readonly Form[] = [
  { magic: [0xff, 0xfe], what: 'is text in UTF-16', remedy: toUtf8 },
  { magic: [0xfe, 0xff], what: 'is text in UTF-16', remedy: toUtf8 },
  {
    magic: [0xd0, 0xcf, 0x11, 0xe0],
    what: 'is an old Office file (.xls, .doc)',
    remedy: 'Save the sheet as CSV UTF-8.',
  },
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'is a zip archive within another archive', remedy: unpack },
  { magic: [0x1f, 0x8b], what: 'is gzip within another archive', remedy: unpack },
  { magic: [0x25, 0x50, 0x44, 0x46], what: 'is a PDF', remedy: 'Export the table itself as CSV UTF-8.' },
  // "ustar", behind the name of the first file.
  {
    magic: [0x75, 0x73, 0x74, 0x61, 0x72],
    at: 257,
    what: 'is a tar archive',
    remedy: 'Unpack it (tar -xf), and import its files.',
  },
];

/** Throws SourceMismatch where the unpacked bytes are no text that the columns could be looked for in. */
export const requireText = (place: string, head: Uint8Array): void => {
  const form = forms.find(({ magic, at = 0 }) => magic.every((byte, i) => head[at + i] === byte));
  if (form) throw new SourceMismatch(place, form.what, form.remedy);
  if ((head[0] === 0) !== (head[1] === 0) && head.length > 1)
    throw new SourceMismatch(place, 'is text in UTF-16, without the mark of it', toUtf8);
};

const LINE_FEED = 10;
/** Of so many characters beyond ASCII none is valid UTF-8 by chance; of a name alone it may be. */
const enoughLetters = 8;
/** The least bytes that begin a character of several in UTF-8, of two and of three. */
const [leadOfTwo, leadOfThree] = [0xc2, 0xe0];
/**
 * Encodings in which a letter has two bytes, as many of UTF-8 have: 元 or 茅台 in GB18030 is valid UTF-8, and a file may have no other
 * letters. There only those count that have three in UTF-8, as Chinese has.
 */
const twoByte = /^(?:gb|big5|euc-|shift_jis)/;

/**
 * Throws SourceMismatch where the file is UTF-8 and the channel file names another encoding: in most of them UTF-8 can be read, and
 * says something else (张三 is 寮犱笁 in GB18030).
 */
export const requireEncoding = (place: string, head: Uint8Array, encoding: string): void => {
  const { encoding: canonical } = new TextDecoder(encoding);
  if (canonical === 'utf-8') return;
  const isMarked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const lines = head.subarray(0, head.lastIndexOf(LINE_FEED) + 1);
  const leastLead = twoByte.test(canonical) ? leadOfThree : leadOfTwo;
  const letters = lines.reduce((sum, byte) => sum + (byte >= leastLead ? 1 : 0), 0);
  if (isMarked || (letters >= enoughLetters && isUtf8(lines)))
    throw new SourceMismatch(
      place,
      `is text in UTF-8, and the channel file says ${encoding}`,
      `State \`encoding: utf-8\` there, or save the file as ${encoding}.`,
    );
};

/** An entry that every Office file of the newer kind has: it is a zip. */
export const officeEntry = '[Content_Types].xml';
export const officeFile = (path: string): SourceMismatch =>
  new SourceMismatch(path, 'is an Office file (.xlsx, .docx)', 'Save the sheet as CSV UTF-8, and import that.');

/** Throws SourceMismatch where JSON stands in the file in another way than a record a line. */
export const requireJsonLines = (place: string, head: Uint8Array): void => {
  const text = Buffer.from(head.subarray(0, 1024)).toString('utf8');
  if (/^\ufeff?\s*\[\s*\{/.test(text))
    throw new SourceMismatch(place, 'is one JSON list, not a record a line', oneEach('.[]'));
  if (/^\ufeff?\s*\{\s*\n\s*"/.test(text))
    throw new SourceMismatch(place, 'has records of several lines', oneEach('.'));
};

const oneEach = (filter: string): string => `Write each on a line of its own: jq -c '${filter}' in.json > out.ndjson`;
