import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import {
  type Component,
  type CustomerEvent,
  type Evidence,
  type IdentityRules,
  type RefusedLink,
  type Resolution,
  resolve,
  stands,
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
    const { component, mute } = walk.component(seed, done);
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
    for (const tie of component.evidence) this.evidence.push(tie);
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
  const round: Round = { set, answer, ids: [...answer.customers.keys()].sort(), rules: rules.version, now };
  const released = releases(round);
  return [
    ...released.flatMap((release) => [...courseLost(set, release), release]),
    ...links(round, comeByOne(released, answer)),
    ...refusals(round, named),
  ];
};

interface Round {
  readonly set: WorkingSet;
  readonly answer: Answer;
  /** The answer's customers, in the order in which they are told of. */
  readonly ids: readonly CustomerId[];
  /** Version of the rules that decided. */
  readonly rules: string;
  readonly now: Instant;
}

type DecidedRelease = Decided & { readonly event: Extract<CustomerEvent, { type: 'SubjectsReleased' }> };

const holderBefore = (set: WorkingSet, subject: SubjectId): CustomerId =>
  set.subject(subject)?.customer ?? customerNamedAfter(subject);

/** Of each customer that loses subjects to others: who is left, and who goes where. */
const releases = ({ set, answer: { customers, holderOf }, ids, rules, now }: Round): DecidedRelease[] => {
  const decisions: DecidedRelease[] = [];
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
    const subjects = (customers.get(id) ?? []).filter((subject) => holderBefore(set, subject) === id);
    decisions.push({
      customerId: id,
      event: { type: 'SubjectsReleased', customerId: id, subjects, released, at: now, rules },
    });
  }
  return decisions;
};

/**
 * Where a release leaves nobody who has a touchpoint, the customer stands no more and its course is gone. That is said, as a
 * course that is withdrawn whole: whoever folds courses from events cannot know who has touchpoints.
 */
const courseLost = (set: WorkingSet, { customerId, event }: DecidedRelease): Decided[] => {
  const customer = set.customer(customerId);
  const [first] = customer?.course ?? [];
  if (!customer || !first || customer.rules === null) return [];
  const gone = new Set(event.released.flatMap(({ subjects }) => subjects));
  const left = [...event.subjects, ...customer.subjects.filter((id) => !gone.has(id))];
  if (left.some((id) => hasTouchpoint(set, id))) return [];
  const { course, rules } = customer;
  return [
    {
      customerId,
      event: {
        type: 'CourseRevised',
        customerId,
        since: first.at,
        withdrawn: course.length,
        transitions: [],
        rules,
        because: [],
      },
    },
  ];
};

const hasTouchpoint = (set: WorkingSet, id: SubjectId): boolean => {
  const record = set.subject(id);
  return record !== undefined && stands(record);
};

/** Customers all of whose subjects come to them by one release: that tells of them, and no link need. */
const comeByOne = (released: readonly DecidedRelease[], { customers }: Answer): ReadonlySet<CustomerId> => {
  const explained = new Set<CustomerId>();
  for (const { event } of released)
    for (const { customerId, subjects } of event.released)
      if (customers.get(customerId)?.length === subjects.length) explained.add(customerId);
  return explained;
};

/** Of each customer that gains subjects, unless a release explains it: whom, from whom, and by what evidence. */
const links = (
  { set, answer: { customers, evidence: all }, ids, rules, now }: Round,
  explained: ReadonlySet<CustomerId>,
): Decided[] => {
  const tiesOf = bySubject(all);
  const decisions: Decided[] = [];
  for (const id of ids) {
    const subjects = customers.get(id) ?? [];
    // Of a customer that nobody stood for, only the subjects themselves say that they are its own: it begins again with
    // whoever is heard of first, and the others have to be told to it.
    const known = new Set(set.customer(id)?.subjects ?? subjects);
    const added = subjects.filter((subject) => holderBefore(set, subject) !== id || !known.has(subject));
    if (explained.has(id) || added.length === 0) continue;
    const absorbed = [...new Set(added.map((subject) => holderBefore(set, subject)))]
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
      event: { type: 'SubjectsLinked', customerId: id, subjects, added, absorbed, at, rules, evidence },
    });
  }
  return decisions;
};

/** Refused links, where a touchpoint has just named the pair: each is told once. */
const refusals = ({ set, answer: { holderOf, refused }, rules }: Round, named: ReadonlySet<string>): Decided[] => {
  const decisions: Decided[] = [];
  for (const [pair, refusal] of refused) {
    if (!named.has(pair)) continue;
    // Told on the side that has touchpoints of its own; an identifier that was only named has no story.
    const told = (set.subject(refusal.a)?.state.touchpoints ?? 0) > 0 ? refusal.a : refusal.b;
    const customerId = holderOf.get(told) ?? holderBefore(set, told);
    const { a, b, reason, type: identifierType, id: touchpoint, at } = refusal;
    decisions.push({
      customerId,
      event: { type: 'LinkRefused', customerId, a, b, reason, identifierType, touchpoint, at, rules },
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
