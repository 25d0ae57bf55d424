/**
 * Looks for texts in every file of a folder, from a process that holds nothing of the platform: as they are, in UTF-16,
 * in base64, in hex, and in whatever stands packed with gzip or zlib. Prints `{ text: [files] }` of those found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';

const [, , folder, ...texts] = process.argv;

/** Engines drop old files, and folders of them, while one looks: what has just gone holds nothing. */
const unlessGone = (look, nothing) => {
  try {
    return look();
  } catch (error) {
    if (error.code === 'ENOENT') return nothing;
    throw error;
  }
};

const files = (dir) =>
  unlessGone(() => readdirSync(dir, { withFileTypes: true }), []).flatMap((entry) =>
    entry.isDirectory() ? files(join(dir, entry.name)) : entry.isFile() ? [join(dir, entry.name)] : [],
  );

/** Base64 of a text at any of its three alignments, without the digits that its neighbours share. */
const inBase64 = (bytes) =>
  [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return Buffer.from(
      text.slice(shift === 0 ? 0 : shift + 1, text.length - ((bytes.length + shift) % 3 === 0 ? 0 : 1)),
    );
  });

const forms = texts.map((text) => {
  const bytes = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  return [
    text,
    [bytes, utf16, Buffer.from(bytes.toString('hex')), ...inBase64(bytes).filter(({ length }) => length >= 8)],
  ];
});

const unpackings = [gunzipSync, inflateSync];
/** What begins like a packed stream, unpacked as far as it goes. */
function* unpacked(bytes) {
  for (let at = 0; at < bytes.length - 2; at++) {
    const isGzip = bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
    const isZlib = bytes[at] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[at + 1]);
    if (!isGzip && !isZlib) continue;
    for (const unpack of unpackings)
      try {
        yield unpack(bytes.subarray(at, at + (1 << 22)), { finishFlush: 2 });
      } catch {
        // It only looked like one.
      }
  }
}

const found = {};
for (const file of files(folder)) {
  const bytes = unlessGone(() => readFileSync(file), Buffer.alloc(0));
  const name = relative(folder, file);
  for (const piece of [bytes, ...unpacked(bytes)])
    for (const [text, patterns] of forms)
      if (patterns.some((pattern) => piece.includes(pattern)) && !found[text]?.includes(name))
        (found[text] ??= []).push(name);
}
process.stdout.write(JSON.stringify(found));
