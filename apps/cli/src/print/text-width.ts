/** Cells that a text takes on a terminal: Chinese, Japanese, Korean and full-width characters take two. */
export const textWidth = (text: string): number => {
  let width = 0;
  for (const character of text) width += isMark.test(character) ? 0 : isWide.test(character) ? 2 : 1;
  return width;
};

const isWide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const isMark = /\p{Mn}|\p{Cf}/u;

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - textWidth(text))) + text;
