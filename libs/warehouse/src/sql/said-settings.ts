import { lastMapAt, TABLE_FILTERS } from './table-filters.js';
import { isMark, type Token } from './tokens.js';

/** One pair of a SETTINGS clause. */
export interface SaidSetting {
  readonly name: string;
  /** Of a number, a text, TRUE or FALSE, or of table filters at the end of the question; `undefined`: it is said otherwise. */
  readonly value: string | undefined;
  /** It stands in a part of the question: a subquery, a CTE, the argument of a function. */
  readonly inner: boolean;
}

const isWord = (token: Token | undefined, words: RegExp): boolean =>
  token?.kind === 'name' && !token.quoted && words.test(token.text);

/**
 * What all SETTINGS clauses say, wherever they stand: the engine asks whether a setting may be changed only of the last of
 * the whole question. What may be a clause is taken for one: a column may have that name, but is followed by no pair.
 */
export const saidSettings = (tokens: readonly Token[]): readonly SaidSetting[] => {
  const said: SaidSetting[] = [];
  /** By depth of brackets: whether a clause has begun there. */
  const within = [false];
  tokens.forEach((token, i) => {
    if (isMark(token, '(') || isMark(token, '[') || isMark(token, '{')) within.push(false);
    else if (isMark(token, ')') || isMark(token, ']') || isMark(token, '}')) {
      within.pop();
      if (within.length === 0) within.push(false);
    } else if (token.kind !== 'name') return;
    else if (isWord(token, /^SETTINGS$/i) && !isMark(tokens[i - 1], '.') && tokens[i + 1]?.kind === 'name')
      within[within.length - 1] = true;
    else if (within[within.length - 1] && (isMark(tokens[i - 1], ',') || isWord(tokens[i - 1], /^SETTINGS$/i))) {
      const end = endOfName(tokens, i);
      if (isMark(tokens[end], '=')) {
        const name = nameOf(tokens.slice(i, end));
        const at = isMark(tokens[end + 1], '=') ? end + 2 : end + 1;
        const value = name === TABLE_FILTERS ? lastMapAt(tokens, at) : valueOf(tokens[at]);
        said.push({ name, value, inner: within.length > 1 });
      }
    }
  });
  return said;
};

/** Names may have parts, as those of a server's own settings have. */
const endOfName = (tokens: readonly Token[], start: number): number => {
  let end = start + 1;
  while (isMark(tokens[end], '.') && tokens[end + 1]?.kind === 'name') end += 2;
  return end;
};

const nameOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join('');

const valueOf = (token: Token | undefined): string | undefined =>
  token !== undefined && (token.kind === 'number' || token.kind === 'text' || isWord(token, /^(TRUE|FALSE)$/i))
    ? token.text
    : undefined;
