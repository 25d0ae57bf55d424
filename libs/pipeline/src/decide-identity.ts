import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import {
  type Component,
  type CustomerEvent,
  type Evidence,
  type IdentityRules,
  type RefusedLink,
  type Resolution,
  resolve,
} from '@tributary/domain';
import { ComponentWalk } from './component-walk.js';
import { pairKey } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/** An event for the stream of a customer, not yet appended. */
export interface Decided {
  readonly customerId: CustomerId;
  readonly event: CustomerEvent;
}

const MAX_EVIDENCE = 20;

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
  const walk = new ComponentWalk(set, rules);
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
    // Of a customer that nobody stood for, only the subjects themselves say that they are its own: it begins again with
    // whoever is heard of first, and the others have to be told to it.
    const known = new Set(set.customer(id)?.subjects ?? subjects);
    const added = subjects.filter((subject) => before(subject) !== id || !known.has(subject));
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
