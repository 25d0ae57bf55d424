import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import {
  type Component,
  connects,
  type CustomerEvent,
  type Evidence,
  firstSeenOf,
  type IdentityRules,
  isBlocked,
  type ManualLink,
  type RefusedLink,
  type Resolution,
  resolve,
  type SubjectRecord,
} from '@tributary/domain';
import { pairKey } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/** An event for the stream of a customer, not yet appended. */
export interface Decided {
  readonly customerId: CustomerId;
  readonly event: CustomerEvent;
}

const MAX_EVIDENCE = 20;
/** More than this is no person: the walk stops, and what lies beyond keeps its customers. */
const COMPONENT_BOUND = 10_000;

/**
 * Decides anew who is one customer, for the connected components of the subjects whose ties changed, and answers what
 * changed as events. Only those components are read; `resolve` does the thinking.
 */
export const decideIdentity = async (
  set: WorkingSet,
  rewired: ReadonlySet<SubjectId>,
  named: ReadonlySet<string>,
  rules: IdentityRules,
  now: Instant,
): Promise<Decided[]> => {
  const walk = new Walk(set, rules);
  const seeds = await walk.load(rewired);
  const done = new Set<SubjectId>();
  const answer = new Answer();
  for (const seed of seeds) {
    if (done.has(seed)) continue;
    const { component, mute } = walk.component(seed);
    for (const node of component.nodes) if (!mute.has(node.subject) || node.subject === seed) done.add(node.subject);
    answer.add(component, resolve(component, rules, mute));
  }
  // A customer may be left without a holding: of what joins strangers, each component says whose it is.
  await set.loadCustomers(answer.customers.keys());
  await set.loadCustomers(
    [...answer.holderOf].flatMap(([subject, holder]) => [holder, set.subject(subject)?.customer ?? holder]),
  );
  return difference(set, answer, named, rules, now);
};

/**
 * What the components of one round say together. An identifier that joins strangers is a leaf of several of them, and
 * is the same customer in each.
 */
class Answer {
  readonly customers = new Map<CustomerId, readonly SubjectId[]>();
  readonly holderOf = new Map<SubjectId, CustomerId>();
  readonly evidence: Evidence[] = [];
  readonly refused = new Map<string, RefusedLink>();

  add(component: Component, { customers, refused }: Resolution): void {
    for (const { id, subjects } of customers) {
      this.customers.set(id, subjects);
      for (const subject of subjects) this.holderOf.set(subject, id);
    }
    this.evidence.push(...component.evidence);
    for (const link of refused) this.refused.set(pairKey(link.a, link.b), link);
  }
}

/** Gathers what ties subjects together, directly or not, without following identifiers that join strangers. */
class Walk {
  readonly #set: WorkingSet;
  readonly #rules: IdentityRules;

  constructor(set: WorkingSet, rules: IdentityRules) {
    this.#set = set;
    this.#rules = rules;
  }

