import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError, messageOf } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { openDatabase } from './sqlite.js';
import { damaged, remedyFor, SQLITE_BUSY, sqliteCode } from './sqlite-failure.js';

export interface FolderLock {
  release(): void;
}

/**
 * One process per data folder. The lock is the operating system's, taken by SQLite on a file of its own, and ends
 * with the process however it ends; the pid beside it is only for the message.
 *
 * Never open `lock.db` by other means in this process: closing it would let go of the lock (POSIX).
 */
export const lockFolder = (dir: string): FolderLock => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'lock.db');
  const db = openDatabase(file);
  const owner = join(dir, 'owner.json');
  try {
    db.exec('PRAGMA busy_timeout=0; BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    const found = remedyFor(cause);
    const remedy = found === damaged ? damagedLock : found;
    if (remedy !== undefined)
      throw new EngineError(ENGINE, 'fatal', `${file}: ${messageOf(cause)}; ${remedy}`, { cause });
    if (sqliteCode(cause) !== SQLITE_BUSY) throw cause;
    throw new EngineError(ENGINE, 'fatal', `the data folder ${dir} is in use by ${ownerIn(owner)}`, { cause });
  }
  writeFileSync(owner, JSON.stringify({ pid: process.pid }));
  return {
    release: () => {
      db.exec('ROLLBACK');
      db.close();
    },
  };
};

/**
 * Not replaced here: of two processes that find it damaged, the second would delete the file that the first has just made and
 * locked, and both would hold the folder.
 */
const damagedLock = 'it holds nothing: stop every process on this folder, delete this one file, and start again';

/** A server tells where it answers when it does: before that, and while it ends, it is only in the way. */
const remedy = '; try again in a moment if it only just starts or ends, or else stop it first';

const ownerIn = (file: string): string => {
  try {
    return `process ${(JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid}${remedy}`;
  } catch {
    return `another process${remedy}`;
  }
};
