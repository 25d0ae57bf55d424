/** A word as placeholders are compared: whatever its case and width. The text is without what is not seen in it. */
export const folded = (text: string): string => text.toLowerCase().normalize('NFKC');

/** What an export that quotes twice, or a sentence, leaves about a word. */
const aroundIt = /^["'`“”‘’\s]+|["'`“”‘’.,;\s]+$/gu;

/**
 * The namespace before a number that several systems give out, `shop:` of `shop:10042`. It begins with a letter, and is one
 * word alone: a MAC address has a colon behind each two digits, and its end says nothing by itself.
 */
const namespace = /^\p{L}[\p{L}\p{N}_.-]*:/u;

/**
 * Whether a value says that there is none: one of the rules' words, nothing but marks and zeros (`-`, `000000`,
 * `00000000-0000-0000-0000-000000000000`), or one digit ten times and more, as fingers type it where a field is
 * demanded. Shorter runs are numbers that count up to there or are sold as lucky ones: 8888 is somebody's. A masked value says
 * no more. Behind a namespace it says the same: whoever puts `shop:` before every card number puts it before 散客, too.
 */
export const isPlaceholder = (text: string, words: ReadonlySet<string>): boolean =>
  saysNothing(text, words) || (namespace.test(text) && saysNothing(text.replace(namespace, ''), words));

const saysNothing = (text: string, words: ReadonlySet<string>): boolean =>
  words.has(folded(text)) ||
  words.has(folded(text.replace(aroundIt, ''))) ||
  !/[\p{L}\p{N}]/u.test(text.replaceAll('0', '')) ||
  /^(\d)\1{9,}$/.test(text) ||
  isMasked(text);

/** Digits crossed out by letters, as of cards (XXXX-XXXX-XXXX-1234). The length is a number's: three hundred letters hide none. */
const crossedOut = /^(?=.{4,32}$)[\d +-]*x{4}[x\d -]*$/i;

/**
 * Whether digits or letters are hidden: 138****1234, 张**, z***@163.com, 6222xxxxxxxx1234. What is left of a value is left of many
 * others, too. One mark alone may belong to a machine's number; among Chinese characters alone it hides one of a name (张*, 李*明), but
 * for a bullet, which many write between the parts of a name (买买提•艾力).
 */
export const isMasked = (text: string): boolean =>
  /[*∗●•█×]{2}|^[\p{Script=Han}·]*[*∗●█×][\p{Script=Han}·]*$/u.test(text) || crossedOut.test(text);

/** How systems write a word: each of these was an identifier of its own where case counts. */
export const casingsOf = (word: string): ReadonlySet<string> =>
  new Set([word, word.toLowerCase(), word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()]);
