import { type JsonSchema } from '@tributary/contracts';

/** What schemas of answers are made of. */
export const text: JsonSchema = { type: 'string' };
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const instant: JsonSchema = { type: 'string', format: 'date-time' };
export const amount: JsonSchema = {
  type: 'string',
  pattern: '^-?\\d+\\.\\d{2,4}$',
  description: 'Exact decimal text.',
};
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const number: JsonSchema = { type: 'number' };
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required = Object.keys(properties),
): JsonSchema => ({ type: 'object', required, properties });
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const mapOf = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values });

export const customerId: JsonSchema = { type: 'string', pattern: '^c_[0-9a-f]{32}$' };
export const subjectId: JsonSchema = { type: 'string', pattern: '^s_[0-9a-f]{32}$' };

/** What a query calls a moment: a date, or a time with its offset. */
export const moment: JsonSchema = { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] };
export const channelName: JsonSchema = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' };
/** Of the log: so many digits are read. */
export const offset: JsonSchema = { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 };
/** Why something is done: not of blanks alone. */
export const reason: JsonSchema = { type: 'string', maxLength: 500, pattern: '\\S' };

/** Where a page of a timeline ends, as `next` gives it. */
export const timelinePlace: JsonSchema = { type: 'string', pattern: '^-?\\d{1,16}:\\d{1,16}:[A-Za-z0-9_-]{1,64}$' };
