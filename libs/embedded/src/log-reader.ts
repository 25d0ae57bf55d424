import { OFFSETS_PER_PARTITION } from './schema.js';
import { type Segment } from './segment.js';
import { type Database } from './sqlite.js';

export interface PartitionRow {
  readonly id: number;
  readonly number: number;
  readonly first: number;
  readonly next: number;
}

/** A read answers no more than this many bytes of segments, whatever number of records was asked for. */
const READ_BYTES = 96 * 2 ** 20;
const ROWS = 32;

export class LogReader {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      topic: db.prepare('SELECT id, number, first, next FROM log_partition WHERE topic = ? ORDER BY number'),
      partition: db.prepare('SELECT topic, number FROM log_partition WHERE id = ?'),
      next: db.prepare('SELECT next FROM log_partition WHERE id = ?'),
      holding: db.prepare('SELECT id, records FROM segment WHERE id >= ? AND id <= ? ORDER BY id DESC LIMIT 1'),
      sizes: db.prepare(
        `SELECT id, records, length(body) AS bytes FROM segment WHERE id >= ? AND id < ? ORDER BY id LIMIT ${ROWS}`,
      ),
      bodies: db.prepare('SELECT id, records, body FROM segment WHERE id BETWEEN ? AND ? ORDER BY id'),
      committed: db.prepare('SELECT next FROM group_offset WHERE consumers = ? AND log_partition = ?'),
    };
  }

  partitions(topic: string): PartitionRow[] {
    return this.#sql.topic.all(topic).map((row) => ({
      id: Number(row['id']),
      number: Number(row['number']),
      first: Number(row['first']),
      next: Number(row['next']),
    }));
  }

  end(partition: number): number {
    return Number(this.#sql.next.get(partition)?.['next'] ?? 0);
  }

  /** The segments that hold records from an offset on: at least one if there are any, and not many more than `max`. */
  segments(partition: number, from: number, max: number): Segment[] {
    const base = partition * OFFSETS_PER_PARTITION;
    const holding = this.#sql.holding.get(base, base + from);
    const held = holding && Number(holding['id']) + Number(holding['records']) > base + from;
    const first = held ? Number(holding['id']) : base + from;
    let last = -1;
    let bytes = 0;
    let records = held ? first - base - from : 0;
    for (let at = first; ;) {
      const rows = this.#sql.sizes.all(at, base + OFFSETS_PER_PARTITION);
      for (const row of rows) {
        if (last >= 0 && (records >= max || bytes + Number(row['bytes']) > READ_BYTES))
          return this.#bodies(base, first, last);
        last = Number(row['id']);
        records += Number(row['records']);
        bytes += Number(row['bytes']);
      }
      if (rows.length < ROWS) return last < 0 ? [] : this.#bodies(base, first, last);
      at = last + 1;
    }
  }

  committed(group: string, partition: number): number | undefined {
    const row = this.#sql.committed.get(group, partition);
    return row && Number(row['next']);
  }

  place(partition: number, offset: number): string | undefined {
    const row = this.#sql.partition.get(partition);
    return row && `${row['topic']}/${row['number']}/${offset}`;
  }

  #bodies(base: number, first: number, last: number): Segment[] {
    return this.#sql.bodies.all(first, last).map((row) => ({
      first: Number(row['id']) - base,
      records: Number(row['records']),
      body: row['body'] as Uint8Array,
    }));
  }
}
