import {
  type CustomerId,
  customerNamedAfter,
  type DocumentKind,
  type DocumentStore,
  type DocumentWrite,
  type Instant,
  type SubjectId,
} from '@tributary/kernel';
import { type Census, recount, type Standings, standingsOf } from './census.js';
import {
  type CustomerRecord,
  newCustomer,
  newSubject,
  parseCustomer,
  parseSubject,
  recordText,
  type SubjectRecord,
} from '@tributary/domain';

interface Held<R> {
  readonly record: R;
  version: number;
}

/** What need not be asked again of a customer while only behaviour comes, in order: see `decideCourse`. */
export interface Calm {
  /** The customer's last touchpoint so far. */
  readonly last: Instant;
  /** Before this instant, no touchpoint without an order can change a stage or tier. */
  readonly until: Instant;
}

/** How many records of a kind stay in memory between batches. A record is some kilobytes. */
export interface WorkingSetBounds {
  readonly subjects: number;
  readonly customers: number;
}

/**
 * The records that a batch reads and changes. Loads in bulk, keeps what was used lately, and answers what changed as
 * document writes. Records are changed in place: after a failed commit the whole set must be thrown away (`forget`).
 */
export class WorkingSet {
  readonly #documents: DocumentStore;
  readonly #bounds: WorkingSetBounds;
  readonly #subjects = new Map<string, Held<SubjectRecord> | null>();
  readonly #customers = new Map<string, Held<CustomerRecord> | null>();
  readonly #dirtySubjects = new Set<string>();
  readonly #droppedSubjects = new Map<string, number>();
  readonly #dirtyCustomers = new Map<string, number>();
  /** When the customers in memory want to be looked at again, as far as it is written down. */
  readonly #due = new Map<string, Instant | null>();
  readonly #newDue = new Map<string, Instant | null>();
  readonly #calm = new Map<string, Calm>();
  /** Where the customers in memory stood when the last batch was settled: what the census counted. */
  readonly #counted = new Map<string, Standings | null>();

  constructor(documents: DocumentStore, bounds: WorkingSetBounds) {
    this.#documents = documents;
    this.#bounds = bounds;
  }

  async loadSubjects(ids: Iterable<SubjectId>): Promise<void> {
    await this.#load('subject', this.#subjects, ids, parseSubject);
  }

  async loadCustomers(ids: Iterable<CustomerId>): Promise<void> {
    for (const [id, record] of await this.#load('customer', this.#customers, ids, parseCustomer))
      this.#counted.set(id, standingsOf(record));
  }

  async #load<R>(
    kind: DocumentKind,
    into: Map<string, Held<R> | null>,
    ids: Iterable<string>,
    parse: (body: string) => R,
  ): Promise<readonly (readonly [string, R])[]> {
    const missing: string[] = [];
    for (const id of ids) {
      const held = into.get(id);
      if (held === undefined) {
        missing.push(id);
        into.set(id, null);
      } else {
        // Moves to the young end: what this batch uses is the last to be let go.
        into.delete(id);
        into.set(id, held);
      }
    }
    if (missing.length === 0) return [];
    const found = await this.#documents.get(kind, missing);
    const loaded: (readonly [string, R])[] = [];
    for (let i = 0; i < missing.length; i++) {
      const document = found[i];
      if (!document) continue;
      const id = missing[i] as string;
      const record = parse(document.body);
      into.set(id, { record, version: document.version });
      loaded.push([id, record]);
    }
    return loaded;
  }

  /** A loaded subject, if it is known. */
  subject(id: SubjectId): SubjectRecord | undefined {
    const held = this.#subjects.get(id);
    if (held === undefined) throw new Error('subject was not loaded before it was asked for');
    return held?.record;
  }

  subjectOrNew(id: SubjectId, type: string): SubjectRecord {
    const known = this.subject(id);
    if (known) return known;
    const record = newSubject(id, type, customerNamedAfter(id));
    this.#subjects.set(id, { record, version: -1 });
    return record;
  }

  customer(id: CustomerId): CustomerRecord | undefined {
    const held = this.#customers.get(id);
    if (held === undefined) throw new Error('customer was not loaded before it was asked for');
    return held?.record;
  }

  customerOrNew(id: CustomerId, subjects: readonly SubjectId[]): CustomerRecord {
    const known = this.customer(id);
    if (known) return known;
    const record = newCustomer(id, subjects);
    this.#customers.set(id, { record, version: -1 });
    return record;
  }

  /** Notes that the subject reflects the event at `position` now. */
  touchSubject(id: SubjectId, position: number): void {
    const held = this.#subjects.get(id);
    if (!held) throw new Error('a subject that does not exist was touched');
    if (position > held.version) held.version = position;
    this.#dirtySubjects.add(id);
  }

  touchCustomer(id: CustomerId, position: number): void {
    const held = this.#customers.get(id);
    if (held === undefined) throw new Error('customer was not loaded before it was touched');
    if (held && position > held.version) held.version = position;
    this.#dirtyCustomers.set(id, Math.max(position, this.#dirtyCustomers.get(id) ?? -1));
  }

