const [quote, backslash, comma, space] = [0x22, 0x5c, 0x2c, 0x20];
const [bracket, closingBracket, brace, closingBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The texts of a JSON list's elements, byte for byte: written anew from what a parser made of them, a number would lose the
 * digits that JSON's numbers do not hold. `list` is valid JSON, and not empty.
 */
export const elementTexts = (list: Buffer): readonly Buffer[] => {
  const texts: Buffer[] = [];
  let depth = 0;
  let begin = 0;
  for (let at = 0; at < list.length; at++)
    switch (list[at]) {
      case quote:
        at = endOfText(list, at);
        break;
      case bracket:
      case brace:
        if (++depth === 1) begin = at + 1;
        break;
      case comma:
        if (depth > 1) break;
        texts.push(trimmed(list, begin, at));
        begin = at + 1;
        break;
      case closingBracket:
      case closingBrace:
        if (--depth === 0) texts.push(trimmed(list, begin, at));
        break;
    }
  return texts;
};

const endOfText = (list: Buffer, from: number): number => {
  let at = from + 1;
  while (list[at] !== quote) at += list[at] === backslash ? 2 : 1;
  return at;
};

/** What JSON takes for white space is a space or less, and nothing else outside of a text is. */
const trimmed = (list: Buffer, begin: number, end: number): Buffer => {
  while ((list[begin] as number) <= space) begin++;
  while ((list[end - 1] as number) <= space) end--;
  return list.subarray(begin, end);
};
