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
