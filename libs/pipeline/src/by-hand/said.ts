import {
  type CustomerRecord,
  firstSeenOf,
  type IdentityRules,
  isBlocked,
  type ManualLink,
  otherOf,
} from '@tributary/domain';
import { namesakeOf, type SubjectId } from '@tributary/kernel';
import { pairKey } from '../subjects-named.js';
import { type WorkingSet } from '../working-set.js';

export type Subjects = Pick<WorkingSet, 'subject'>;
/** What a word is said of. */
export type Pair = Pick<ManualLink, 'a' | 'b'>;
/** What is said of them. */
export type Word = Pick<ManualLink, 'kind' | 'a' | 'b'>;
/** Who says it, of all commands: their time and id. */
export type Order = Pick<ManualLink, 'at' | 'id'>;

/** Those of the newest words on a subject and each other that are of this kind. */
export const wordsOn = (id: SubjectId, kind: ManualLink['kind'], set: Subjects): ManualLink[] => {
  const newest = new Map((set.subject(id)?.manual ?? []).map((word) => [otherOf(word, id), word]));
  return [...newest.values()].filter((word) => word.kind === kind);
};

/** The one of the strongest type; of several the one seen first. Blocked ones come last. */
export const surest = (ids: Iterable<SubjectId>, set: Subjects, rules: IdentityRules): SubjectId =>
  firstBy(ids, (id) => {
    const type = set.subject(id)?.type ?? '';
    const strength = isBlocked(id, type, rules) ? Infinity : (rules.types[type]?.priority ?? Infinity);
    return [strength, seenBy(id, set)];
  });

export const seenBy = (id: SubjectId, set: Subjects): number => {
  const record = set.subject(id);
  return record ? firstSeenOf(record) : Infinity;
};

/**
 * Whom a customer is called after; where that one was erased or let go, and its new name is still on its way, who most surely is the
 * person.
 */
export const namesakeAmong = (
  { id, subjects }: Pick<CustomerRecord, 'id' | 'subjects'>,
  set: Subjects,
  rules: IdentityRules,
): SubjectId => (subjects.includes(namesakeOf(id)) ? namesakeOf(id) : surest(subjects, set, rules));

/** Of these the first by these numbers, one after the other; of several the smaller. */
export const firstBy = <T extends string>(ids: Iterable<T>, ranks: (id: T) => readonly number[]): T => {
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

/** Each pair once, whichever end it names first. */
export const distinct = (pairs: Iterable<Pair>): Pair[] => {
  const all = new Map<string, Pair>();
  for (const { a, b } of pairs) {
    const name = pairKey(a, b);
    if (!all.has(name)) all.set(name, { a, b });
  }
  return [...all.values()];
};
