import { messageOf } from '@tributary/kernel';

/** SQLite's primary result code of a failure (its low byte), if it is one of SQLite's. */
export const sqliteCode = (failure: unknown): number | undefined => {
  const code = (failure as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
};

export const SQLITE_BUSY = 5;
export const SQLITE_FULL = 13;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

const damaged = 'the file is damaged: stop, keep a copy of it, and restore a backup (docs/guide/backups.md)';
const forbidden = 'check owner and mode of the file and its folder, and that the disk may be written to';
const remedies: Readonly<Record<number, string>> = {
  [SQLITE_READONLY]: forbidden,
  [SQLITE_IOERR]: 'the disk failed: look at its messages',
  [SQLITE_CORRUPT]: damaged,
  [SQLITE_FULL]: 'free some disk space, then start again',
  [SQLITE_CANTOPEN]: forbidden,
  [SQLITE_NOTADB]: damaged,
};

/** What to do about a file that SQLite cannot use; `undefined`: it is not the file. */
export const remedyFor = (failure: unknown): string | undefined => remedies[sqliteCode(failure) ?? 0];

/** Says of a file that cannot be used which one it is, and what to do. */
export const namingFile = <T>(file: string, use: () => T): T => {
  try {
    return use();
  } catch (cause) {
    const remedy = remedyFor(cause);
    if (remedy === undefined) throw cause;
    throw new Error(`${file}: ${messageOf(cause)}; ${remedy}`, { cause });
  }
};
