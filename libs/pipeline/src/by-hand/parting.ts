import { type CustomerRecord, type IdentityRules, type ManualLink, otherOf } from '@tributary/domain';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { type WorkingSet } from '../working-set.js';
import { Holders } from './holders.js';
import { ordersNeeded } from './orders-needed.js';
import { Outlook } from './outlook.js';
import {
  distinct,
  firstBy,
  namesakeAmong,
  type Order,
  type Pair,
  seenBy,
  type Subjects,
  surest,
  type Word,
  wordsOn,
} from './said.js';
import { takingBack } from './taking-back.js';

export interface Parting {
  /** What the order has to say. */
  readonly words: readonly Word[];
  /** Who stays, and who goes. */
  readonly customers: readonly CustomerId[];
}

/**
 * How a subject leaves its customer. If somebody's order has brought it to the rest, or whom evidence makes one with it, all
 * that was said by that order is taken back, and what was merged by others stays merged. If one has brought others to it, they
 * go. Else it is kept apart from whom evidence ties it to; what hangs on it alone goes with it.
 *
 * @param stays from whom it is to be parted: the customer that the order names may be called after a member, and is understood
 *   as that one
 */
export const parting = async (
  customer: CustomerRecord,
  subject: SubjectId,
  stays: SubjectId,
  order: Order,
  set: WorkingSet,
  rules: IdentityRules,
): Promise<Parting> => {
  const outlook = await Outlook.on(customer.subjects, set, rules);
  const anchor = anchorOf(customer, subject, stays, set, rules);
  const after = (words: readonly Word[]): Holders => new Holders(outlook.after(words, order));
  const merges = mergesWithin(customer, set);
  const withoutMerges = after(outlook.takingBack(merges));
  const person = customer.subjects.filter((id) => withoutMerges.areOne(id, subject));
  const isMeant = !person.includes(anchor) || surest(person, set, rules) === subject;
  const isPersonMeant = isMeant && ordersOn(new Set([subject]), merges).length === 0;
  const going = new Set(isPersonMeant ? person : [subject]);
  const newestFirst = ordersOn(going, merges);

  const partedBy = (orders: Iterable<string>, one: SubjectId, other: SubjectId): Parting => {
    const { words, holders } = takingBack(orders, [one, other], outlook, order, set);
    return { words, customers: holders.of(one, other) };
  };
  const isParted = (orders: Iterable<string>): boolean =>
    !takingBack(orders, [anchor, subject], outlook, order, set).holders.areOne(anchor, subject);
  if (isParted(newestFirst)) return partedBy(ordersNeeded(newestFirst.toReversed(), isParted), anchor, subject);
  const [newest] = newestFirst;
  if (newest === undefined) {
    const words = fromEvidence(customer, subject, anchor, set, rules);
    return { words, customers: after(words).of(anchor, subject) };
  }
  const brought = merges.find((word) => word.id === newest && leadsOut(word, going)) as ManualLink;
  return partedBy([newest], subject, going.has(brought.a) ? brought.b : brought.a);
};

/** Merges by hand that hold, of members of one customer with each other. */
const mergesWithin = ({ subjects }: CustomerRecord, set: Subjects): readonly ManualLink[] => {
  const members = new Set(subjects);
  return subjects.flatMap((id) => wordsOn(id, 'merge', set).filter((word) => members.has(otherOf(word, id))));
};

const leadsOut = ({ a, b }: Pair, among: ReadonlySet<SubjectId>): boolean => among.has(a) !== among.has(b);

const ordersOn = (among: ReadonlySet<SubjectId>, merges: readonly ManualLink[]): readonly string[] => {
  const own = merges.filter((word) => leadsOut(word, among));
  return [...new Set(own.sort((x, y) => y.at - x.at || (x.id < y.id ? 1 : -1)).map(({ id }) => id))];
};

/**
 * It is kept apart from whom evidence ties it to and who is tied to the rest without it; and from who most surely is the person,
 * too: that word must outlive the evidence of its day, such as a phone that turns out to be another's.
 */
const fromEvidence = (
  customer: CustomerRecord,
  subject: SubjectId,
  anchor: SubjectId,
  set: Subjects,
  rules: IdentityRules,
): Word[] => {
  const members = new Set(customer.subjects);
  const tiedTo = (id: SubjectId): SubjectId[] => {
    const apart = new Set(wordsOn(id, 'keep_apart', set).map((word) => otherOf(word, id)));
    const named = (set.subject(id)?.links ?? []).map(([other]) => other as SubjectId);
    const merged = wordsOn(id, 'merge', set).map((word) => otherOf(word, id));
    return [...named, ...merged].filter((other) => members.has(other) && !apart.has(other));
  };
  const staying = new Set([anchor]);
  for (const id of staying) for (const other of tiedTo(id)) if (other !== subject) staying.add(other);
  const tied = tiedTo(subject).filter((other) => staying.has(other));
  return distinct([surest(staying, set, rules), ...tied].map((b) => ({ a: subject, b }))).map((pair) => ({
    kind: 'keep_apart',
    ...pair,
  }));
};

/**
 * Who stands for the rest: who is named, else the namesake, or if that is to go, of the others with touchpoints of their own the
 * first seen.
 */
const anchorOf = (
  customer: CustomerRecord,
  subject: SubjectId,
  stays: SubjectId,
  set: Subjects,
  rules: IdentityRules,
): SubjectId => {
  if (stays !== subject && customer.subjects.includes(stays)) return stays;
  const namesake = namesakeAmong(customer, set, rules);
  if (namesake !== subject) return namesake;
  return firstBy(
    customer.subjects.filter((id) => id !== subject),
    (id) => [(set.subject(id)?.state.touchpoints ?? 0) > 0 ? 0 : 1, seenBy(id, set)],
  );
};
