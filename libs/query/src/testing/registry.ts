import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import {
  type AnyTouchpoint,
  type BehaviourTally,
  deleteIn,
  firstSeenOf,
  foldFact,
  foldIdentifiers,
  foldTally,
  type IdentityNode,
  type ManualLink,
  newSubject,
  resolve,
  setIn,
  speaking,
  type SubjectRecord,
  type SubjectState,
  valueIn,
} from '@tributary/domain';
import { identityRules } from './rules.js';

/** An identifier that a touchpoint names, when, and by which event. */
export interface Naming {
  readonly subject: SubjectId;
  readonly type: string;
  readonly value: string;
  readonly at: Instant;
  readonly id: string;
  readonly known: Instant;
}

/** The records of all subjects, and who is one customer: answered from all of them, whenever it is asked. */
export class Registry {
  readonly #subjects = new Map<SubjectId, SubjectRecord>();

  get records(): Iterable<SubjectRecord> {
    return this.#subjects.values();
  }

  subject(id: SubjectId, type = 'unknown'): SubjectRecord {
    let record = this.#subjects.get(id);
    if (!record) this.#subjects.set(id, (record = newSubject(id, type, customerNamedAfter(id))));
    if (record.type === 'unknown') record.type = type;
    return record;
  }

  /** States of those among the subjects that have touchpoints. */
  statesOf(subjects: readonly SubjectId[]): SubjectState[] {
    return subjects
      .flatMap((subject) => this.#subjects.get(subject)?.state ?? [])
      .filter((state) => state.touchpoints > 0);
  }

  fact(subject: SubjectId, touchpoint: AnyTouchpoint, id: string): void {
    const { identifiers, occurredAt: at, receivedAt: known } = touchpoint;
    const record = this.subject(subject, identifiers[0]?.type);
    foldFact(speaking(record), touchpoint, id);
    for (const identifier of identifiers) this.#link(record, { ...identifier, at, id, known });
  }

  behaviour(subject: SubjectId, tallies: readonly BehaviourTally[], namings: readonly Naming[]): void {
    const record = this.subject(subject, namings.find((naming) => naming.subject === subject)?.type);
    const state = speaking(record);
    for (const tally of tallies) foldTally(state, tally);
    for (const naming of namings) {
      foldIdentifiers(state, [naming], naming.at);
      this.#link(record, naming);
    }
  }

  /** What somebody said of two by hand. */
  manual(link: ManualLink): void {
    for (const end of [link.a, link.b]) this.subject(end).manual.push(link);
  }

  /** `revision`: of the event that says so. */
  erase(subject: SubjectId, revision: number): void {
    const record = this.#subjects.get(subject);
    for (const [other] of record?.links ?? []) {
      const neighbour = this.#subjects.get(other as SubjectId);
      if (!neighbour) continue;
      deleteIn(neighbour.links, subject);
      deleteIn(neighbour.state.identifiers, subject);
    }
    for (const { a, b } of record?.manual ?? []) {
      const neighbour = this.#subjects.get(a === subject ? b : a);
      if (neighbour) neighbour.manual = neighbour.manual.filter((link) => link.a !== subject && link.b !== subject);
    }
    const blank = newSubject(subject, record?.type ?? 'unknown', customerNamedAfter(subject));
    this.#subjects.set(subject, { ...blank, revision });
  }

  /** Who is one customer; each subject's record says so from now on. */
  resolve(): readonly { readonly id: CustomerId; readonly subjects: readonly SubjectId[] }[] {
    const nodes: IdentityNode[] = [];
    const evidence = [];
    const manual = new Map<string, ManualLink>();
    for (const [a, record] of this.#subjects) {
      nodes.push({ subject: a, type: record.type, firstSeen: firstSeenOf(record) });
      for (const [b, { at, id }] of record.links) if (a < b) evidence.push({ a, b: b as SubjectId, at, id });
      for (const link of record.manual) manual.set(link.id, link);
    }
    const { customers } = resolve({ nodes, evidence, manual: [...manual.values()] }, identityRules);
    for (const { id, subjects } of customers) for (const subject of subjects) this.subject(subject).customer = id;
    return customers;
  }

  /** Keeps the earliest naming of a pair, on both sides. */
  #link(a: SubjectRecord, { subject, type, at, id, known }: Naming): void {
    if (subject === a.id) return;
    const b = this.subject(subject, type);
    const before = valueIn(a.links, b.id);
    if (before && (before.at < at || (before.at === at && before.id <= id))) return;
    setIn(a.links, b.id, { at, id, known, type: b.type });
    setIn(b.links, a.id, { at, id, known, type: a.type });
  }
}
