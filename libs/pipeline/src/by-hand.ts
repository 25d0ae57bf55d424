import {
  type CustomerRecord,
  firstSeenOf,
  type IdentityRules,
  isBlocked,
  type ManualLink,
  otherOf,
} from '@tributary/domain';
import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
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

/** Of these subjects the first by these numbers, one after the other; of several the smaller. */
const firstBy = (ids: Iterable<SubjectId>, ranks: (id: SubjectId) => readonly number[]): SubjectId => {
  const [first] = [...ids]
    .map((id) => ({ id, rank: ranks(id) }))
    .sort((a, b) => {
      const at = a.rank.findIndex((rank, i) => rank !== b.rank[i]);
      if (at < 0) return a.id < b.id ? -1 : 1;
      return (a.rank[at] as number) < (b.rank[at] as number) ? -1 : 1;
    });
  if (first === undefined) throw new RangeError('of nobody nobody is the first');
  return first.id;
};

const seenBy = (id: SubjectId, set: Subjects): number => {
  const record = set.subject(id);
  return record ? firstSeenOf(record) : Infinity;
};

/** The one of the strongest type; of several the one seen first. Blocked ones come last. */
const surest = (ids: Iterable<SubjectId>, set: Subjects, rules: IdentityRules): SubjectId =>
  firstBy(ids, (id) => {
    const type = set.subject(id)?.type ?? '';
    const strength = isBlocked(id, type, rules) ? Infinity : (rules.types[type]?.priority ?? Infinity);
    return [strength, seenBy(id, set)];
  });

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
 * What has to be kept apart so that a subject leaves its customer. If somebody's word on it has brought it to the rest, that is
 * taken back, and what was merged before stays merged. Else: it goes from whom evidence ties it to and who is tied to the rest
 * without it; what hangs on it alone goes with it. `customers`: who stays, and who goes.
 */
export const parting = (
  customer: CustomerRecord,
  subject: SubjectId,
  set: Subjects,
  rules: IdentityRules,
): { readonly pairs: readonly Pair[]; readonly customers: readonly CustomerId[] } => {
  const members = new Set(customer.subjects);
  const merged = (id: SubjectId): SubjectId[] =>
    wordsOn(id, 'merge', set)
      .map((word) => otherOf(word, id))
      .filter((other) => members.has(other));
  const tiedTo = (id: SubjectId): SubjectId[] => {
    const apart = new Set(wordsOn(id, 'keep_apart', set).map((word) => otherOf(word, id)));
    const named = (set.subject(id)?.links ?? []).map(([other]) => other as SubjectId);
    return [...named.filter((other) => members.has(other) && !apart.has(other)), ...merged(id)];
  };
  const anchor = anchorOf(customer, subject, set);
  const staying = reached([anchor], (id) => tiedTo(id).filter((other) => other !== subject));
  const pairWith = (other: SubjectId): Pair => ({ a: subject, b: other });
  // Words on the subject are taken back alone: others that tie the same two sides are those of other merges.
  const words = merged(subject);
  const leading = words.filter((other) => staying.has(other));
  const byEvidence = (): Pair[] =>
    distinct([
      pairWith(surest(staying, set, rules)),
      ...tiedTo(subject)
        .filter((other) => staying.has(other))
        .map(pairWith),
    ]);
  const pairs = words.length > 0 ? (leading.length > 0 ? leading : words).map(pairWith) : byEvidence();
  // Where the merge was not with the rest, the subject stays there by evidence, and whom it was merged with goes.
  const isOtherGoing = words.length > 0 && leading.length === 0;
  const going = isOtherGoing
    ? reached(words, (id) => tiedTo(id).filter((other) => other !== subject))
    : new Set(customer.subjects.filter((id) => !staying.has(id)));
  const rest = customer.subjects.filter((id) => !going.has(id));
  return { pairs, customers: [nameOf(rest, set), nameOf(going, set)] };
};

/** What a customer of these subjects is called, as `resolve` has it. */
const nameOf = (ids: Iterable<SubjectId>, set: Subjects): CustomerId =>
  customerNamedAfter(firstBy(ids, (id) => [seenBy(id, set)]));

/** All that is reached from some subjects, themselves included. */
const reached = (from: readonly SubjectId[], next: (id: SubjectId) => readonly SubjectId[]): Set<SubjectId> => {
  const all = new Set(from);
  for (const id of all) for (const other of next(id)) all.add(other);
  return all;
};

/** Who stands for the rest: the namesake, or if that is to go, of the others with touchpoints of their own the first seen. */
const anchorOf = (customer: CustomerRecord, subject: SubjectId, set: Subjects): SubjectId => {
  const namesake = namesakeOf(customer.id);
  if (namesake !== subject) return namesake;
  return firstBy(
    customer.subjects.filter((id) => id !== subject),
    (id) => [(set.subject(id)?.state.touchpoints ?? 0) > 0 ? 0 : 1, seenBy(id, set)],
  );
};

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
