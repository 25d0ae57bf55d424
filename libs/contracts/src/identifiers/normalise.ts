import { isShortenedNumber, shortenedNumber } from '../door/text.js';
import { readEmail } from './email-address.js';
import { readPhone } from './phone-number.js';

/** How values of an identifier type are written, so that one thing is one value. */
export type IdentifierForm = 'phone' | 'email' | 'vin' | 'exact' | 'lower' | 'upper';
export const identifierForms: readonly IdentifierForm[] = ['phone', 'email', 'vin', 'exact', 'lower', 'upper'];

export interface NormaliseOptions {
  /** ISO 3166 country of phone numbers that carry no country code. Default CN. */
  readonly defaultRegion?: string;
}

export interface NotNormal {
  readonly expected: string;
  readonly remedy: string;
}

const formsByName: Readonly<Record<string, IdentifierForm>> = {
  phone: 'phone',
  mobile: 'phone',
  email: 'email',
  vin: 'vin',
  member_no: 'upper',
  customer_no: 'upper',
  device: 'lower',
};

/** The form of a type that the rules give none: by its name, else its values are kept as they are. */
export const formOf = (type: string): IdentifierForm => formsByName[type] ?? 'exact';

const maxLength = 256;

const refused = (expected: string, remedy: string): NotNormal => ({ expected, remedy });

/** Text without what is not seen in it, or why it is no identifier of any form. */
export const tidied = (raw: string): string | NotNormal => {
  if (raw.length > 4 * maxLength || /\p{Surrogate}/u.test(raw))
    return refused('text of at most 256 characters', 'Send the identifier alone.');
  // NFKC makes full-width digits and letters, and ideographic and no-break spaces, what they look like.
  const text = raw.normalize('NFKC').replace(invisible, '').trim();
  return text === '' ? refused('text that is not blank', 'Leave the identifier out if it is not known.') : text;
};

/** A value as it is written, and whether it is a company's own (a service number), which names no person. */
export interface Written {
  readonly value: string;
  readonly ofCompany: boolean;
}

/** A value in the one way to write it in this form, or why it is none. */
export const written = (form: IdentifierForm, raw: string, options: NormaliseOptions = {}): Written | NotNormal => {
  const text = tidied(raw);
  if (typeof text !== 'string') return text;
  const outcome = write[form](text, options);
  const result = typeof outcome === 'string' ? { value: outcome, ofCompany: false } : outcome;
  if (!('value' in result)) return isShortenedNumber(text) ? shortenedNumber : result;
  return result.value.length > maxLength
    ? refused(`at most ${maxLength} characters`, 'Send the identifier alone.')
    : result;
};

/** The one way to write a value of this form, or why it is none. Normalising twice changes nothing. */
export const normalise = (form: IdentifierForm, raw: string, options: NormaliseOptions = {}): string | NotNormal => {
  const outcome = written(form, raw, options);
  return 'value' in outcome ? outcome.value : outcome;
};

/** Zero-width marks and controls, which copying from chats and spreadsheets brings along. */
const invisible = /[\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

const phoneNumber = (text: string, { defaultRegion = 'CN' }: NormaliseOptions): Written | NotNormal =>
  readPhone(text, defaultRegion) ??
  refused(
    `a phone number (of ${defaultRegion}, or with its country code)`,
    'Write it as +86 138 0013 8001; leave it out if it is withheld or not a number that one person has.',
  );

const emailAddress = (text: string): string | NotNormal =>
  readEmail(text) ??
  refused('an e-mail address such as name@example.com', 'Send the bare address, without a display name.');

const vehicleNumber = (text: string): string | NotNormal => {
  const value = text.replace(/[\s-]/g, '').toUpperCase();
  return /^[A-HJ-NPR-Z0-9]{17}$/.test(value)
    ? value
    : refused(
        'a vehicle identification number: 17 letters and digits, without I, O and Q',
        'Check for mistyped I/1 and O/0.',
      );
};

const write: Readonly<
  Record<IdentifierForm, (text: string, options: NormaliseOptions) => string | Written | NotNormal>
> = {
  phone: phoneNumber,
  email: emailAddress,
  vin: vehicleNumber,
  exact: (text) => text,
  // A letter's other case may have another composed form, so compose once more.
  lower: (text) => text.toLowerCase().normalize('NFKC'),
  upper: (text) => text.toUpperCase().normalize('NFKC'),
};
