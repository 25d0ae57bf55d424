import { isMark, type Token, wordOf } from './tokens.js';

/** The FORMAT clause: followed by a name, with nothing but settings after it. */
export const formatOf = (tokens: readonly Token[]): string | undefined => {
  let format: string | undefined;
  for (const { token, next, after } of outermost(tokens))
    if (wordOf(token) === 'FORMAT' && next?.kind === 'name')
      if (after === undefined || isMark(after, ';') || wordOf(after) === 'SETTINGS') format = next.text;
  return format;
};

interface Place {
  readonly token: Token;
  readonly next: Token | undefined;
  readonly after: Token | undefined;
}

/** What stands in no brackets: within them it is a part of something else. */
function* outermost(tokens: readonly Token[]): Generator<Place> {
  let depth = 0;
  for (const [i, token] of tokens.entries())
    if (['(', '[', '{'].some((mark) => isMark(token, mark))) depth++;
    else if ([')', ']', '}'].some((mark) => isMark(token, mark))) depth--;
    else if (depth === 0) yield { token, next: tokens[i + 1], after: tokens[i + 2] };
}
