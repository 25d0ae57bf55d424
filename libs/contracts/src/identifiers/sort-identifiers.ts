import { type Identifier, type IdentityRules, isBlocked } from '@tributary/domain';
import { type Identified } from './identify.js';

const weakest = Number.MAX_SAFE_INTEGER;
const nobody: readonly Identifier[] = [];

/**
 * Strongest first: by the rules' priority, then type, then value; each subject once. A touchpoint is filed under the
 * first. Blocked identifiers name nobody, so they stand behind all others; of blocked ones alone, none is left: filed
 * under one of them, whoever ever typed it would be one customer. A placeholder or a service's number is left
 * out, as if it were not stated: it stands in every second row of some systems, and would be tied to all of them.
 */
export const sortIdentifiers = (given: readonly Identified[], rules: IdentityRules): readonly Identifier[] => {
  const identifiers = given.some(namesNobody) ? given.filter((one) => !namesNobody(one)) : given;
  const blocked = ({ subject, type }: Identifier): boolean => isBlocked(subject, type, rules);
  if (identifiers.every(blocked)) return nobody;
  if (identifiers.length < 2) return identifiers;
  const priority = (identifier: Identifier): number => rules.types[identifier.type]?.priority ?? weakest;
  const sorted = [...identifiers].sort(
    (a, b) =>
      Number(blocked(a)) - Number(blocked(b)) ||
      priority(a) - priority(b) ||
      compareText(a.type, b.type) ||
      compareText(a.value, b.value),
  );
  return sorted.filter((identifier, i) => identifier.subject !== sorted[i - 1]?.subject);
};

const namesNobody = (identified: Identified): boolean => identified.namesNobody === true;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
