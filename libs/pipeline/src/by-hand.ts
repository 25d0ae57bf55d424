import {
  type CustomerRecord,
  firstSeenOf,
  type IdentityRules,
  isBlocked,
  type ManualLink,
  resolve,
  type SubjectRecord,
} from '@tributary/domain';
import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
import { componentOf, recordConnects } from './component-walk.js';
import { pairKey } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/*
 * Of which subjects somebody's word on two customers is kept. A merge is kept of whom the two are called after: whoever takes
 * it back names them so. What is taken apart is kept apart by who most surely is the person, too: that word must outlive the
 * evidence of its day, such as a phone that turns out to be another's.
 */

type Subjects = Pick<WorkingSet, 'subject'>;
/** What a word is said of. */
export type Pair = Pick<ManualLink, 'a' | 'b'>;

/** Of these subjects the one of the strongest type; of several the one seen first, then the smaller. Blocked ones come last. */
const surest = (ids: Iterable<SubjectId>, set: Subjects, rules: IdentityRules): SubjectId => {
  const [first] = [...ids]
    .map((id) => {
      const record = set.subject(id);
      const weak = record === undefined || isBlocked(id, record.type, rules);
      const strength = weak ? Infinity : (rules.types[record.type]?.priority ?? Infinity);
      return { id, strength, seen: record ? firstSeenOf(record) : Infinity };
    })
    .sort((a, b) => compare(a.strength, b.strength) || compare(a.seen, b.seen) || (a.id < b.id ? -1 : 1));
  if (first === undefined) throw new RangeError('nobody can be the surest of none');
  return first.id;
};

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** What a merge has to tie: the two customers, and whom somebody has said to keep apart, which it takes back. */
export const joining = (one: CustomerRecord, other: CustomerRecord, set: Subjects): Pair[] => {
  const theirs = new Set(other.subjects);
  const parted = one.subjects.flatMap((mine) =>
    wordsOn(mine, 'keep_apart', set).flatMap((word): Pair[] => {
      const their = otherOf(word, mine);
      return theirs.has(their) ? [{ a: mine, b: their }] : [];
    }),
  );
  return distinct([{ a: namesakeOf(one.id), b: namesakeOf(other.id) }, ...parted]);
};

/**
 * What has to be kept apart so that a subject leaves its customer. If somebody's word on it has brought it to the rest, whoever
 * evidence makes one with it goes along, and the words that lead to the rest are taken back: what was merged before that stays
 * merged. Else it goes alone, with what hangs on nothing else. `customers`: who stays, and who goes.
 */
export const parting = (
  customer: CustomerRecord,
  subject: SubjectId,
  set: Subjects,
  rules: IdentityRules,
): { readonly pairs: readonly Pair[]; readonly customers: readonly CustomerId[] } => {
  const members = new Set(customer.subjects);
  const unmerged = groupsUnmerged(customer, set, rules);
  const along = unmerged.get(subject) ?? new Set([subject]);
  const evident = (id: SubjectId): SubjectId[] =>
    (set.subject(id)?.links ?? []).map(([other]) => other as SubjectId).filter((other) => unmerged.get(id)?.has(other));
  const merged = (id: SubjectId): SubjectId[] =>
    wordsOn(id, 'merge', set)
      .map((word) => otherOf(word, id))
      .filter((other) => members.has(other));
  const tiedTo = (id: SubjectId): SubjectId[] => [...evident(id), ...merged(id)];
  const isMerged = merged(subject).some((other) => !along.has(other));
  const leaving: ReadonlySet<SubjectId> = isMerged ? along : new Set([subject]);
  const anchor = anchorOf(customer, leaving, set);
  const staying = reached(anchor, (id) => tiedTo(id).filter((other) => !leaving.has(other)));
  // A word is taken back alone: others that tie the same two sides are those of other merges.
  const cut = (isMerged ? merged(subject) : tiedTo(subject))
    .filter((other) => staying.has(other))
    .map((other): Pair => ({ a: subject, b: other }));
  const sides: Pair = { a: surest(leaving, set, rules), b: surest(staying, set, rules) };
  const gone = customer.subjects.filter((id) => !staying.has(id));
  return {
    pairs: isMerged && cut.length > 0 ? cut : distinct([sides, ...cut]),
    customers: [nameOf([...staying], set), nameOf(gone, set)],
  };
};

