import { setTimeout as sleep } from 'node:timers/promises';
import { type Database } from './sqlite.js';
import { SQLITE_BUSY, sqliteCode } from './sqlite-failure.js';

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 30 * 60_000;

/**
 * Empties the write-ahead log. Whoever reads holds it: for the length of a statement, or of a backup. The thread does not
 * wait in it, it looks again: what it writes meanwhile must not be held up.
 */
export const truncateWal = async (db: Database): Promise<void> => {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await sleep(LOOK_AGAIN_MS)) {
    const timeout_ms = Number(db.prepare('PRAGMA busy_timeout').get()?.['timeout'] ?? 0);
    db.exec('PRAGMA busy_timeout=0');
    try {
      const row = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      if (Number(row?.['busy'] ?? 0) === 0) return;
    } catch (error) {
      // Another writer of the same file.
      if (sqliteCode(error) !== SQLITE_BUSY) throw error;
    } finally {
      db.exec(`PRAGMA busy_timeout=${timeout_ms}`);
    }
  }
  throw new Error('a reader holds the write-ahead log');
};

/** How long a close waits for who still reads; the log that stays beside a file then is read at the next opening. */
const CLOSING_MS = 1_000;

/**
 * Closes what is written no more, with nothing left in its write-ahead log, so that the file alone is all there is: somebody
 * may put another in its place. SQLite does so when the last connection closes, but cannot tell that it is the last while
 * those of other threads are still ending.
 */
export const closeWhole = (db: Database): void => {
  try {
    db.exec(`PRAGMA busy_timeout=${CLOSING_MS}; PRAGMA wal_checkpoint(TRUNCATE)`);
  } catch {
    // A full disk, say: all is durable in the log.
  }
  db.close();
};
