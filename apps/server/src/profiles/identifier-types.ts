import { type IdentityRules } from '@tributary/domain';

/** Types by which a customer may be looked up, strongest first. */
export const identifierTypesOf = (rules: IdentityRules): readonly string[] =>
  Object.entries(rules.types)
    .sort(([a, x], [b, y]) => x.priority - y.priority || (a < b ? -1 : 1))
    .map(([type]) => type);
