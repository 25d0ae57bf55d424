import { inGroups, KEY_MARKS } from './key-groups.js';
import { SEEN_ENTRY } from './seen-table.js';
import { type Database } from './sqlite.js';

const name = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, 16).toString('latin1');

/** Looks keys up: those of the newest runs in memory, the others in their table. */
export class SeenReader {
  readonly #recent = new Map<string, number>();
  #runs: { readonly id: number; readonly body: Uint8Array }[] = [];
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      oldest: db.prepare('SELECT min(id) AS id FROM seen_run'),
      newer: db.prepare('SELECT id, body FROM seen_run WHERE id > ? ORDER BY id'),
      table: db.prepare(`SELECT key, place FROM seen WHERE key IN (${KEY_MARKS})`),
      text: db.prepare('SELECT place FROM seen_place WHERE id = ?'),
    };
  }

  /** For each key its place: a number as the caller of `markSeen` had it packed, or text. */
  places(keys: readonly Uint8Array[]): (number | string | undefined)[] {
    if (keys.length === 0) return [];
    // Runs first: what leaves them between the two looks is in the table by then.
    this.#refresh();
    const moved = new Map<string, number>();
    for (const group of inGroups(keys))
      for (const row of this.#sql.table.all(...group))
        moved.set(name(row['key'] as Uint8Array, 0), Number(row['place']));
    return keys.map((key) => {
      // The table's keys come from older runs, so theirs is the first place.
      const place = moved.get(name(key, 0)) ?? this.#recent.get(name(key, 0));
      return place !== undefined && place < 0 ? String(this.#sql.text.get(-place)!['place']) : place;
    });
  }

  #refresh(): void {
    const oldest = Number(this.#sql.oldest.get()?.['id'] ?? Infinity);
    while (this.#runs.length > 0 && this.#runs[0]!.id < oldest) {
      const { body } = this.#runs.shift()!;
      for (let at = 0; at < body.length; at += SEEN_ENTRY) this.#recent.delete(name(body, at));
    }
    for (const row of this.#sql.newer.all(this.#runs.at(-1)?.id ?? 0)) {
      const body = row['body'] as Uint8Array;
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      for (let at = 0; at < body.length; at += SEEN_ENTRY) {
        const key = name(body, at);
        if (!this.#recent.has(key)) this.#recent.set(key, view.getFloat64(at + 16, true));
      }
      this.#runs.push({ id: Number(row['id']), body });
    }
  }
}