/** What a customer of these subjects is called, as `resolve` has it: after the one seen first, of several the smaller. */
const nameOf = (ids: readonly SubjectId[], set: Subjects): CustomerId => {
  const seen = (id: SubjectId): number => {
    const record = set.subject(id);
    return record ? firstSeenOf(record) : Infinity;
  };
  return customerNamedAfter(ids.reduce((a, b) => ((compare(seen(a), seen(b)) || (a < b ? -1 : 1)) < 0 ? a : b)));
};

/** Who of a customer would be one with whom if nobody had merged any of them, by subject. */
const groupsUnmerged = (
  customer: CustomerRecord,
  set: Subjects,
  rules: IdentityRules,
): ReadonlyMap<SubjectId, ReadonlySet<SubjectId>> => {
  const records = new Map(customer.subjects.flatMap((id) => toEntry(id, set.subject(id))));
  const mute = new Set([...records.values()].filter((record) => !recordConnects(record, rules)).map(({ id }) => id));
  const { nodes, evidence, manual } = componentOf(records);
  const apart = manual.filter(({ kind }) => kind === 'keep_apart');
  const { customers } = resolve({ nodes, evidence, manual: apart }, rules, mute);
  return new Map(customers.flatMap(({ subjects }) => subjects.map((id) => [id, new Set(subjects)] as const)));
};

const toEntry = (id: SubjectId, record: SubjectRecord | undefined): [SubjectId, SubjectRecord][] =>
  record ? [[id, record]] : [];

/** All that is reached from one subject, itself included. */
const reached = (from: SubjectId, next: (id: SubjectId) => readonly SubjectId[]): Set<SubjectId> => {
  const all = new Set([from]);
  for (const id of all) for (const other of next(id)) all.add(other);
  return all;
};

/** Who stands for the rest: the namesake, or if that is to go, of the others with touchpoints of their own the first seen. */
const anchorOf = (customer: CustomerRecord, leaving: ReadonlySet<SubjectId>, set: Subjects): SubjectId => {
  const namesake = namesakeOf(customer.id);
  if (!leaving.has(namesake)) return namesake;
  const rank = (id: SubjectId): readonly [kind: number, seen: number] => {
    const record = set.subject(id);
    return record ? [record.state.touchpoints > 0 ? 0 : 1, firstSeenOf(record)] : [2, 0];
  };
  const before = (a: SubjectId, b: SubjectId): boolean => {
    const [[kindA, seenA], [kindB, seenB]] = [rank(a), rank(b)];
    return kindA !== kindB ? kindA < kindB : seenA < seenB;
  };
  return customer.subjects.filter((id) => !leaving.has(id)).reduce((a, b) => (before(b, a) ? b : a));
};

const otherOf = ({ a, b }: ManualLink, id: SubjectId): SubjectId => (a === id ? b : a);

/** Those of the newest words on a subject and each other that are of this kind. */
const wordsOn = (id: SubjectId, kind: ManualLink['kind'], set: Subjects): ManualLink[] => {
  const newest = new Map((set.subject(id)?.manual ?? []).map((word) => [otherOf(word, id), word]));
  return [...newest.values()].filter((word) => word.kind === kind);
};

const distinct = (pairs: readonly Pair[]): Pair[] => {
  const all = new Map<string, Pair>();
  for (const pair of pairs) {
    const name = pairKey(pair.a, pair.b);
    if (!all.has(name)) all.set(name, pair);
  }
  return [...all.values()];
};
