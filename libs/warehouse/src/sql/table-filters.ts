import { quoted } from '../schema/ddl.js';
import { DATABASE } from '../chdb/engine-config.js';
import { isMark, type Token, tokensOf, wordOf } from './tokens.js';

export const TABLE_FILTERS = 'additional_table_filters';

const MAX_CHARACTERS = 20_000;

interface TextMap {
  readonly pairs: readonly (readonly [table: string, filter: string])[];
  /** Of the first token after it. */
  readonly end: number;
}

/** `{'table': 'filter', …}`, as it begins at a token; `undefined`: something else stands there. */
const textMapAt = (tokens: readonly Token[], start: number): TextMap | undefined => {
  if (!isMark(tokens[start], '{')) return undefined;
  if (isMark(tokens[start + 1], '}')) return { pairs: [], end: start + 2 };
  const pairs: (readonly [string, string])[] = [];
  for (let i = start + 1; ; i += 4) {
    const [table, colon, filter, mark] = tokens.slice(i, i + 4);
    if (table?.kind !== 'text' || !isMark(colon, ':') || filter?.kind !== 'text') return undefined;
    pairs.push([table.text, filter.text]);
    if (isMark(mark, '}')) return { pairs, end: i + 4 };
    if (!isMark(mark, ',')) return undefined;
  }
};

const mapText = (pairs: TextMap['pairs']): string =>
  `{${pairs.map(([table, filter]) => `${quoted(table)}: ${quoted(filter)}`).join(', ')}}`;

/**
 * A map as it stands in a SETTINGS clause, in one spelling, where nothing follows it but more settings and a format. The engine asks
 * only of the last clause of a whole question whether it says what is so; of another it would follow what it reads itself.
 */
export const lastMapAt = (tokens: readonly Token[], start: number): string | undefined => {
  const map = textMapAt(tokens, start);
  if (map === undefined) return undefined;
  let at = map.end;
  while (isMark(tokens[at], ',') && tokens[at + 1]?.kind === 'name' && isMark(tokens[at + 2], '=')) at += 4;
  if (wordOf(tokens[at]) === 'FORMAT') at += 2;
  while (isMark(tokens[at], ';')) at++;
  return at >= tokens.length ? mapText(map.pairs) : undefined;
};

const tableName = new RegExp(`^(?:${DATABASE}\\.)?[A-Za-z_]\\w{0,99}$`);
const column = /[ \t\r\n]*[A-Za-z_]\w{0,99}[ \t\r\n]*/y;
const comparison = /(?:=|!=|<>|<=|>=|<|>|(?:NOT[ \t\r\n]+)?(?:I?LIKE|REGEXP))[ \t\r\n]*/iy;
const membership = /(?:NOT[ \t\r\n]+)?IN[ \t\r\n]*\([ \t\r\n]*/iy;
/** No backslash but before a backslash or a quote: what else one makes, the engine knows. */
const value = /(?:'(?:[^'\\\0]|\\[\\'])*'|-?\d{1,30}(?:\.\d{1,30})?|NULL)(?![\w'.])[ \t\r\n]*/iy;
const comma = /,[ \t\r\n]*/y;
const closing = /\)[ \t\r\n]*/y;
const joining = /(?:AND|OR)(?!\w)[ \t\r\n]*/iy;

/** One comparison of a column with values after the other: what Grafana's ad-hoc filters say. No call, no subquery, no comment. */
const isPlain = (filter: string): boolean => {
  let at = 0;
  const take = (what: RegExp): boolean => {
    what.lastIndex = at;
    const taken = what.exec(filter);
    if (taken) at += taken[0].length;
    return taken !== null;
  };
  do {
    if (!take(column)) return false;
    if (take(membership)) {
      do if (!take(value)) return false;
      while (take(comma));
      if (!take(closing)) return false;
    } else if (!take(comparison) || !take(value)) return false;
  } while (take(joining));
  return at === filter.length;
};

/**
 * `additional_table_filters` is SQL in a text, which no guard has seen. It is followed where it says no more than which rows of a
 * table are meant, by comparisons of columns with values, which its asker could have put into WHERE as well. Answers it in one
 * spelling; `undefined`: it is not that.
 */
export const plainTableFilters = (text: string): string | undefined => {
  if (text.length > MAX_CHARACTERS) return undefined;
  try {
    const tokens = tokensOf(text);
    const map = textMapAt(tokens, 0);
    if (map?.end !== tokens.length) return undefined;
    return map.pairs.every(([table, filter]) => tableName.test(table) && isPlain(filter))
      ? mapText(map.pairs)
      : undefined;
  } catch {
    return undefined;
  }
};
