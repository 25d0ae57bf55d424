/** A type as ClickHouse writes it: `DateTime64(3, 'UTC')` is the name DateTime64 with two arguments. */
export interface TypeText {
  readonly name: string;
  readonly args: readonly string[];
}

/** Parts of a list at its outermost commas; what is quoted, as the names of an Enum are, may hold any mark. */
const partsOf = (list: string): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < list.length; i++) {
    const c = list[i] as string;
    if (c === "'" || c === '`' || c === '"') {
      for (i++; i < list.length && list[i] !== c; i++) if (list[i] === '\\') i++;
    } else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(list.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = list.slice(from).trim();
  return last === '' ? parts : [...parts, last];
};

export const typeText = (text: string): TypeText => {
  const open = text.indexOf('(');
  if (open < 0) return { name: text, args: [] };
  return { name: text.slice(0, open), args: partsOf(text.slice(open + 1, text.lastIndexOf(')'))) };
};

/** The type of a tuple's element, which may have a name before it. */
export const elementType = (element: string): string =>
  /^(?:\w+|`(?:[^`\\]|\\.)*`) +(\S.*)$/s.exec(element)?.[1] ?? element;
