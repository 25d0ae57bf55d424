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
