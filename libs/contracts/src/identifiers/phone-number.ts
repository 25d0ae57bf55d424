import { parsePhoneNumberFromString, type CountryCode, type NumberType } from 'libphonenumber-js/max';

/** Numbers that a company has for whoever calls it: 400 and 800 in China, 0800, 0900 … elsewhere. */
const companyTypes: ReadonlySet<NumberType> = new Set(['TOLL_FREE', 'SHARED_COST', 'PREMIUM_RATE', 'UAN']);

/** Digits of an extension; of one that only a comma or semicolon says to be one, fewer than any number has. */
const longestExtension = 7;
const longestUnnamed = 6;
const unnamed = /,|;(?!ext=)/i;
/** As the platform writes it itself: what came in when two numbers in one field were taken for one can still be asked for. */
const own = /^\+\d+;ext=\d+$/;

export interface ReadPhone {
  /** E.164; with `;ext=` and the digits where there is an extension: a switchboard's extensions are different people. */
  readonly value: string;
  readonly ofCompany: boolean;
}

/** A valid phone number, as tills, spreadsheets and people write it; `undefined` if it is none. */
export const readPhone = (text: string, region: string): ReadPhone | undefined =>
  // Libphonenumber refuses by an exception with its stack, which is dear where a column is full of words.
  digit.test(text)
    ? // What can be read as it stands is: mending is for what would be refused.
      (parse(text.replace(/^00(?=[1-9])/, '+'), region) ?? parse(mended(text), region))
    : undefined;

/** In whatever script. */
const digit = /\p{Nd}/u;

const parse = (text: string, region: string): ReadPhone | undefined => {
  const number = parsePhoneNumberFromString(text, { defaultCountry: region as CountryCode, extract: false });
  // Asking for the type is what makes asking for validity dear; some regions have numbers of no type.
  const type = number?.getType();
  if (number === undefined || (type === undefined && !number.isValid())) return undefined;
  const { ext = '' } = number;
  // Two numbers in one field (138…;139…) would pass for one with a long extension, and for another person than either.
  const isTwo = ext.length > longestExtension || (ext.length > longestUnnamed && unnamed.test(text));
  if (isTwo && !own.test(text)) return undefined;
  return {
    value: ext === '' ? number.number : `${number.number};ext=${ext}`,
    ofCompany: companyTypes.has(type),
  };
};

/** The habits that libphonenumber does not know, taken off from the outside in. */
const mended = (text: string): string =>
  habits.reduce((so, [habit, instead]) => so.replace(habit, instead), text).replace(/^00(?=[1-9])/, '+');

const habits: readonly (readonly [habit: RegExp, instead: string])[] = [
  // Spreadsheets: text that must stay text, as ="138…" or '138…; a number read as a float.
  [/^="?(.*?)"?$/, '$1'],
  [/^'(.*?)'?$/, '$1'],
  [/^(\+?\d{7,})\.0+$/, '$1'],
  [/^tel:/i, ''],
  [/[\s,;、]+$/, ''],
  // (+86)137…, (0086)137…, +0086 137…
  [/^\(\s*(?:\+|00)\s*([1-9]\d{0,2})\s*\)/, '+$1 '],
  [/^\+\s*00\s*(?=[1-9])/, '+'],
  // Extensions: 转801, 分机801, and after a number with its area code -801.
  [/\s*[-,(]?\s*(?:[转轉]分?机?|分[机機])\s*:?\s*(\d{1,7})\s*\)?$/, ' ext. $1'],
  [/^((?:\+86[-\s]?)?\(?0?\d{2,3}\)?[-\s]?\d{7,8})-(\d{1,6})$/, '$1 ext. $2'],
];
