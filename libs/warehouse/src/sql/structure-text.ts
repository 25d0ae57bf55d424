import { isMark, type Token } from './tokens.js';

/** Table functions whose first argument may tell columns in a text, which the engine reads as SQL. */
const structured = new Set(['values', 'generaterandom', 'null']);

/** What computes a column by an expression; a guard that reads tokens does not see what such a text names. */
const computing = /\b(default|materialized|alias|ephemeral|ttl)\b/i;

/**
 * Whether a table function at `tokens[i]` takes its columns from a text that computes something, or from what is computed
 * itself, so that nobody knows beforehand what it will say.
 */
export const computesColumns = (tokens: readonly Token[], i: number): boolean => {
  if (!structured.has(tokens[i]?.text.toLowerCase() ?? '') || !isMark(tokens[i + 1], '(')) return false;
  let depth = 1;
  for (const token of tokens.slice(i + 2)) {
    if (isMark(token, '(') || isMark(token, '[')) depth++;
    else if (isMark(token, ')') || isMark(token, ']')) depth--;
    if (depth === 0 || (depth === 1 && isMark(token, ','))) return false;
    if (!isPlain(token)) return true;
  }
  return false;
};

const isPlain = (token: Token): boolean => {
  if (token.kind === 'number') return true;
  if (token.kind === 'text') return !computing.test(token.text);
  if (token.kind === 'name') return !token.quoted && /^(null|true|false)$/i.test(token.text);
  return '()[],.+-'.includes(token.text);
};
