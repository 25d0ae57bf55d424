import { type Identifier, type IdentityRules } from '@tributary/domain';

const weakest = Number.MAX_SAFE_INTEGER;

/** Strongest first: by the rules' priority, then type, then value; each subject once. */
export const sortIdentifiers = (identifiers: readonly Identifier[], rules: IdentityRules): readonly Identifier[] => {
  if (identifiers.length < 2) return identifiers;
  const priority = (identifier: Identifier): number => rules.types[identifier.type]?.priority ?? weakest;
  const sorted = [...identifiers].sort(
    (a, b) => priority(a) - priority(b) || compareText(a.type, b.type) || compareText(a.value, b.value),
  );
  return sorted.filter((identifier, i) => identifier.subject !== sorted[i - 1]?.subject);
};

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
