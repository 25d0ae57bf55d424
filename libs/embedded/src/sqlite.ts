import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';

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
