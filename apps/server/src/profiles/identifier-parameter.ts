import { invalid } from '../refusal.js';

/** Parameters of `GET /v1/customers` that are no identifier. */
const others = new Set(['after', 'limit', 'as_of', 'known_at', 'identifier_type', 'identifier_value']);

/** The identifier that a query names: `?phone=…`, or `?identifier_type=…&identifier_value=…`; `undefined` if it names none. */
export const identifierOf = (
  query: Readonly<Record<string, unknown>>,
  types: readonly string[],
): { readonly type: string; readonly value: string } | undefined => {
  const named = Object.keys(query).filter((name) => !others.has(name));
  const type = query['identifier_type'] ?? named[0];
  if (type === undefined) {
    if (query['identifier_value'] !== undefined)
      throw invalid('identifier_type', 'the value has no type', 'send ?identifier_type=phone&identifier_value=…');
    return undefined;
  }
  if (named.length > 1 || (named.length === 1 && query['identifier_type'] !== undefined))
    throw invalid('identifier', 'more than one identifier is named', 'name one: ?phone=…');
  if (typeof type !== 'string' || !types.includes(type))
    throw invalid(
      'identifier_type',
      'there is no such identifier type',
      `name one of: ${types.join(', ')}`,
      'unknown_identifier_type',
    );
  const value = query['identifier_type'] === undefined ? query[type] : query['identifier_value'];
  if (typeof value !== 'string' || value === '')
    throw invalid(type, 'the identifier has no single value', `send ?${type}=<value>`);
  // A plus sign that was not escaped (`?phone=+86…`) arrives as a space.
  return { type, value: type === 'phone' ? value.replace(/^ /, '+') : value };
};

/** The parameter in which such a query has the identifier's value. */
export const parameterOfIdentifier = (query: Readonly<Record<string, unknown>>): string | undefined =>
  query['identifier_value'] === undefined ? Object.keys(query).find((name) => !others.has(name)) : 'identifier_value';
