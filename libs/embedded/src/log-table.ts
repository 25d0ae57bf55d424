import { EngineError, type TopicSpec } from '@tributary/kernel';
import { type PackedChunk } from './effects-frame.js';
import { MAX_PARTITIONS, OFFSETS_PER_PARTITION } from './schema.js';
import { cutSegment, SEGMENT_BYTES } from './segment.js';
import { type Database } from './sqlite.js';

/** The log as its only writer sees it. Chunks of all callers of one group commit are joined into few large segments. */
export class LogTable {
  readonly #next = new Map<number, number>();
  readonly #staged = new Map<number, PackedChunk[]>();
  readonly #insert;
  readonly #advance;
  readonly #partition;
  readonly #commitOffset;

  constructor(readonly db: Database) {
    this.#insert = db.prepare('INSERT INTO segment (id, records, newest_ms, body) VALUES (?, ?, ?, ?)');
    this.#advance = db.prepare('UPDATE log_partition SET next = ? WHERE id = ?');
    this.#partition = db.prepare('SELECT first, next FROM log_partition WHERE id = ?');
    this.#commitOffset = db.prepare(
      `INSERT INTO group_offset (consumers, log_partition, next) VALUES (?, ?, ?)
       ON CONFLICT (consumers, log_partition) DO UPDATE SET next = excluded.next`,
    );
  }

  ensureTopics(topics: readonly TopicSpec[]): void {
    const known = this.db.prepare('SELECT 1 FROM topic WHERE name = ?');
    const topic = this.db.prepare('INSERT INTO topic (name, partitions, retention_ms, compacted) VALUES (?, ?, ?, ?)');
    const partition = this.db.prepare(
      'INSERT INTO log_partition (id, topic, number, first, next) VALUES (?, ?, ?, 0, 0)',
    );
    let last = Number(this.db.prepare('SELECT coalesce(max(id), 0) AS id FROM log_partition').get()!['id']);
    for (const spec of topics) {
      if (known.get(spec.name)) continue;
      if (!(Number.isInteger(spec.partitions) && spec.partitions > 0) || last + spec.partitions > MAX_PARTITIONS)
        throw new EngineError('embedded log', 'fatal', `topic ${spec.name} cannot have ${spec.partitions} partitions`);
      topic.run(spec.name, spec.partitions, spec.retention_ms ?? null, spec.compacted ? 1 : 0);
      for (let number = 0; number < spec.partitions; number++) partition.run(++last, spec.name, number);
    }
  }

  stage(chunk: PackedChunk): void {
    const staged = this.#staged.get(chunk.partition);
    if (staged) staged.push(chunk);
    else this.#staged.set(chunk.partition, [chunk]);
  }

  /** Writes what was staged and answers the new ends: partition, next offset, partition, next offset … */
  flush(): number[] {
    const ends: number[] = [];
    for (const [partition, chunks] of this.#staged) {
      let next = this.#next.get(partition) ?? this.#load(partition).next;
      for (let from = 0; from < chunks.length;) {
        let to = from;
        let bytes = 0;
        let records = 0;
        let newest_ms = -Infinity;
        while (to < chunks.length && (to === from || bytes + chunks[to]!.body.length <= SEGMENT_BYTES)) {
          const chunk = chunks[to++]!;
          bytes += chunk.body.length;
          records += chunk.records;
          newest_ms = Math.max(newest_ms, chunk.newest_ms);
        }
        const run = chunks.slice(from, to).map((chunk) => chunk.body);
        const body = run.length === 1 ? run[0]! : Buffer.concat(run, bytes);
        this.#insert.run(partition * OFFSETS_PER_PARTITION + next, records, newest_ms, body);
        next += records;
        from = to;
      }
      this.#advance.run(next, partition);
      this.#next.set(partition, next);
      ends.push(partition, next);
    }
    this.#staged.clear();
    return ends;
  }

  commitOffset(group: string, partition: number, next: number): void {
    this.#commitOffset.run(group, partition, next);
  }

  /** Drops what lies before an offset; the segment that straddles it is rewritten. */
  truncate(partition: number, before: number): void {
    const { first, next } = this.#load(partition);
    const cut = Math.min(before, next);
    if (cut <= first) return;
    const base = partition * OFFSETS_PER_PARTITION;
    const last = this.db
      .prepare('SELECT id, records, newest_ms, body FROM segment WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1')
      .get(base, base + cut);
    this.db.prepare('DELETE FROM segment WHERE id >= ? AND id < ?').run(base, base + cut);
    if (last) {
      const begin = Number(last['id']) - base;
      const records = Number(last['records']);
      if (begin + records > cut) {
        const kept = cutSegment({ first: begin, records, body: last['body'] as Uint8Array }, cut);
        this.#insert.run(base + cut, kept.records, last['newest_ms']!, kept.body);
      }
    }
    this.db.prepare('UPDATE log_partition SET first = ? WHERE id = ?').run(cut, partition);
  }

  /**
   * Drops whole segments whose newest record is older than the topic keeps; answers how many records. What a consumer
   * group has not come to yet is kept, however old: it was accepted, and has had no effect.
   */
  expire(now_ms: number): number {
    const partitions = this.db
      .prepare(
        `SELECT p.id, p.first, p.next, t.retention_ms FROM log_partition p JOIN topic t ON t.name = p.topic
         WHERE t.retention_ms IS NOT NULL AND p.next > p.first`,
      )
      .all();
    const kept = this.db.prepare(
      'SELECT id FROM segment WHERE id >= ? AND id < ? AND newest_ms >= ? ORDER BY id LIMIT 1',
    );
    const slowest = this.db.prepare('SELECT min(next) AS next FROM group_offset WHERE log_partition = ?');
    let dropped = 0;
    for (const row of partitions) {
      const id = Number(row['id']);
      const base = id * OFFSETS_PER_PARTITION;
      const oldest = kept.get(base, base + OFFSETS_PER_PARTITION, now_ms - Number(row['retention_ms']));
      const read = slowest.get(id)?.['next'] ?? Infinity;
      const cut = Math.min(oldest ? Number(oldest['id']) - base : Number(row['next']), Number(read));
      if (cut <= Number(row['first'])) continue;
      dropped += cut - Number(row['first']);
      this.truncate(id, cut);
    }
    return dropped;
  }

  /** After a rollback nothing that was remembered holds. */
  forget(): void {
    this.#next.clear();
    this.#staged.clear();
  }

  #load(partition: number): { first: number; next: number } {
    const row = this.#partition.get(partition);
    if (!row) throw new EngineError('embedded log', 'fatal', `no partition ${partition}`);
    return { first: Number(row['first']), next: Number(row['next']) };
  }
}
