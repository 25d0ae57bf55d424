/** Why an input was refused: enough to mend it, and nothing of what it held. */
export interface Problem {
  /** Path into the input: `payload.lines[0].quantity`. */
  readonly field: string;
  /** The shape of what stands there (`string of 5 characters`), never the value. */
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
  readonly code: ProblemCode;
}

export type ProblemCode =
  | 'missing'
  | 'wrong_type'
  | 'too_long'
  | 'too_many'
  | 'nested_too_deeply'
  | 'malformed_json'
  | 'ill_formed_text'
  | 'shortened_number'
  | 'unknown_field'
  | 'unknown_type'
  | 'not_one_of'
  | 'out_of_range'
  | 'invalid_amount'
  | 'amount_too_precise'
  | 'amount_too_large'
  | 'unknown_currency'
  | 'invalid_date'
  | 'date_without_offset'
  | 'date_too_early'
  | 'date_in_future'
  | 'unknown_identifier_type'
  | 'invalid_identifier';

/** Thrown by the parsers of this folder and caught by `parseTouchpoint`; no Error, since nobody needs its stack. */
export class Refusal {
  constructor(readonly problem: Problem) {}
}

export const refuse = (field: string, code: ProblemCode, value: unknown, expected: string, remedy: string): never => {
  // A value that travels up through the parsers of one touchpoint.
  throw new Refusal({ field, found: shapeOf(value), expected, remedy, code });
};

/** What kind of thing a value is, without a trace of the value itself. */
export const shapeOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value === '' ? 'empty string' : `string of ${value.length} character${value.length === 1 ? '' : 's'}`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? 'number with a fraction' : 'not a finite number';
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return 'number beyond 2^53';
  return typeof value;
};
