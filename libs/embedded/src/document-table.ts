import { type DocumentKind } from '@tributary/kernel';
import { type PackedDocument } from './effects-frame.js';
import { RowBatch } from './row-batch.js';
import { documentKinds } from './schema.js';
import { type Database } from './sqlite.js';

/**
 * Documents as their only writer sees them. A deleted document leaves its version in `grave`, so that
 * a zombie's older write cannot bring it back.
 */
export class DocumentTable {
  readonly #kinds;
  readonly #grave;
  /** Most kinds never had a deletion: then the look at graves is spared. */
  readonly #hasGraves = new Set<string>();

  constructor(readonly db: Database) {
    this.#kinds = documentKinds.map((kind) => ({
      kind,
      put: new RowBatch(
        db,
        `INSERT INTO ${kind}_document (key, version, due_ms, body)`,
        4,
        `ON CONFLICT (key) DO UPDATE SET version = excluded.version, due_ms = excluded.due_ms, body = excluded.body
         WHERE excluded.version > version`,
      ),
      version: db.prepare(`SELECT version FROM ${kind}_document WHERE key = ?`),
      replace: db.prepare(`INSERT OR REPLACE INTO ${kind}_document (key, version, due_ms, body) VALUES (?, ?, ?, ?)`),
      remove: db.prepare(`DELETE FROM ${kind}_document WHERE key = ?`),
    }));
    this.#grave = {
      put: db.prepare(
        `INSERT INTO grave (kind, key, version) VALUES (?, ?, ?)
         ON CONFLICT (kind, key) DO UPDATE SET version = max(version, excluded.version)`,
      ),
      version: db.prepare('SELECT version FROM grave WHERE kind = ? AND key = ?'),
      remove: db.prepare('DELETE FROM grave WHERE kind = ? AND key = ?'),
    };
    this.forget();
  }

  put({ kind, key, version, due_ms, body }: PackedDocument): void {
    const sql = this.#kinds[kind]!;
    if (body === null) {
      sql.put.flush();
      const stored = sql.version.get(key);
      if (stored && Number(stored['version']) >= version) return;
      if (stored) sql.remove.run(key);
      this.#grave.put.run(sql.kind, key, version);
      this.#hasGraves.add(sql.kind);
      return;
    }
    if (this.#hasGraves.has(sql.kind)) {
      const grave = this.#grave.version.get(sql.kind, key);
      if (grave && Number(grave['version']) >= version) return;
      if (grave) this.#grave.remove.run(sql.kind, key);
    }
    sql.put.add(key, version, due_ms, body);
  }

  replace({ kind, key, version, due_ms, body }: PackedDocument): void {
    const sql = this.#kinds[kind]!;
    this.#grave.remove.run(sql.kind, key);
    if (body === null) sql.remove.run(key);
    else sql.replace.run(key, version, due_ms, body);
  }

  clear(kind: DocumentKind): void {
    this.db.exec(`DELETE FROM ${kind}_document`);
    this.db.prepare('DELETE FROM grave WHERE kind = ?').run(kind);
    this.#hasGraves.delete(kind);
  }

  flush(): void {
    for (const { put } of this.#kinds) put.flush();
  }

  forget(): void {
    for (const { put } of this.#kinds) put.forget();
    this.#hasGraves.clear();
    for (const row of this.db.prepare('SELECT DISTINCT kind FROM grave').all())
      this.#hasGraves.add(String(row['kind']));
  }
}