  /** The customer stands no more; its namesake subject leads to who holds it now. */
  dropCustomer(id: CustomerId, position: number): void {
    this.#customers.set(id, null);
    this.#calm.delete(id);
    this.#due.delete(id);
    this.#newDue.delete(id);
    this.#dirtyCustomers.set(id, Math.max(position, this.#dirtyCustomers.get(id) ?? -1));
  }

  replaceSubject(record: SubjectRecord, position: number): void {
    this.#subjects.set(record.id, { record, version: position });
    this.#dirtySubjects.add(record.id);
  }

  calmOf(id: CustomerId): Calm | undefined {
    return this.#calm.get(id);
  }

  /**
   * Notes when the customer's course could change next. It is written down only if that is earlier than what is written
   * already: a timer that rings early asks in vain and is set anew, which costs less than a write for each touchpoint.
   */
  courseKnown(id: CustomerId, next: Instant | null, calm: Calm | null): void {
    if (calm) this.#calm.set(id, calm);
    else this.#calm.delete(id);
    const written = this.#due.get(id);
    if (written === undefined || (next !== null && (written === null || next < written))) this.#newDue.set(id, next);
  }

  stillCalm(id: CustomerId, calm: Calm): void {
    this.#calm.set(id, calm);
  }

  /** As `courseKnown`, and written down in any case: the timer has rung. */
  courseAsked(id: CustomerId, next: Instant | null): void {
    this.#calm.delete(id);
    this.#newDue.set(id, next);
  }

  /** Nothing is known of the subject any more, not even that it was named. */
  dropSubject(id: SubjectId, position: number): void {
    this.#subjects.set(id, null);
    this.#droppedSubjects.set(id, position);
    this.#dirtySubjects.delete(id);
  }

  get dirtyCustomers(): Iterable<CustomerId> {
    return this.#dirtyCustomers.keys() as Iterable<CustomerId>;
  }

  /** What changed since the last `settled`, as writes; `position` is that of the last event of the batch. */
  writes(position: number): DocumentWrite[] {
    const writes: DocumentWrite[] = [];
    for (const id of this.#dirtySubjects) {
      const held = this.#subjects.get(id);
      if (held) writes.push({ kind: 'subject', key: id, version: held.version, body: recordText(held.record) });
    }
    for (const [key, version] of this.#droppedSubjects)
      if (!this.#subjects.get(key)) writes.push({ kind: 'subject', key, version, body: null });
    for (const [id, touched] of this.#dirtyCustomers) {
      const held = this.#customers.get(id);
      if (held) writes.push(this.#customerWrite(id, held));
      else writes.push({ kind: 'customer', key: id, version: touched, body: null });
    }
    for (const id of this.#newDue.keys()) {
      const held = this.#customers.get(id);
      if (!held || this.#dirtyCustomers.has(id)) continue;
      held.version = Math.max(held.version + 1, position);
      writes.push(this.#customerWrite(id, held));
    }
    return writes;
  }

  #customerWrite(id: string, held: Held<CustomerRecord>): DocumentWrite {
    const due_ms = (this.#newDue.has(id) ? this.#newDue : this.#due).get(id) ?? null;
    return { kind: 'customer', key: id, version: held.version, body: recordText(held.record), due_ms };
  }

  /** Moves the census by what changed since the last `settled`. */
  recountInto(census: Census): void {
    for (const id of this.#dirtyCustomers.keys())
      recount(census, this.#counted.get(id) ?? null, standingsOf(this.#customers.get(id)?.record));
  }

  /** The writes are durable: lets go of the oldest records beyond the bounds. */
  settled(): void {
    for (const id of this.#dirtyCustomers.keys()) this.#counted.set(id, standingsOf(this.#customers.get(id)?.record));
    for (const [id, due] of this.#newDue) this.#due.set(id, due);
    this.#newDue.clear();
    this.#dirtySubjects.clear();
    this.#droppedSubjects.clear();
    this.#dirtyCustomers.clear();
    trim(this.#subjects, this.#bounds.subjects);
    for (const id of trim(this.#customers, this.#bounds.customers)) {
      this.#counted.delete(id);
      this.#due.delete(id);
      this.#calm.delete(id);
    }
  }

  forget(): void {
    this.#dirtySubjects.clear();
    this.#droppedSubjects.clear();
    this.#dirtyCustomers.clear();
    this.#subjects.clear();
    this.#customers.clear();
    this.#counted.clear();
    this.#due.clear();
    this.#newDue.clear();
    this.#calm.clear();
  }
}

const trim = (map: Map<string, unknown>, bound: number): string[] => {
  const gone: string[] = [];
  let excess = map.size - bound;
  for (const key of map.keys()) {
    if (excess-- <= 0) break;
    map.delete(key);
    gone.push(key);
  }
  return gone;
};
