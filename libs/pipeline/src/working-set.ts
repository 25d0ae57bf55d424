import {
  asText,
  type CustomerId,
  customerNamedAfter,
  type DocumentSaid,
  type DocumentStore,
  type DocumentWrite,
  type Instant,
  type SubjectId,
} from '@tributary/kernel';
import { Generations, type Remembered } from './generations.js';
import { type Census, recount, standingsOf } from './census.js';
import {
  activitySaid,
  type Calm,
  customerSaid,
  type HeldCustomer,
  type HeldSubject,
  subjectSaid,
} from './held-records.js';
import {
  type CustomerRecord,
  newCustomer,
  newSubject,
  parseCustomer,
  parseSubject,
  type SubjectRecord,
} from '@tributary/domain';

/** How many subjects stay in memory between batches. A record is some kilobytes. */
const REMEMBERED = 60_000;
/** Before anybody else who is due. */
const AT_ONCE = -1;
/** For each subject: some are of one customer. */
const CUSTOMERS = 2 / 3;

/**
 * The records that a batch reads and changes. Loads in bulk, keeps what was used lately, and answers what changed as
 * document writes. Records are changed in place: after a failed commit the whole set must be thrown away (`forget`).
 */
export class WorkingSet {
  readonly #documents: DocumentStore;
  readonly #subjects: Generations<HeldSubject>;
  readonly #customers: Generations<HeldCustomer>;
  /** Asked for last: a touchpoint asks for its subject some times over. */
  #lastSubject: HeldSubject | null = null;
  #touchedSubjects: HeldSubject[] = [];
  #touchedActivities: HeldSubject[] = [];
  /** Changed customers. */
  #touchedCustomers: HeldCustomer[] = [];
  /** Customers that want to be looked at at another time. */
  #retimed: HeldCustomer[] = [];

  constructor(documents: DocumentStore, rememberedSubjects = REMEMBERED) {
    this.#documents = documents;
    this.#subjects = new Generations(rememberedSubjects);
    this.#customers = new Generations(rememberedSubjects * CUSTOMERS);
  }

