import { viewOf } from './bytes.js';
import { inGroups, KEY_MARKS } from './key-groups.js';
import { KeyPlaces } from './key-places.js';
import { SEEN_ENTRY } from './seen-table.js';
import { type Database } from './sqlite.js';

/** Looks keys up: those of the newest runs in memory, the others in their table. */
export class SeenReader {
  #recent = new KeyPlaces();
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
    const moved = new KeyPlaces();
    for (const group of inGroups(keys))
      for (const row of this.#sql.table.all(...group))
        moved.add(viewOf(row['key'] as Uint8Array), 0, Number(row['place']));
    return keys.map((key) => {
      const bytes = viewOf(key);
      // The table's keys come from older runs, so theirs is the first place.
      const place = (moved.size > 0 ? moved.get(bytes) : undefined) ?? this.#recent.get(bytes);
      return place !== undefined && place < 0 ? String(this.#sql.text.get(-place)!['place']) : place;
    });
  }

  #refresh(): void {
    const oldest = Number(this.#sql.oldest.get()?.['id'] ?? Infinity);
    const left = this.#runs.filter(({ id }) => id >= oldest);
    if (left.length < this.#runs.length) {
      this.#runs = left;
      this.#recent = new KeyPlaces(left.reduce((sum, { body }) => sum + body.length / SEEN_ENTRY, 0));
      for (const { body } of left) this.#take(body);
    }
    for (const row of this.#sql.newer.all(this.#runs.at(-1)?.id ?? 0)) {
      const body = row['body'] as Uint8Array;
      this.#take(body);
      this.#runs.push({ id: Number(row['id']), body });
    }
  }

  #take(body: Uint8Array): void {
    const view = viewOf(body);
    for (let at = 0; at < body.length; at += SEEN_ENTRY) this.#recent.add(view, at, view.getFloat64(at + 16, true));
  }
}
