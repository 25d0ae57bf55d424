import { type SubjectId } from '@tributary/kernel';
import { connects, isBlocked } from '../identity/connects.js';
import { type IdentifierRule, type IdentityRules, type ManualLink } from '../identity/types.js';
import { type Link, type SubjectRecord } from './customer.js';

/** More subjects than this are no person: whoever gathers a component stops there. */
export const COMPONENT_BOUND = 10_000;

/** Of the two that a word is said of, the one beside `id`. */
export const otherOf = ({ a, b }: Pick<ManualLink, 'a' | 'b'>, id: SubjectId): SubjectId => (a === id ? b : a);

/** Whom somebody's word ties to a subject, and evidence, unless that is not to be followed (`recordConnects`). */
export const neighboursOf = (record: SubjectRecord, followsEvidence = true): SubjectId[] => {
  const others = followsEvidence ? record.links.map(([other]) => other as SubjectId) : [];
  for (const word of record.manual) others.push(otherOf(word, record.id));
  return others;
};

const everyLink = (): boolean => true;

/**
 * Whether evidence may tie a subject to others, by what its record holds of it: see `connects`.
 *
 * @param counts whether a link is looked at: of a past moment, only those that were known by then
 */
export const recordConnects = (
  record: SubjectRecord,
  rules: IdentityRules,
  counts: (link: Link) => boolean = everyLink,
): boolean => {
  const rule = rules.types[record.type];
  // Most have few links; those are asked for each touchpoint that names them.
  const mayBeShared = rule !== undefined && record.links.length > rule.sharedAbove;
  return connects(record.id, record.type, mayBeShared ? mostOfOneType(record, rule, rules, counts) : 0, rules);
};

/** Others of a stronger type: as many as there are of the type of which there are most. */
const mostOfOneType = (
  { links }: SubjectRecord,
  { priority }: IdentifierRule,
  rules: IdentityRules,
  counts: (link: Link) => boolean,
): number => {
  const ofType = new Map<string, number>();
  for (const [other, link] of links) {
    const isStronger = (rules.types[link.type]?.priority ?? Infinity) < priority;
    if (isStronger && counts(link) && !isBlocked(other as SubjectId, link.type, rules))
      ofType.set(link.type, (ofType.get(link.type) ?? 0) + 1);
  }
  return Math.max(0, ...ofType.values());
};