  async loadSubjects(ids: Iterable<SubjectId>): Promise<void> {
    const missing = absentFrom(this.#subjects, ids);
    if (missing.length === 0) return;
    const [subjects, activities] = await Promise.all([
      this.#documents.get('subject', missing),
      this.#documents.get('activity', missing),
    ]);
    missing.forEach((id, i) => {
      const [subject, activity] = [subjects[i], activities[i]];
      this.#subjects.set(id, {
        id,
        record: subject ? parseSubject(subject.body, activity?.body) : null,
        version: subject?.version ?? -1,
        activityVersion: activity?.version ?? -1,
        isTouched: false,
        isActive: false,
        used: 0,
      });
    });
  }

  async loadCustomers(ids: Iterable<CustomerId>): Promise<void> {
    const missing = absentFrom(this.#customers, ids);
    if (missing.length === 0) return;
    const found = await this.#documents.get('customer', missing);
    missing.forEach((id, i) => {
      const document = found[i];
      const record = document ? parseCustomer(document.body) : null;
      const version = document?.version ?? -1;
      this.#customers.set(id, {
        id,
        record,
        version,
        isTouched: false,
        isRetimed: false,
        counted: standingsOf(record),
        due: undefined,
        newDue: undefined,
        calm: null,
        used: 0,
      });
    });
  }

  #heldSubject(id: SubjectId): HeldSubject {
    if (this.#lastSubject?.id === id) return this.#lastSubject;
    const held = this.#subjects.get(id);
    if (held === undefined) throw new Error('subject was not loaded before it was asked for');
    return (this.#lastSubject = held);
  }

  #heldCustomer(id: CustomerId): HeldCustomer {
    const held = this.#customers.get(id);
    if (held === undefined) throw new Error('customer was not loaded before it was asked for');
    return held;
  }

  /** A loaded subject, if it is known. */
  subject(id: SubjectId): SubjectRecord | undefined {
    return this.#heldSubject(id).record ?? undefined;
  }

  subjectOrNew(id: SubjectId, type: string): SubjectRecord {
    const held = this.#heldSubject(id);
    return (held.record ??= newSubject(id, type, customerNamedAfter(id)));
  }

  /** A loaded customer, if it stands. */
  customer(id: CustomerId): CustomerRecord | undefined {
    return this.#heldCustomer(id).record ?? undefined;
  }

  customerOrNew(id: CustomerId, subjects: readonly SubjectId[]): CustomerRecord {
    const held = this.#heldCustomer(id);
    return (held.record ??= newCustomer(id, subjects));
  }

  /** Notes that how often and when the subject was active reflects the event at `position` now. */
  touchActivity(id: SubjectId, position: number): void {
    const held = this.#heldSubject(id);
    if (position > held.activityVersion) held.activityVersion = position;
    if (held.isActive) return;
    held.isActive = true;
    this.#touchedActivities.push(held);
  }

  /** Notes that all else of the subject reflects the event at `position` now. */
  touchSubject(id: SubjectId, position: number): void {
    const held = this.#heldSubject(id);
    if (position > held.version) held.version = position;
    if (held.isTouched) return;
    held.isTouched = true;
    this.#touchedSubjects.push(held);
  }

  touchCustomer(id: CustomerId, position: number): void {
    const held = this.#heldCustomer(id);
    // A new due time alone is written as a version of its own, which may be that of the very next event.
    const least = held.isTouched ? held.version : held.version + 1;
    held.version = Math.max(position, least);
    if (held.isTouched) return;
    held.isTouched = true;
    this.#touchedCustomers.push(held);
  }

  replaceSubject(record: SubjectRecord, position: number): void {
    this.#heldSubject(record.id).record = record;
    this.touchSubject(record.id, position);
    this.touchActivity(record.id, position);
  }

  /** Nothing is known of the subject any more, not even that it was named. */
  dropSubject(id: SubjectId, position: number): void {
    this.#heldSubject(id).record = null;
    this.touchSubject(id, position);
    this.touchActivity(id, position);
  }

  /** The customer stands no more; its namesake subject leads to who holds it now. */
  dropCustomer(id: CustomerId, position: number): void {
    const held = this.#heldCustomer(id);
    held.record = null;
    held.due = held.newDue = undefined;
    held.calm = null;
    this.touchCustomer(id, position);
  }

  /** `null` also of who is not in memory: nobody need have named whoever waited for what another's decision becomes. */
  calmOf(id: CustomerId): Calm | null {
    return this.#customers.get(id)?.calm ?? null;
  }

  calmKnown(id: CustomerId, calm: Calm | null): void {
    this.#heldCustomer(id).calm = calm;
  }

  /**
   * Notes when the customer's course could change next. It is written down only if that is earlier than what is written
   * already: a timer that rings early asks in vain and is set anew, which costs less than a write for each touchpoint.
   */
  courseKnown(id: CustomerId, next: Instant | null, calm: Calm | null): void {
    const held = this.#heldCustomer(id);
    held.calm = calm;
    if (held.due === undefined || held.due === AT_ONCE || (next !== null && (held.due === null || next < held.due)))
      this.#retime(held, next);
  }

  /**
   * It is not looked at before something comes back, which whoever goes on from what is written now may not know it to wait
   * for: they find it due at once. Whoever does know asks nobody who waits.
   */
  courseWaits(id: CustomerId): void {
    const held = this.#heldCustomer(id);
    if (held.record && held.due !== AT_ONCE) this.#retime(held, AT_ONCE);
  }

  /** As `courseKnown`, and written down in any case: the timer has rung. */
  courseAsked(id: CustomerId, next: Instant | null): void {
    const held = this.#heldCustomer(id);
    held.calm = null;
    this.#retime(held, next);
  }

  #retime(held: HeldCustomer, next: Instant | null): void {
    held.newDue = next;
    if (held.isRetimed) return;
    held.isRetimed = true;
    this.#retimed.push(held);
  }

  /**
   * What changed since the last `settled`, as writes; `position` is that of the last event of the batch. They are made one
   * by one, as they are asked for and before the set is changed again: together they would be a hundred megabytes of text.
   */
  *said(position: number): Iterable<DocumentSaid> {
    for (const held of this.#touchedSubjects) yield subjectSaid(held);
    for (const held of this.#touchedActivities) yield activitySaid(held);
    for (const held of this.#touchedCustomers) yield customerSaid(held);
    for (const held of this.#retimed) {
      if (held.isTouched || !held.record) continue;
      held.version = Math.max(held.version + 1, position);
      yield customerSaid(held);
    }
  }

  /** As `said`, each with a text of its own. */
  *writes(position: number): Iterable<DocumentWrite> {
    for (const said of this.said(position)) yield asText(said);
  }

  /** Moves the census by what changed since the last `settled`. */
  recountInto(census: Census): void {
    for (const { record, counted } of this.#touchedCustomers) recount(census, counted, standingsOf(record));
  }

  /**
   * The writes are on their way. Lets go of what has not been used for long: what is still on its way then, the next unit
   * must find here, so no more than one may be.
   */
  settled(): void {
    for (const held of this.#touchedSubjects) held.isTouched = false;
    for (const held of this.#touchedActivities) held.isActive = false;
    for (const held of this.#touchedCustomers) {
      held.isTouched = false;
      held.counted = standingsOf(held.record);
    }
    for (const held of this.#retimed) {
      held.isRetimed = false;
      held.due = held.newDue;
      held.newDue = undefined;
    }
    this.#untouch();
    this.#subjects.age();
    this.#customers.age();
  }

  /** Throws away all that is not durable, and all that is remembered. */
  forget(): void {
    this.#untouch();
    this.#subjects.clear();
    this.#customers.clear();
  }

  #untouch(): void {
    this.#touchedSubjects = [];
    this.#touchedActivities = [];
    this.#touchedCustomers = [];
    this.#retimed = [];
    this.#lastSubject = null;
  }
}

const absentFrom = <K extends string>(held: Generations<Remembered>, ids: Iterable<K>): K[] => {
  const absent = new Set<K>();
  for (const id of ids) if (held.get(id) === undefined) absent.add(id);
  return [...absent];
};
