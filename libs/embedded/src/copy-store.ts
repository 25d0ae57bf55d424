import { mkdirSync } from 'node:fs';
import { checkCopies } from './check-copies.js';
import { fromFailure, toFailure } from './protocol.js';
import { keysFile, openForReading, storeFile } from './schema.js';
import { copyTo, type Database } from './sqlite.js';
import { sqliteCode } from './sqlite-failure.js';

/**
 * Copies `tributary.db` and `keys.db` as they were at one moment, while others write, to a folder that has neither. Both
 * snapshots are taken before either is copied, the store's first: each key that its events need was made before them, and of
 * an erasure that falls between the two it holds the order, and carries it out again. An erasure waits for the keys' to be let
 * go of; there are few bytes of them, so they are copied first.
 *
 * @throws StoreFull where the copy finds no room; EngineError where a file cannot be read, or is damaged
 */
export const copyStore = async (dir: string, into: string): Promise<void> => {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const [store, keys] = [openForReading(storeFile(dir)), openForReading(keysFile(dir))];
  try {
    for (const db of [store, keys]) hold(db);
    await copyTo(keys, keysFile(into));
    keys.exec('COMMIT');
    await copyTo(store, storeFile(into));
  } catch (error) {
    // What only a file can do wrong is told by itself.
    throw sqliteCode(error) === undefined ? error : fromFailure(toFailure(error));
  } finally {
    for (const db of [keys, store]) letGo(db);
  }
  await checkCopies([keysFile(into), storeFile(into)]);
};

/** A transaction sees what was there at its first look. */
const hold = (db: Database): void => {
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
};

/** Before Node 22 a closed file is held until its statements are collected, and with it what it sees: no log would be emptied. */
const letGo = (db: Database): void => {
  if (db.isTransaction) db.exec('ROLLBACK');
  db.close();
};
