import { messageOf } from '@tributary/kernel';

export const SQLITE_BUSY = 5;
export const SQLITE_FULL = 13;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** As SQLite says them, whatever the build. */
const codeByText: ReadonlyMap<string, number> = new Map([
  ['database is locked', SQLITE_BUSY],
  ['attempt to write a readonly database', SQLITE_READONLY],
  ['disk I/O error', SQLITE_IOERR],
  ['database disk image is malformed', SQLITE_CORRUPT],
  ['database or disk is full', SQLITE_FULL],
  ['unable to open database file', SQLITE_CANTOPEN],
  ['file is not a database', SQLITE_NOTADB],
]);

/** SQLite's primary result code of a failure (its low byte), if it is one of SQLite's. */
export const sqliteCode = (failure: unknown): number | undefined => {
  const { errcode, code, message } = (failure ?? {}) as { errcode?: unknown; code?: unknown; message?: unknown };
  if (typeof errcode === 'number') return errcode & 0xff;
  // The drop-in for Node 20 keeps the text alone of what fails in the midst of rows.
  return code === 'ERR_SQLITE_ERROR' && typeof message === 'string' ? codeByText.get(message) : undefined;
};

export const damaged = 'the file is damaged: stop, keep a copy of it, and restore a backup (docs/guide/backups.md)';
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
