import { WrongExpectedRevision, type DocumentKind, type TopicSpec } from '@tributary/kernel';
import { DocumentTable } from './document-table.js';
import { unpackEffects, type PackedEffects } from './effects-frame.js';
import { EventTable } from './event-table.js';
import { LogTable } from './log-table.js';
import { SeenTable } from './seen-table.js';
import { type Database } from './sqlite.js';
import { truncateWal } from './truncate-wal.js';

export interface WriteJob {
  readonly frame: Uint8Array;
  /** Each append of events stands alone (the event store's port); else all of the frame or nothing. */
  readonly independent: boolean;
}

export interface GroupOutcome {
  /** One for each job: what it was refused with, if it was. */
  readonly refusals: readonly (unknown | undefined)[];
  /** Partition, next offset, partition, next offset … of what the log got. */
  readonly ends: readonly number[];
  readonly head: number;
}

/** Everything that writes to `tributary.db`, on whichever thread it is called; one transaction per call. */
export class StoreWriter {
  readonly log: LogTable;
  readonly events: EventTable;
  readonly documents: DocumentTable;
  readonly seen: SeenTable;
  readonly #begin;
  readonly #commit;
  #truncating: Promise<void> | undefined;

  constructor(readonly db: Database) {
    this.log = new LogTable(db);
    this.events = new EventTable(db);
    this.documents = new DocumentTable(db);
    this.seen = new SeenTable(db);
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
  }

  /** One transaction for all of the group. A refused job changes nothing; a failing one takes the group with it. */
  group(jobs: readonly WriteJob[]): GroupOutcome {
    return this.#transaction(() => {
      const refusals = jobs.map((job) => this.#apply(unpackEffects(job.frame), job.independent));
      this.events.flush();
      this.documents.flush();
      this.seen.flush();
      return { refusals, ends: this.log.flush(), head: this.events.last };
    });
  }

  ensureTopics(topics: readonly TopicSpec[]): void {
    this.#transaction(() => this.log.ensureTopics(topics));
  }

  async truncate(partition: number, before: number): Promise<void> {
    this.#transaction(() => this.log.truncate(partition, before));
    await this.scrub();
  }

  async expire(now_ms: number): Promise<number> {
    const dropped = this.#transaction(() => this.log.expire(now_ms));
    if (dropped > 0) await this.scrub();
    return dropped;
  }

  replace(frame: Uint8Array): void {
    this.#transaction(() => {
      for (const document of unpackEffects(frame).documents) this.documents.replace(document);
    });
  }

  clear(kind: DocumentKind): void {
    this.#transaction(() => this.documents.clear(kind));
  }

  /** What was deleted or overwritten is gone from the database file, and from its write-ahead log, when this resolves. */
  async scrub(): Promise<void> {
    this.db.exec('PRAGMA incremental_vacuum');
    // One that is under way takes along all that was written until it is done.
    this.#truncating ??= truncateWal(this.db).finally(() => (this.#truncating = undefined));
    await this.#truncating;
  }

  #apply(effects: PackedEffects, independent: boolean): unknown | undefined {
    const { expectedHead } = effects;
    if (expectedHead !== undefined && expectedHead !== this.events.last)
      return new WrongExpectedRevision('$all', expectedHead, this.events.last);
    if (independent) {
      let refusal: unknown;
      for (const append of effects.appends) {
        const conflict = this.events.conflict([append]);
        if (conflict) refusal ??= conflict;
        else this.events.append(append);
      }
      return refusal;
    }
    const conflict = this.events.conflict(effects.appends);
    if (conflict) return conflict;
    for (const append of effects.appends) this.events.append(append);
    for (const document of effects.documents) this.documents.put(document);
    for (const mark of effects.seen) this.seen.stage(mark.key, mark.place);
    for (const chunk of effects.chunks) this.log.stage(chunk);
    for (const offset of effects.offsets) this.log.commitOffset(offset.group, offset.partition, offset.next);
    return undefined;
  }

  #transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (failure) {
      // A full disk makes SQLite roll back by itself.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      this.log.forget();
      this.events.forget();
      this.documents.forget();
      this.seen.forget();
      throw failure;
    }
  }
}
