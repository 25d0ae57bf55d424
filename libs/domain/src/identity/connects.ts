import { type SubjectId } from '@tributary/kernel';
import { type IdentityRules } from './types.js';

/**
 * Whether evidence may tie this identifier to others. It may not if it is blocked, if the rules know nothing of its
 * type, or if it was seen with too many others of one stronger type.
 *
 * The walk that gathers a `Component` need not follow evidence beyond an identifier for which this is false: what lies
 * there has no say in who is one customer here (manual links must be followed all the same). A kiosk's device then
 * stays a leaf of each visitor's small component instead of tying thousands into a large one; `resolve` must be told
 * of it (`sharedElsewhere`), for the evidence that shows it to be shared is no longer in sight.
 *
 * @param ofOneType distinct subjects of one stronger type, blocked ones left out, that evidence ties to this one: of the
 *   type of which there are most. Types are not added up: whoever has a phone, an e-mail address and a card is one person.
 */
export const connects = (subject: SubjectId, type: string, ofOneType: number, rules: IdentityRules): boolean =>
  !isBlocked(subject, type, rules) && !isShared(type, ofOneType, rules);

/** A type without a rule is one that the rules no longer admit: its identifiers name nobody. */
export const isBlocked = (subject: SubjectId, type: string, rules: IdentityRules): boolean =>
  rules.types[type] === undefined || rules.blocked.has(subject);

export const isShared = (type: string, ofOneType: number, rules: IdentityRules): boolean => {
  const rule = rules.types[type];
  return rule !== undefined && ofOneType > rule.sharedAbove;
};
