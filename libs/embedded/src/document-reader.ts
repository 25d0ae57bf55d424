import { type DocumentKind } from '@tributary/kernel';
import { documentKinds } from './schema.js';
import { inGroups, KEY_MARKS } from './key-groups.js';
import { type Database } from './sqlite.js';

export interface DocumentRow {
  readonly key: string;
  readonly version: number;
  readonly body: string;
}

/** As text from the engine's hands: bytes to be decoded here would cost a fifth more. */
const columns = 'key, version, CAST(body AS TEXT) AS body';

const FEW = 4;

export class DocumentReader {
  readonly #kinds;

  constructor(readonly db: Database) {
    this.#kinds = new Map(
      documentKinds.map((kind) => [
        kind,
        {
          one: db.prepare(`SELECT ${columns} FROM ${kind}_document WHERE key = ?`),
          get: db.prepare(`SELECT ${columns} FROM ${kind}_document WHERE key IN (${KEY_MARKS})`),
          due: db.prepare(
            `SELECT key, due_ms FROM ${kind}_document WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?`,
          ),
          scan: db.prepare(`SELECT ${columns} FROM ${kind}_document WHERE key > ? ORDER BY key LIMIT ?`),
          count: db.prepare(`SELECT count(*) AS documents FROM ${kind}_document`),
        },
      ]),
    );
  }

  /** Those that there are, in no particular order. */
  get(kind: DocumentKind, keys: readonly string[]): DocumentRow[] {
    const { one, get } = this.#sql(kind);
    // A profile is a few documents; a group of keys, most of them repeated, costs several times as much as one.
    if (keys.length <= FEW) return keys.flatMap((key) => one.all(key) as unknown as DocumentRow[]);
    return inGroups(keys).flatMap((chunk) => get.all(...chunk) as unknown as DocumentRow[]);
  }

  due(kind: DocumentKind, until: number, limit: number): { key: string; due_ms: number }[] {
    const rows = this.#sql(kind).due.all(until, limit);
    return rows.map((row) => ({ key: String(row['key']), due_ms: Number(row['due_ms']) }));
  }

  scan(kind: DocumentKind, afterKey: string, limit: number): DocumentRow[] {
    return this.#sql(kind).scan.all(afterKey, limit) as unknown as DocumentRow[];
  }

  count(kind: DocumentKind): number {
    return Number(this.#sql(kind).count.get()!['documents']);
  }

  #sql(kind: DocumentKind) {
    const sql = this.#kinds.get(kind);
    if (!sql) throw new TypeError(`no kind of document is called ${kind}`);
    return sql;
  }
}
