/**
 * ClickHouse's lexis, as far as a guard needs it: comments and texts are recognised so that nothing hides in them, and
 * a name is the same name however it is quoted.
 */
export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

const nameStart = /[\p{L}_]/u;
const namePart = /[\p{L}\p{N}_$]/u;
/** What hides the rest of its line. */
const lineComments = ['--', '//', '# ', '#!'];
const number = /0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][+-]?[0-9]+)?/y;
/** `1e--2`: a minus to the engine, the beginning of a comment to whoever stops at the first letter. */
const cutExponent = /[eE][+-]/y;
const wordRest = /[A-Za-z0-9_]+/y;
const dollarTag = /\$[A-Za-z0-9_]*\$/y;
const dollarName = /\$[A-Za-z0-9_][A-Za-z0-9_$]*/y;

/** What a sticky pattern finds just there. */
const at = (pattern: RegExp, sql: string, start: number): string | undefined => {
  pattern.lastIndex = start;
  return pattern.exec(sql)?.[0];
};

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  0: '\0',
  a: '\x07',
  v: '\v',
  e: '\x1b',
  // The engine's NULL: nothing at all, so that `fil\Ne` is file.
  N: '',
};

/** The token after an opening quote: its content with escapes and doubled quotes resolved, and where it ends. */
const quotedFrom = (sql: string, start: number, quote: string): { text: string; end: number } => {
  let text = '';
  for (let i = start; i < sql.length; i++) {
    const c = sql[i] as string;
    if (c === '\\') {
      const next = sql[++i] ?? '';
      if (next === 'x') {
        // What the engine makes of other digits is nowhere said, and must not be a name that is not judged.
        if (quote !== "'" && !/^[0-9a-fA-F]{2}/.test(sql.slice(i + 1, i + 3)))
          throw new SyntaxError('an escape in a name is not two hex digits');
        text += String.fromCharCode(parseInt(sql.slice(i + 1, i + 3), 16) || 0);
        i += 2;
      } else text += escapes[next] ?? next;
    } else if (c === quote) {
      if (sql[i + 1] !== quote) return { text, end: i + 1 };
      text += quote;
      i++;
    } else text += c;
  }
  throw new SyntaxError('a quote is not closed');
};

const closing: Readonly<Record<string, string>> = { '‘': '’', '’': '’', '“': '”', '”': '”' };

/** Throws SyntaxError where a quote, comment or heredoc does not end. */
export const tokensOf = (sql: string): Token[] => {
  const tokens: Token[] = [];
  for (let i = 0; i < sql.length;) {
    const c = sql[i] as string;
    if (/\s/.test(c) || c === '\0') i++;
    else if (lineComments.some((start) => sql.startsWith(start, i))) {
      // To an engine that does not know those of two slashes, a division and a comment of the other kind.
      if (sql.startsWith('//*', i)) throw new SyntaxError('two comments begin in one place');
      const end = sql.indexOf('\n', i);
      i = end < 0 ? sql.length : end + 1;
    } else if (sql.startsWith('/*', i)) {
      const end = endOfComment(sql, i + 2);
      i = end;
    } else if (c === "'") {
      const { text, end } = quotedFrom(sql, i + 1, c);
      tokens.push({ kind: 'text', text });
      i = end;
    } else if (c === '`' || c === '"') {
      const { text, end } = quotedFrom(sql, i + 1, c);
      tokens.push({ kind: 'name', text, quoted: true });
      i = end;
    } else if (closing[c] !== undefined) {
      const end = sql.indexOf(closing[c], i + 1);
      if (end < 0) throw new SyntaxError('a quote is not closed');
      const text = sql.slice(i + 1, end);
      // Curly double quotes make a name, curly single ones a text; taken for a name, neither can hide one.
      tokens.push({ kind: 'name', text, quoted: true });
      i = end + 1;
    } else if (c === '$') {
      const tag = at(dollarTag, sql, i);
      const end = tag === undefined ? -1 : sql.indexOf(tag, i + tag.length);
      if (tag !== undefined && end >= 0) {
        tokens.push({ kind: 'text', text: sql.slice(i + tag.length, end) });
        i = end + tag.length;
      } else {
        // A name may begin with one, and then has all that follow: none of those begins a text.
        const name = at(dollarName, sql, i);
        tokens.push(name === undefined ? { kind: 'mark', text: c } : { kind: 'name', text: name, quoted: false });
        i += name?.length ?? 1;
      }
    } else if (nameStart.test(c)) {
      let end = i + 1;
      while (end < sql.length && namePart.test(sql[end] as string)) end++;
      tokens.push({ kind: 'name', text: sql.slice(i, end), quoted: false });
      i = end;
    } else if (/[0-9]/.test(c)) {
      const text = at(number, sql, i) ?? c;
      tokens.push({ kind: 'number', text });
      i += text.length;
      if (at(cutExponent, sql, i) !== undefined) throw new SyntaxError('an exponent has no digits');
      // Of a word that begins with a digit no dollar is part, so that a text may begin right behind it.
      const rest = at(wordRest, sql, i);
      if (rest !== undefined) tokens.push({ kind: 'name', text: rest, quoted: false });
      i += rest?.length ?? 0;
    } else {
      // Beyond ASCII no mark parts names; the engine passes over more spaces there, also unseen ones, than JavaScript does.
      if (c < '\x7f') tokens.push({ kind: 'mark', text: c });
      i++;
    }
  }
  return tokens;
};

/**
 * Where a comment ends. Engines do not agree on one that begins within another: whatever follows the first end is code to those that
 * do not nest them, and hidden to those that do. So there must be none.
 */
const endOfComment = (sql: string, from: number): number => {
  const end = sql.indexOf('*/', from);
  if (end < 0) throw new SyntaxError('a comment is not closed');
  const within = sql.indexOf('/*', from);
  if (within >= 0 && within < end) throw new SyntaxError('a comment begins within another');
  return end + 2;
};

export const isMark = (token: Token | undefined, mark: string): boolean =>
  token?.kind === 'mark' && token.text === mark;

/** A keyword, or what could be one, in upper case; empty for anything else, and for a name in quotes. */
export const wordOf = (token: Token | undefined): string =>
  token?.kind === 'name' && !token.quoted ? token.text.toUpperCase() : '';
