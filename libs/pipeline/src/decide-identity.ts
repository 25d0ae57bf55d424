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
  type Resolution,
  resolve,
  type SubjectRecord,
} from '@tributary/domain';
import { pairKey } from './projection.js';
import { type WorkingSet } from './working-set.js';

/** An event for the stream of a customer, not yet appended. */
export interface Decided {
  readonly customerId: CustomerId;
  readonly event: CustomerEvent;
}

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
  const resolved: { readonly component: Component; readonly resolution: Resolution }[] = [];
  for (const seed of seeds) {
    if (done.has(seed)) continue;
    const { component, mute } = walk.component(seed);
    for (const node of component.nodes) if (!mute.has(node.subject) || node.subject === seed) done.add(node.subject);
    resolved.push({ component, resolution: resolve(component, rules, mute) });
  }
  const customers = resolved
    .flatMap(({ resolution }) => resolution.customers)
    .flatMap(({ subjects }) => subjects.map((id) => set.subject(id)?.customer));
  await set.loadCustomers([
    ...(customers.filter((id) => id !== undefined) as CustomerId[]),
    ...resolved.flatMap(({ resolution }) => resolution.customers.map((customer) => customer.id)),
  ]);
  const decisions: Decided[] = [];
  for (const { component, resolution } of resolved)
    decisions.push(...difference(set, component, resolution, named, rules, now));
  return decisions;
};

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

/** What the resolution changes of what stands in the records, as events; nothing if nothing. */
const difference = (
  set: WorkingSet,
  component: Component,
  resolution: Resolution,
  named: ReadonlySet<string>,
  rules: IdentityRules,
  now: Instant,
): Decided[] => {
  const decisions: Decided[] = [];
  const standing = new Set(resolution.customers.map((customer) => customer.id));
  const holderOf = new Map<SubjectId, CustomerId>();
  for (const { id, subjects } of resolution.customers) for (const subject of subjects) holderOf.set(subject, id);
  const before = (subject: SubjectId): CustomerId => set.subject(subject)?.customer ?? customerNamedAfter(subject);

  const explained = new Set<CustomerId>();
  for (const { id, subjects } of resolution.customers) {
    const left = new Map<CustomerId, SubjectId[]>();
    for (const subject of set.customer(id)?.subjects ?? []) {
      const holder = holderOf.get(subject);
      if (holder !== undefined && holder !== id) left.set(holder, [...(left.get(holder) ?? []), subject]);
    }
    if (left.size === 0) continue;
    const released = [...left]
      .map(([customerId, members]) => ({ customerId, subjects: members.sort() }))
      .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    for (const group of released) {
      const whole = resolution.customers.find((customer) => customer.id === group.customerId);
      if (whole && whole.subjects.length === group.subjects.length) explained.add(group.customerId);
    }
    const kept = subjects.filter((subject) => before(subject) === id);
    decisions.push({
      customerId: id,
      event: { type: 'SubjectsReleased', customerId: id, subjects: kept, released, at: now, rules: rules.version },
    });
  }

  for (const { id, subjects } of resolution.customers) {
    if (explained.has(id)) continue;
    const added = subjects.filter((subject) => before(subject) !== id);
    if (added.length === 0) continue;
    const absorbed = [...new Set(added.map(before))]
      .filter((customer) => !standing.has(customer) && set.customer(customer) !== undefined)
      .sort();
    const members = new Set(subjects);
    const ties = component.evidence
      .filter((link) => members.has(link.a) && members.has(link.b))
      .sort((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1));
    decisions.push({
      customerId: id,
      event: {
        type: 'SubjectsLinked',
        customerId: id,
        subjects,
        added,
        absorbed,
        at: ties.length === 0 ? now : Math.max(...ties.map((link) => link.at)),
        rules: rules.version,
        evidence: ties.slice(-20).map((link) => link.id),
      },
    });
  }

  for (const refusal of resolution.refused) {
    if (!named.has(pairKey(refusal.a, refusal.b))) continue;
    const customerId = holderOf.get(refusal.a) ?? before(refusal.a);
    decisions.push({
      customerId,
      event: {
        type: 'LinkRefused',
        customerId,
        a: refusal.a,
        b: refusal.b,
        reason: refusal.reason,
        identifierType: refusal.type,
        touchpoint: refusal.id,
        at: refusal.at,
        rules: rules.version,
      },
    });
  }
  return decisions;
};
