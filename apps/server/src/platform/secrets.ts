import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFile } from '../access/replace-file.js';

/** What a data folder's personal data hangs on; lost, nothing sealed can be read again. */
export interface Secrets {
  /** Wraps the keys of subjects. */
  readonly masterKey: Uint8Array;
  /** Hashes identifiers to subjects. */
  readonly lookupKey: Uint8Array;
}

const KEY_BYTES = 32;

/**
 * `<data>/secrets.json` (0600), made at the first start. A file that is there and cannot be read is an error: making
 * new secrets would leave everything sealed with the old ones unreadable. Secrets that were `given` (shared by several
 * processes) are never written down, and must be the folder's own where it has some.
 */
export const openSecrets = async (dataDir: string, given: Partial<Secrets> = {}): Promise<Secrets> => {
  const file = join(dataDir, 'secrets.json');
  const read = () =>
    readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  const fresh = () => randomBytes(KEY_BYTES).toString('base64');
  const { masterKey, lookupKey } = given;
  if (masterKey && lookupKey) {
    const own = await read();
    if (own !== undefined) requireSame(parse(own, file), { masterKey, lookupKey }, file);
    return { masterKey, lookupKey };
  }
  if (masterKey || lookupKey)
    throw new Error('TRIBUTARY_MASTER_KEY and TRIBUTARY_LOOKUP_KEY go together: set both, or neither');
  if ((await read()) === undefined)
    await createFile(file, `${JSON.stringify({ masterKey: fresh(), lookupKey: fresh() }, null, 2)}\n`);
  return parse((await read()) ?? '', file);
};

const requireSame = (own: Secrets, given: Secrets, file: string): void => {
  for (const name of ['masterKey', 'lookupKey'] as const)
    if (!Buffer.from(own[name]).equals(Buffer.from(given[name])))
      throw new Error(
        `${file} holds other secrets than those that are set: what is stored could not be read with them`,
      );
};

const parse = (text: string, file: string): Secrets => {
  let parsed: Partial<Record<keyof Secrets, unknown>> | null = null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    // Said below, without the text: it holds secrets.
  }
  const read = (name: keyof Secrets): Uint8Array => {
    const value = parsed?.[name];
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (bytes.length !== KEY_BYTES)
      throw new Error(
        `${file} is damaged: restore it from a backup; without it the stored personal data cannot be read`,
      );
    return bytes;
  };
  return { masterKey: read('masterKey'), lookupKey: read('lookupKey') };
};
