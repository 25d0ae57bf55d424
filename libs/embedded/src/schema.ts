import { join } from 'node:path';
import { type DocumentKind } from '@tributary/kernel';
import { type Database, openDatabase } from './sqlite.js';
import { namingFile } from './sqlite-failure.js';

export const storeFile = (dir: string): string => join(dir, 'tributary.db');
export const keysFile = (dir: string): string => join(dir, 'keys.db');

export const documentKinds: readonly DocumentKind[] = ['subject', 'activity', 'customer', 'checkpoint', 'outcome'];

/**
 * A segment's row id is its partition number times this, plus its first offset: one integer key, no second index, and
 * still exact in a double for 8,191 partitions of a million million records.
 */
export const OFFSETS_PER_PARTITION = 2 ** 40;
export const MAX_PARTITIONS = 8191;

/** Every so many appends of a stream leave a mark, from which a read in its midst walks back. */
export const APPENDS_PER_MARK = 16;

const tables = `
CREATE TABLE IF NOT EXISTS topic (
  name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_ms INTEGER, compacted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_partition (
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL, first INTEGER NOT NULL, next INTEGER NOT NULL,
  UNIQUE (topic, number)
);
CREATE TABLE IF NOT EXISTS segment (
  id INTEGER PRIMARY KEY, records INTEGER NOT NULL, newest_ms REAL NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS group_offset (
  consumers TEXT NOT NULL, log_partition INTEGER NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY (consumers, log_partition)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS category (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS stream_head (
  stream INTEGER PRIMARY KEY, revision INTEGER NOT NULL, position INTEGER NOT NULL, appends INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS stream_mark (
  stream INTEGER NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (stream, revision)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, category INTEGER NOT NULL, revision INTEGER NOT NULL,
  events INTEGER NOT NULL, previous INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS event_by_category ON event (category);

CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_run (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen_place (id INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS grave (
  kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
${documentKinds
  .map(
    (kind) => `
CREATE TABLE IF NOT EXISTS ${kind}_document (
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, due_ms INTEGER, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS ${kind}_document_due ON ${kind}_document (due_ms) WHERE due_ms IS NOT NULL;`,
  )
  .join('\n')}
`;

const keyTables = `
CREATE TABLE IF NOT EXISTS subject_key (id TEXT PRIMARY KEY, subject TEXT NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS subject_key_by_subject ON subject_key (subject);
CREATE TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY CHECK (id = 0), position INTEGER NOT NULL);
`;

export interface WriterTuning {
  /** Bytes of log and documents after which writes are refused with `StoreFull`; absent: the disk decides. */
  readonly quota_bytes?: number;
  readonly cache_bytes?: number;
}

/** Writers pay for `synchronous=FULL` once per group commit, and for `secure_delete` because erasure must be true. */
export const openForWriting = (path: string, tuning: WriterTuning = {}): Database => {
  const db = openDatabase(path);
  db.exec(`
    PRAGMA busy_timeout=10000;
    PRAGMA auto_vacuum=INCREMENTAL;
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    PRAGMA secure_delete=ON;
    PRAGMA temp_store=MEMORY;
    PRAGMA wal_autocheckpoint=8000;
    PRAGMA journal_size_limit=67108864;
    PRAGMA cache_size=-${Math.floor((tuning.cache_bytes ?? 64 * 2 ** 20) / 1024)};
  `);
  if (tuning.quota_bytes !== undefined) db.exec(`PRAGMA max_page_count=${Math.floor(tuning.quota_bytes / 4096)}`);
  return db;
};

export const openStore = (dir: string, tuning?: WriterTuning): Database =>
  namingFile(storeFile(dir), () => {
    const db = openForWriting(storeFile(dir), tuning);
    db.exec(`BEGIN IMMEDIATE;${tables}COMMIT;`);
    return db;
  });

export const openKeys = (dir: string): Database =>
  namingFile(keysFile(dir), () => {
    const db = openForWriting(keysFile(dir), { cache_bytes: 4 * 2 ** 20 });
    db.exec(`BEGIN IMMEDIATE;${keyTables}COMMIT;`);
    return db;
  });

/** A reader never waits for the writer: each statement sees the newest committed snapshot. */
export const openForReading = (path: string): Database => {
  const db = openDatabase(path, { readOnly: true });
  db.exec('PRAGMA busy_timeout=10000; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;');
  return db;
};
