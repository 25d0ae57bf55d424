import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

/** What SQLite takes and gives. Integers beyond 2^53 never occur here, see `schema.ts`. */
export type SqlValue = number | string | Uint8Array | null;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
  readonly isTransaction: boolean;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly?: boolean }) => Database;
  backup(source: Database, path: string, options: { readonly rate: number }): Promise<number>;
}

/** Older ones lack what we use: `isTransaction` and `backup` came with 22.16 and 24. */
const isUsable = ({ DatabaseSync, backup }: SqliteModule): boolean => {
  const probe = new DatabaseSync(':memory:');
  const usable = 'isTransaction' in probe && typeof backup === 'function';
  probe.close();
  return usable;
};

const builtIn = (): SqliteModule | undefined => {
  if (!process.getBuiltinModule) return undefined;
  const { emitWarning } = process;
  // Node 22 says "SQLite is an experimental feature" on load, which tells an operator nothing to act on.
  process.emitWarning = () => undefined;
  try {
    const module = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as SqliteModule | undefined;
    return module && isUsable(module) ? module : undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
};

// One SQLite per process, always: two copies would not see each other's POSIX locks on the same file.
const { DatabaseSync, backup } =
  builtIn() ?? (createRequire(import.meta.url)('@photostructure/sqlite') as unknown as SqliteModule);

/** Pages of 4 KB that are copied at a stroke. */
const COPY_RATE = 1_024;

/** Copies what `source` sees to a new file, readable by its owner only: inside a transaction, what that one sees. */
export const copyTo = async (source: Database, path: string): Promise<void> => {
  closeSync(openSync(path, 'wx', 0o600));
  await backup(source, path, { rate: COPY_RATE });
};

export const openDatabase = (path: string, options: { readonly readOnly?: boolean } = {}): Database => {
  if (!options.readOnly) beginPrivately(path);
  return new DatabaseSync(path, options);
};

/**
 * SQLite would make a new file readable to everybody; its log and index get the file's own mode. One that is there keeps the
 * mode that its owner gave it, and is not even opened: to close it again would drop the locks that this process has on it.
 */
const beginPrivately = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    // Whatever else is wrong with the path SQLite says in its own way.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
};

/** SQLite's primary result code of a failure (its low byte), if it is one of SQLite's. */
export const sqliteCode = (failure: unknown): number | undefined => {
  const code = (failure as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
};

export const SQLITE_BUSY = 5;
export const SQLITE_FULL = 13;

const damaged = 'the file is damaged: stop, keep a copy of it, and restore a backup (docs/guide/backups.md)';
const forbidden = 'check owner and mode of the file and its folder, and that the disk may be written to';
const remedies: Readonly<Record<number, string>> = {
  8: forbidden,
  10: 'the disk failed: look at its messages',
  11: damaged,
  [SQLITE_FULL]: 'free some disk space, then start again',
  14: forbidden,
  26: damaged,
};

/** What to do about a file that SQLite cannot use; `undefined`: it is not the file. */
export const remedyFor = (failure: unknown): string | undefined => remedies[sqliteCode(failure) ?? 0];

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
