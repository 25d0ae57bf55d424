import { type PackedEvents } from './event-frame.js';
import { inGroups, KEY_MARKS } from './key-groups.js';
import { Recent } from './recent.js';
import { type Database, type Row } from './sqlite.js';

interface StreamName {
  readonly name: string;
}

/** One read answers no more than this many bytes, whatever number of events was asked for. */
const READ_BYTES = 16 * 2 ** 20;
const ROWS = 1000;

export class EventReader {
  readonly #names = new Recent<number, StreamName>(65_536);
  readonly #sql;

  constructor(readonly db: Database) {
    const columns = 'e.position, e.stream, e.revision, e.events, e.previous, e.body';
    this.#sql = {
      head: db.prepare(
        `SELECT h.stream, h.revision, h.position FROM stream s JOIN stream_head h ON h.stream = s.id WHERE s.name = ?`,
      ),
      mark: db.prepare('SELECT position FROM stream_mark WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT 1'),
      heads: db.prepare(
        `SELECT s.name, h.stream, h.position FROM stream s JOIN stream_head h ON h.stream = s.id
         WHERE s.name IN (${KEY_MARKS})`,
      ),
      row: db.prepare(`SELECT ${columns} FROM event e WHERE e.position = ?`),
      rows: db.prepare(`SELECT ${columns} FROM event e WHERE e.position IN (${KEY_MARKS})`),
      name: db.prepare('SELECT name FROM stream WHERE id = ?'),
      categories: db.prepare('SELECT id, name FROM category'),
      last: db.prepare('SELECT position + events - 1 AS last FROM event ORDER BY position DESC LIMIT 1'),
      holding: db.prepare(`SELECT position, events FROM event WHERE position <= ? ORDER BY position DESC LIMIT 1`),
      after: db.prepare(`SELECT ${columns} FROM event e WHERE e.position >= ? ORDER BY e.position LIMIT ?`),
      afterInCategory: db.prepare(
        `SELECT ${columns} FROM event e WHERE e.category = ? AND e.position >= ? ORDER BY e.position LIMIT ?`,
      ),
    };
  }

  head(): number {
    return Number(this.#sql.last.get()?.['last'] ?? -1);
  }

  /** The rows that hold the events from a revision on, oldest first, found by walking back from the nearest mark. */
  ofStream(name: string, fromRevision: number, maxEvents: number): PackedEvents[] {
    const head = this.#sql.head.get(name);
    const from = Math.max(0, fromRevision);
    if (!head || Number(head['revision']) < from || maxEvents <= 0) return [];
    const to = Math.min(Number(head['revision']), from + maxEvents - 1);
    const mark = this.#sql.mark.get(Number(head['stream']), to);
    const rows: PackedEvents[] = [];
    for (let position = Number(mark?.['position'] ?? head['position']); position >= 0;) {
      const row = this.#sql.row.get(position)!;
      const revision = Number(row['revision']);
      if (revision <= to) rows.push(packed(row, name));
      if (revision <= from) break;
      position = Number(row['previous']);
    }
    return rows.reverse();
  }

  /** All rows of many streams, oldest first: a step back in all of them at once is one look-up of many rows. */
  ofStreams(names: readonly string[]): PackedEvents[][] {
    const rows = new Map<number, { readonly name: string; readonly rows: PackedEvents[] }>();
    let positions: number[] = [];
    for (const group of inGroups([...new Set(names)]))
      for (const head of this.#sql.heads.all(...group)) {
        rows.set(Number(head['stream']), { name: String(head['name']), rows: [] });
        positions.push(Number(head['position']));
      }
    while (positions.length > 0) {
      const previous: number[] = [];
      for (const group of inGroups(positions))
        for (const row of this.#sql.rows.all(...group)) {
          const stream = rows.get(Number(row['stream']))!;
          stream.rows.push(packed(row, stream.name));
          if (Number(row['previous']) >= 0) previous.push(Number(row['previous']));
        }
      positions = previous;
    }
    const found = new Map([...rows.values()].map((stream) => [stream.name, stream.rows.reverse()]));
    return names.map((name) => found.get(name) ?? []);
  }

  /** The rows that hold the events after a position; those of other streams than the prefix says are left out. */
  after(after: number, maxEvents: number, prefix: string): PackedEvents[] {
    if (maxEvents <= 0) return [];
    const dash = prefix.indexOf('-');
    const categories = this.#sql.categories.all();
    const category = dash < 0 ? undefined : categories.find((row) => row['name'] === prefix.slice(0, dash));
    if (dash >= 0 && !category) return [];
    const found: PackedEvents[] = [];
    let events = 0;
    let bytes = 0;
    for (let from = this.#rowOf(after + 1); ;) {
      const limit = Math.min(ROWS, maxEvents + 64);
      const rows = category
        ? this.#sql.afterInCategory.all(Number(category['id']), from, limit)
        : this.#sql.after.all(from, limit);
      for (const row of rows) {
        const position = Number(row['position']);
        from = position + 1;
        if (position + Number(row['events']) <= after + 1) continue;
        const name = this.#name(Number(row['stream']));
        if (!name.startsWith(prefix)) continue;
        found.push(packed(row, name));
        events += Number(row['events']) - Math.max(0, after + 1 - position);
        bytes += (row['body'] as Uint8Array).length;
        if (events >= maxEvents || bytes >= READ_BYTES) return found;
      }
      if (rows.length < limit) return found;
    }
  }

  #rowOf(position: number): number {
    const row = this.#sql.holding.get(position);
    if (!row) return position;
    return Number(row['position']) + Number(row['events']) > position ? Number(row['position']) : position;
  }

  #name(stream: number): string {
    let known = this.#names.get(stream);
    if (!known) {
      known = { name: String(this.#sql.name.get(stream)!['name']) };
      this.#names.set(stream, known);
    }
    return known.name;
  }
}

const packed = (row: Row, stream: string): PackedEvents => ({
  stream,
  revision: Number(row['revision']),
  position: Number(row['position']),
  events: Number(row['events']),
  body: row['body'] as Uint8Array,
});