  #connects(record: SubjectRecord): boolean {
    const own = this.#rules.types[record.type]?.priority ?? Infinity;
    let strongerOthers = 0;
    for (const [other, { type }] of record.links)
      if ((this.#rules.types[type]?.priority ?? Infinity) < own && !isBlocked(other as SubjectId, type, this.#rules))
        strongerOthers += 1;
    return connects(record.id, record.type, strongerOthers, this.#rules);
  }

  #neighbours(record: SubjectRecord): SubjectId[] {
    const next: SubjectId[] = this.#connects(record) ? record.links.map(([other]) => other as SubjectId) : [];
    for (const { a, b } of record.manual) next.push(a === record.id ? b : a);
    return next;
  }

  /** Loads everything that the seeds reach, level by level, and answers the seeds that must be decided from. */
  async load(rewired: ReadonlySet<SubjectId>): Promise<ReadonlySet<SubjectId>> {
    await this.#set.loadSubjects(rewired);
    const seeds = new Set(rewired);
    for (const id of rewired) {
      const record = this.#set.subject(id);
      // One that joins strangers since now: each of those whom it held together must be decided without it.
      if (record && !this.#connects(record)) {
        const others = record.links.map(([other]) => other as SubjectId);
        await this.#set.loadSubjects(others);
        for (const other of others) if (this.#set.subject(other)?.customer === record.customer) seeds.add(other);
      }
    }
    const seen = new Set(seeds);
    let level: Iterable<SubjectId> = seeds;
    for (;;) {
      const next = new Set<SubjectId>();
      for (const id of level) {
        const record = this.#set.subject(id);
        if (record) for (const other of this.#neighbours(record)) if (!seen.has(other)) next.add(other);
      }
      if (next.size === 0) return seeds;
      for (const id of next) seen.add(id);
      await this.#set.loadSubjects(next);
      level = next;
    }
  }

  component(seed: SubjectId): { component: Component; mute: ReadonlySet<SubjectId> } {
    const mute = new Set<SubjectId>();
    const members = new Map<SubjectId, SubjectRecord>();
    const queue: SubjectId[] = [seed];
    for (let i = 0; i < queue.length && members.size < COMPONENT_BOUND; i++) {
      const id = queue[i] as SubjectId;
      if (members.has(id)) continue;
      const record = this.#set.subject(id);
      if (!record) continue;
      members.set(id, record);
      if (!this.#connects(record)) mute.add(id);
      queue.push(...this.#neighbours(record));
    }
    const evidence: Evidence[] = [];
    const manual = new Map<string, ManualLink>();
    for (const [a, record] of members) {
      for (const [other, link] of record.links) {
        const b = other as SubjectId;
        if (a < b && members.has(b)) evidence.push({ a, b, at: link.at, id: link.id });
      }
      for (const link of record.manual)
        if (members.has(link.a) && members.has(link.b)) manual.set(`${link.id}|${pairKey(link.a, link.b)}`, link);
    }
    const nodes = [...members.values()].map((record) => ({
      subject: record.id,
      type: record.type,
      firstSeen: firstSeenOf(record),
    }));
    return { component: { nodes, evidence, manual: [...manual.values()] }, mute };
  }
}

/** What the answer changes of what stands in the records, as events; nothing if nothing. Releases first, then links. */
const difference = (
  set: WorkingSet,
  answer: Answer,
  named: ReadonlySet<string>,
  rules: IdentityRules,
  now: Instant,
): Decided[] => {
  const { customers, holderOf } = answer;
  const tiesOf = bySubject(answer.evidence);
  const decisions: Decided[] = [];
  const before = (subject: SubjectId): CustomerId => set.subject(subject)?.customer ?? customerNamedAfter(subject);
  const ids = [...customers.keys()].sort();

  const explained = new Set<CustomerId>();
  for (const id of ids) {
    const left = new Map<CustomerId, SubjectId[]>();
    for (const subject of set.customer(id)?.subjects ?? []) {
      const holder = holderOf.get(subject);
      if (holder !== undefined && holder !== id) left.set(holder, [...(left.get(holder) ?? []), subject]);
    }
    if (left.size === 0) continue;
    const released = [...left]
      .map(([customerId, members]) => ({ customerId, subjects: members.sort() }))
      .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    for (const group of released)
      if (customers.get(group.customerId)?.length === group.subjects.length) explained.add(group.customerId);
    const subjects = (customers.get(id) ?? []).filter((subject) => before(subject) === id);
    decisions.push({
      customerId: id,
      event: { type: 'SubjectsReleased', customerId: id, subjects, released, at: now, rules: rules.version },
    });
  }

  for (const id of ids) {
    const subjects = customers.get(id) ?? [];
    const added = subjects.filter((subject) => before(subject) !== id);
    if (explained.has(id) || added.length === 0) continue;
    const absorbed = [...new Set(added.map(before))]
      .filter((customer) => !customers.has(customer) && set.customer(customer) !== undefined)
      .sort();
    const members = new Set(subjects);
    const ties = [...new Set(added.flatMap((subject) => tiesOf.get(subject) ?? []))]
      .filter(({ a, b }) => members.has(a) && members.has(b))
      .sort((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1));
    const at = ties[ties.length - 1]?.at ?? now;
    const evidence = [...new Set(ties.map((link) => link.id))].slice(-MAX_EVIDENCE);
    decisions.push({
      customerId: id,
      event: { type: 'SubjectsLinked', customerId: id, subjects, added, absorbed, at, rules: rules.version, evidence },
    });
  }

  for (const [pair, refusal] of answer.refused) {
    if (!named.has(pair)) continue;
    // Told on the side that has touchpoints of its own; an identifier that was only named has no story.
    const told = (set.subject(refusal.a)?.state.touchpoints ?? 0) > 0 ? refusal.a : refusal.b;
    const customerId = holderOf.get(told) ?? before(told);
    const { a, b, reason, type: identifierType, id: touchpoint, at } = refusal;
    decisions.push({
      customerId,
      event: { type: 'LinkRefused', customerId, a, b, reason, identifierType, touchpoint, at, rules: rules.version },
    });
  }
  return decisions;
};

const bySubject = (evidence: readonly Evidence[]): ReadonlyMap<SubjectId, readonly Evidence[]> => {
  const ties = new Map<SubjectId, Evidence[]>();
  const add = (subject: SubjectId, tie: Evidence): void => {
    const known = ties.get(subject);
    if (known) known.push(tie);
    else ties.set(subject, [tie]);
  };
  for (const tie of evidence) {
    add(tie.a, tie);
    add(tie.b, tie);
  }
  return ties;
};
