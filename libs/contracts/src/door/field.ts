import { type AmountE4 } from '@tributary/domain';
import { type AmountFault, maxAmountE4, parseAmount } from './amount.js';
import { currencyCodes } from './iso-4217.js';
import { refuse } from './problem.js';
import { checkIdText, checkText, maxId, maxText } from './text.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Reads one field's JSON value, or throws a `Refusal`. */
export type Parse<T> = (value: unknown) => T;

/** What a field accepts; a parser is compiled from it once per place, and OpenAPI's schema is derived from it. */
export interface Field<T> {
  readonly doc: string;
  readonly required: boolean;
  readonly json: JsonSchema;
  /** The parser of this field at a path; the path stands in its refusals. */
  readonly at: (path: string) => Parse<T>;
}

export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

const orNull = (json: JsonSchema): JsonSchema => ({ anyOf: [json, { type: 'null' }] });

/** `undefined`, `null` and empty text say the same: not stated. */
const optional = <T>(field: Field<T>): Field<T | null> => ({
  doc: field.doc,
  required: false,
  json: orNull(field.json),
  at: (path) => {
    const parse = field.at(path);
    return (value) => (value === undefined || value === null || value === '' ? null : parse(value));
  },
});

/** A short text that names a thing: never empty. */
export const id = (doc: string): Field<string> => ({
  doc,
  required: true,
  json: { type: 'string', minLength: 1, maxLength: maxId },
  at: (path) => (value) => checkIdText(path, value),
});

const text = (doc: string): Field<string> => ({
  doc,
  required: true,
  json: { type: 'string', minLength: 1, maxLength: maxText },
  at: (path) => (value) => checkText(path, value, 1, maxText, 'text'),
});

export const requiredText = text;
export const optionalText = (doc: string): Field<string | null> => optional(text(doc));
export const optionalId = (doc: string): Field<string | null> => optional(id(doc));

const amountWords: Readonly<Record<AmountFault, readonly [expected: string, remedy: string]>> = {
  invalid_amount: [
    'an amount such as "12.34"',
    'Write digits with a point before the decimals, without separators of thousands or a currency sign.',
  ],
  amount_too_precise: [
    'an amount of at most 4 decimals',
    'Round it at its source, or send it as text if a number cannot hold it exactly.',
  ],
  amount_too_large: ['an amount of at most 900000000000', 'Check the unit: amounts are in units of the currency.'],
};

/** The unit at the door; inside it is the ten-thousandth. */
export const amountUnit = 'In units of the currency, with at most 4 decimals.';

/** Money: decimal text or a JSON number of at most 4 decimals, kept as exact ten-thousandths. */
export const amount = (
  doc: string,
  sign: 'signed' | 'unsigned' = 'unsigned',
  ifNegative = 'Money given back is an order_refunded or order_cancelled with a positive amount.',
): Field<AmountE4> => ({
  doc: `${doc} ${amountUnit}`,
  required: true,
  json: {
    anyOf: [
      { type: 'string', pattern: `^${sign === 'signed' ? '[+-]?' : '\\+?'}\\d{1,12}(\\.\\d{1,4}0*)?$` },
      { type: 'number', minimum: sign === 'signed' ? -maxAmountE4 / 1e4 : 0, maximum: maxAmountE4 / 1e4 },
    ],
  },
  at: (path) => (value) => {
    const parsed = parseAmount(value);
    if (typeof parsed === 'string') {
      if (value === undefined || value === null)
        return refuse(path, 'missing', value, amountWords.invalid_amount[0], 'State the amount.');
      return refuse(path, parsed, value, ...amountWords[parsed]);
    }
    if (parsed < 0 && sign === 'unsigned')
      return refuse(path, 'out_of_range', value, 'an amount of 0 or more', ifNegative);
    return parsed;
  },
});
export const optionalAmount = (doc: string): Field<AmountE4 | null> => optional(amount(doc));
/** What is told beside an amount, and does not change it. */
export const amountBeside = (doc: string): Field<AmountE4 | null> =>
  optional(
    amount(`${doc} Said beside \`amount\`, which it does not change.`, 'unsigned', 'State it without its sign.'),
  );

export const currency = (doc: string): Field<string> => ({
  doc,
  required: true,
  json: { type: 'string', pattern: '^[A-Za-z]{3}$' },
  at: (path) => (value) => {
    if (typeof value === 'string') {
      if (currencyCodes.has(value)) return value;
      const upper = value.length === 3 ? value.toUpperCase() : '';
      if (currencyCodes.has(upper)) return upper;
      return refuse(
        path,
        'unknown_currency',
        value,
        'a currency code of ISO 4217',
        'Use its three letters, such as CNY (not RMB), EUR or USD.',
      );
    }
    const code = value === undefined || value === null ? 'missing' : 'wrong_type';
    return refuse(path, code, value, 'a currency code of ISO 4217', 'State the three letters, such as CNY.');
  },
});
export const optionalCurrency = (doc: string): Field<string | null> => optional(currency(doc));

interface Range {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

export const number = (doc: string, { min, max, integer = false }: Range): Field<number> => {
  const expected = `${integer ? 'an integer' : 'a number'} from ${min} to ${max}`;
  return {
    doc,
    required: true,
    json: { type: integer ? 'integer' : 'number', minimum: min, maximum: max },
    at: (path) => (value) => {
      if (typeof value !== 'number') {
        const absent = value === undefined || value === null;
        return refuse(
          path,
          absent ? 'missing' : 'wrong_type',
          value,
          expected,
          absent ? 'State it.' : 'Write it as a JSON number, without quotes.',
        );
      }
      if (!(value >= min && value <= max))
        return refuse(path, 'out_of_range', value, expected, 'Check the value and its unit.');
      if (integer && !Number.isInteger(value))
        return refuse(path, 'wrong_type', value, expected, 'Round it at its source.');
      return value + 0;
    },
  };
};
export const optionalNumber = (doc: string, range: Range): Field<number | null> => optional(number(doc, range));

const notFlag = (path: string, value: unknown): never =>
  refuse(path, 'wrong_type', value, 'true or false', 'Write true or false, without quotes.');

/** Absent means false. */
export const flag = (doc: string): Field<boolean> => ({
  doc,
  required: false,
  json: { type: 'boolean', default: false },
  at: (path) => (value) =>
    typeof value === 'boolean' ? value : value === undefined || value === null ? false : notFlag(path, value),
});
export const optionalFlag = (doc: string): Field<boolean | null> => ({
  doc,
  required: false,
  json: orNull({ type: 'boolean' }),
  at: (path) => (value) =>
    typeof value === 'boolean' ? value : value === undefined || value === null ? null : notFlag(path, value),
});

export const oneOf = <S extends string>(doc: string, symbols: readonly S[]): Field<S> => {
  const expected = `one of ${symbols.join(', ')}`;
  const known: ReadonlySet<unknown> = new Set(symbols);
  return {
    doc,
    required: true,
    json: { type: 'string', enum: symbols },
    at: (path) => (value) => {
      if (known.has(value)) return value as S;
      const code =
        value === undefined || value === null ? 'missing' : typeof value === 'string' ? 'not_one_of' : 'wrong_type';
      return refuse(path, code, value, expected, 'Use one of these words, in lower case.');
    },
  };
};
