import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EngineError } from '@tributary/kernel';
import { inGroups, KEY_MARKS } from './key-groups.js';
import { ENGINE } from './engine.js';
import { type Database, type Row } from './sqlite.js';
import { damaged } from './sqlite-failure.js';
import { truncateWal } from './truncate-wal.js';

/** A data key as it lies in the file: 12 bytes nonce, 16 bytes tag, 32 bytes sealed key; bound to its id. */
export interface WrappedKey {
  readonly id: string;
  readonly subject: string;
  readonly wrapped: Uint8Array;
}

/** A key as the writer hands it to a thread of its own process: not wrapped. */
export interface OpenKey {
  readonly id: string;
  readonly subject: string;
  readonly key: Uint8Array;
}

const wrap = (masterKey: KeyObject, id: string, key: Uint8Array, nonce: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
};

/** Throws if the master key is not the one that wrapped, or the bytes were touched: once the former is known, the latter. */
export const unwrap = (masterKey: KeyObject, { id, wrapped }: WrappedKey): Uint8Array => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', masterKey, wrapped.subarray(0, 12)).setAAD(Buffer.from(id));
    decipher.setAuthTag(wrapped.subarray(12, 28));
    const key = Buffer.concat([decipher.update(wrapped.subarray(28)), decipher.final()]);
    return new Uint8Array(key);
  } catch (cause) {
    throw new EngineError(ENGINE, 'fatal', `a key in keys.db cannot be opened; ${damaged}`, { cause });
  }
};

const wrappedKey = (row: Row): WrappedKey => ({
  id: String(row['id']),
  subject: String(row['subject']),
  wrapped: row['wrapped'] as Uint8Array,
});

const CHECK = 'master-key-check';

/**
 * Keys as one who makes and destroys them sees them. Threads that make keys at the same time are kept apart by the file's
 * own lock; only the writer thread destroys.
 */
export class KeyTable {
  readonly #masterKey: KeyObject;
  readonly #insert;
  readonly #remove;
  readonly #find;
  readonly #marked;
  readonly #mark;
  readonly #reader: KeyReader;

  constructor(
    readonly db: Database,
    masterKey: Uint8Array,
  ) {
    this.#masterKey = createSecretKey(masterKey);
    this.#insert = db.prepare('INSERT INTO subject_key (id, subject, wrapped) VALUES (?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM subject_key WHERE id = ?');
    this.#find = db.prepare('SELECT id, subject, wrapped FROM subject_key WHERE subject = ?');
    this.#marked = db.prepare('SELECT position FROM mark');
    this.#mark = db.prepare(
      'INSERT INTO mark VALUES (0, ?) ON CONFLICT DO UPDATE SET position = max(position, excluded.position)',
    );
    this.#reader = new KeyReader(db);
    this.#checkMasterKey();
  }

  /** The key of each subject; makes those that are missing, durably. Subjects are named once each. */
  ensure(subjects: readonly string[]): OpenKey[] {
    return this.#transaction(() => {
      const known = new Map(this.#reader.ofSubjects(subjects).map((wrapped) => [wrapped.subject, wrapped]));
      // One draw for all: 8 bytes of id, 12 of nonce and 32 of key for each.
      const chance = randomBytes(52 * (subjects.length - known.size));
      let at = 0;
      const draw = (bytes: number) => chance.subarray(at, (at += bytes));
      return subjects.map((subject) => {
        const wrapped = known.get(subject);
        if (wrapped) return { id: wrapped.id, subject, key: unwrap(this.#masterKey, wrapped) };
        const id = draw(8).toString('hex');
        const nonce = draw(12);
        const key = new Uint8Array(draw(32));
        this.#insert.run(id, subject, wrap(this.#masterKey, id, key, nonce));
        return { id, subject, key };
      });
    });
  }

  /** Whose these keys are. */
  subjectsOf(ids: readonly string[]): string[] {
    return this.#reader.byId(ids).map(({ subject }) => subject);
  }

  /** Deletes keys; no byte of them is in the files when it resolves. */
  async destroy(ids: readonly string[]): Promise<number> {
    const deleted = this.#transaction(() => ids.reduce((count, id) => count + Number(this.#remove.run(id).changes), 0));
    await truncateWal(this.db);
    return deleted;
  }

  markedTo(): number | undefined {
    const row = this.#marked.get();
    return row && Number(row['position']);
  }

  markTo(position: number, from: number): boolean {
    return this.#transaction(() => {
      if ((this.markedTo() ?? -1) < from) return false;
      this.#mark.run(position);
      return true;
    });
  }

  /** A wrong master key must fail at the start, not at the first erased-looking customer. */
  #checkMasterKey(): void {
    const check = this.#find.get(CHECK);
    if (!check) {
      this.#insert.run(CHECK, CHECK, wrap(this.#masterKey, CHECK, new Uint8Array(32), randomBytes(12)));
      return;
    }
    try {
      unwrap(this.#masterKey, wrappedKey(check));
    } catch (cause) {
      throw new Error('this master key is not the one with which keys.db was made', { cause });
    }
  }

  #transaction<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (failure) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw failure;
    }
  }
}

export class KeyReader {
  readonly #bySubject;
  readonly #byId;

  constructor(db: Database) {
    const columns = 'SELECT id, subject, wrapped FROM subject_key';
    this.#bySubject = db.prepare(`${columns} WHERE subject IN (${KEY_MARKS})`);
    this.#byId = db.prepare(`${columns} WHERE id IN (${KEY_MARKS})`);
  }

  ofSubjects(subjects: readonly string[]): WrappedKey[] {
    return inGroups(subjects).flatMap((group) => this.#bySubject.all(...group).map(wrappedKey));
  }

  byId(ids: readonly string[]): WrappedKey[] {
    return inGroups(ids).flatMap((group) => this.#byId.all(...group).map(wrappedKey));
  }
}
