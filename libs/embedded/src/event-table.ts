import { WrongExpectedRevision } from '@tributary/kernel';
import { type PackedAppend } from './effects-frame.js';
import { categoryOf, readEventIds } from './event-frame.js';
import { inGroups, KEY_MARKS } from './key-groups.js';
import { Recent } from './recent.js';
import { RowBatch } from './row-batch.js';
import { APPENDS_PER_MARK } from './schema.js';
import { type Database, type Row } from './sqlite.js';

interface Head {
  readonly stream: number;
  readonly category: number;
  revision: number;
  position: number;
  appends: number;
}

/**
 * Events as their only writer sees them. An append is one row that points back to the stream's row before it, so no
 * large index takes a random write per append; a stream's head is a short row of its own for the same reason.
 */
export class EventTable {
  readonly #heads = new Recent<string, Head>(131_072);
  /** Streams that were looked for and are not there, until the next flush. */
  readonly #absent = new Set<string>();
  readonly #categories = new Map<string, number>();
  readonly #newEvents: RowBatch;
  readonly #newHeads: RowBatch;
  readonly #sql;
  #last: number | undefined;

  constructor(readonly db: Database) {
    const head = 'SELECT s.name, s.id, s.category, h.revision, h.position, h.appends FROM stream s';
    this.#sql = {
      head: db.prepare(`${head} JOIN stream_head h ON h.stream = s.id WHERE s.name = ?`),
      heads: db.prepare(`${head} JOIN stream_head h ON h.stream = s.id WHERE s.name IN (${KEY_MARKS})`),
      category: db.prepare('INSERT INTO category (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id'),
      stream: db.prepare('INSERT INTO stream (category, name) VALUES (?, ?) RETURNING id'),
      mark: db.prepare('INSERT INTO stream_mark (stream, revision, position) VALUES (?, ?, ?)'),
      row: db.prepare('SELECT revision, events, previous, body FROM event WHERE position = ?'),
      last: db.prepare('SELECT position + events - 1 AS last FROM event ORDER BY position DESC LIMIT 1'),
    };
    this.#newHeads = new RowBatch(
      db,
      'INSERT INTO stream_head (stream, revision, position, appends)',
      4,
      `ON CONFLICT (stream) DO UPDATE SET
         revision = excluded.revision, position = excluded.position, appends = excluded.appends`,
    );
    this.#newEvents = new RowBatch(
      db,
      'INSERT INTO event (position, stream, category, revision, events, previous, body)',
      7,
    );
  }

  /** Position of the newest event, -1 if there is none. */
  get last(): number {
    return (this.#last ??= Number(this.#sql.last.get()?.['last'] ?? -1));
  }

  /** Why these appends cannot all be made in this order; nothing is written. */
  conflict(appends: readonly PackedAppend[]): WrongExpectedRevision | undefined {
    this.#load(appends);
    const moved = new Map<string, number>();
    for (const append of appends) {
      const revision = moved.get(append.stream) ?? this.#head(append.stream)?.revision ?? -1;
      if (revision !== append.expectedRevision) {
        if (!moved.has(append.stream) && this.#isRepeated(append)) continue;
        return new WrongExpectedRevision(append.stream, append.expectedRevision, revision);
      }
      moved.set(append.stream, revision + append.events);
    }
    return undefined;
  }

  /** Makes one append; the caller has seen that there is no conflict. One that is already there is done. */
  append(append: PackedAppend): void {
    if (append.events === 0) return;
    const known = this.#head(append.stream);
    if ((known?.revision ?? -1) !== append.expectedRevision) return;
    const head = known ?? this.#create(append.stream);
    const position = this.last + 1;
    const revision = append.expectedRevision + 1;
    this.#newEvents.add(position, head.stream, head.category, revision, append.events, head.position, append.body);
    if (head.appends > 0 && head.appends % APPENDS_PER_MARK === 0) this.#sql.mark.run(head.stream, revision, position);
    head.revision = append.expectedRevision + append.events;
    head.position = position;
    head.appends++;
    this.#newHeads.add(head.stream, head.revision, head.position, head.appends);
    this.#last = position + append.events - 1;
  }

  flush(): void {
    this.#newEvents.flush();
    this.#newHeads.flush();
    this.#absent.clear();
  }

  forget(): void {
    this.#heads.clear();
    this.#categories.clear();
    this.#absent.clear();
    this.#newEvents.forget();
    this.#newHeads.forget();
    this.#last = undefined;
  }

  #create(name: string): Head {
    const categoryName = categoryOf(name);
    let category = this.#categories.get(categoryName);
    if (category === undefined) {
      category = Number(this.#sql.category.get(categoryName)!['id']);
      this.#categories.set(categoryName, category);
    }
    const stream = Number(this.#sql.stream.get(category, name)!['id']);
    const head = { stream, category, revision: -1, position: -1, appends: 0 };
    this.#heads.set(name, head);
    this.#absent.delete(name);
    return head;
  }

  /** Brings many heads into memory at once. */
  #load(appends: readonly PackedAppend[]): void {
    const missing = appends.filter(({ stream }) => this.#heads.get(stream) === undefined).map(({ stream }) => stream);
    if (missing.length < 4) return;
    this.flush();
    for (const name of missing) this.#absent.add(name);
    for (const names of inGroups(missing))
      for (const row of this.#sql.heads.all(...names)) {
        this.#heads.set(String(row['name']), headIn(row));
        this.#absent.delete(String(row['name']));
      }
  }

  #head(name: string): Head | undefined {
    const known = this.#heads.get(name);
    if (known || this.#absent.has(name)) return known;
    this.flush();
    const row = this.#sql.head.get(name);
    if (!row) {
      this.#absent.add(name);
      return undefined;
    }
    const head = headIn(row);
    this.#heads.set(name, head);
    return head;
  }

  /** Whether the very events of an append stand where it would have put them. */
  #isRepeated(append: PackedAppend): boolean {
    const head = this.#head(append.stream);
    const first = append.expectedRevision + 1;
    if (!head || append.events === 0 || head.revision < append.expectedRevision + append.events) return false;
    this.flush();
    const stored: string[] = [];
    for (let position = head.position; position >= 0;) {
      const row = this.#sql.row.get(position)!;
      stored.unshift(...readEventIds(row['body'] as Uint8Array, Number(row['events'])));
      if (Number(row['revision']) <= first) {
        const skip = first - Number(row['revision']);
        return readEventIds(append.body, append.events).every((id, i) => stored[skip + i] === id);
      }
      position = Number(row['previous']);
    }
    return false;
  }
}

const headIn = (row: Row): Head => ({
  stream: Number(row['id']),
  category: Number(row['category']),
  revision: Number(row['revision']),
  position: Number(row['position']),
  appends: Number(row['appends']),
});
