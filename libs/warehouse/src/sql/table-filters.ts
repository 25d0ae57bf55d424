import { quoted } from '../schema/ddl.js';
import { DATABASE } from '../chdb/engine-config.js';
import { isMark, type Token, tokensOf, wordOf } from './tokens.js';

export const TABLE_FILTERS = 'additional_table_filters';

const MAX_CHARACTERS = 20_000;
/**
 * The engine reads a filter anew wherever its table is mentioned, and looks at no limit meanwhile but that of memory: of a thousand
 * mentions, a thousand comparisons would be a minute's work.
 */
const MAX_COMPARISONS = 50;

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

/**
 * How many comparisons of a column with values, one after the other, it is: what Grafana's ad-hoc filters say. `undefined`: it says
 * more, such as a call, a subquery or a comment.
 */
const comparisonsIn = (filter: string): number | undefined => {
  let at = 0;
  let comparisons = 0;
  const take = (what: RegExp): boolean => {
    what.lastIndex = at;
    const taken = what.exec(filter);
    if (taken) at += taken[0].length;
    return taken !== null;
  };
  do {
    comparisons += 1;
    if (!take(column)) return undefined;
    if (take(membership)) {
      do if (!take(value)) return undefined;
      while (take(comma));
      if (!take(closing)) return undefined;
    } else if (!take(comparison) || !take(value)) return undefined;
  } while (take(joining));
  return at === filter.length ? comparisons : undefined;
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
    let comparisons = 0;
    for (const [table, filter] of map.pairs) {
      comparisons += comparisonsIn(filter) ?? Infinity;
      if (!tableName.test(table) || comparisons > MAX_COMPARISONS) return undefined;
    }
    return mapText(map.pairs);
  } catch {
    return undefined;
  }
};
