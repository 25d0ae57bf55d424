import { invalid } from './refusal.js';

/** A query as Fastify reads it: a parameter that comes twice is a list. */
export type Params = Readonly<Record<string, unknown>>;

/** A misspelt `as_of` would be answered with today, a misspelt filter with everything. */
export const onlyOf = (query: Params, names: readonly string[]): void => {
  const other = Object.keys(query).find((name) => !names.includes(name));
  if (other === undefined) return;
  const remedy = names.length === 0 ? 'leave it out' : `leave it out, or send one of: ${names.join(', ')}`;
  throw invalid('query', 'a parameter is not known here', remedy, 'unknown_parameter');
};

/** `undefined`: it is not given. */
export const textOf = (query: Params, name: string): string | undefined => {
  const text = query[name];
  if (text === undefined || (typeof text === 'string' && text.length <= 1_000)) return text as string | undefined;
  throw invalid(name, `${name} is not one short text`, 'give it once');
};

/** A whole number in a query, within bounds. */
export const limitOf = (query: Params, most: number, usual: number): number => {
  const text = query['limit'];
  if (text === undefined) return usual;
  const limit = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most)
    throw invalid('limit', `limit is not a whole number from 1 to ${most}`, `send a limit from 1 to ${most}`);
  return limit;
};
