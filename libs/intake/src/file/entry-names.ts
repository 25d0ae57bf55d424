import { type Entry } from 'yauzl';

const SAYS_UTF8 = 0x800;
const UNICODE_PATH = 0x7075;

/**
 * What an entry of a zip may be called, the likeliest first. A zip that does not say that its names are UTF-8 leaves open what
 * they are: Windows in China writes GBK there, other tools write UTF-8 and forget to say so, and the format means
 * code page 437, which fits any bytes.
 */
export const entryNames = (entry: Entry): readonly string[] => {
  const { fileName, fileNameRaw } = entry;
  const isStated = (entry.generalPurposeBitFlag & SAYS_UTF8) !== 0 || entry.extraFields.some(isUnicodePath);
  if (isStated || fileNameRaw.every((byte) => byte < 0x80)) return [fileName];
  return [...new Set([...['utf-8', 'gb18030'].flatMap((encoding) => readAs(encoding, fileNameRaw)), fileName])];
};

const isUnicodePath = ({ id }: { readonly id: number }): boolean => id === UNICODE_PATH;

const readAs = (encoding: string, bytes: Uint8Array): readonly string[] => {
  try {
    // Only once it is decoded: in GBK the byte of a backslash is the second half of some characters.
    return [new TextDecoder(encoding, { fatal: true }).decode(bytes).replaceAll('\\', '/')];
  } catch {
    return [];
  }
};
