import { touchpointTypes, type TouchpointType } from '@tributary/domain';
import { type JsonSchema } from './field.js';
import { maxId } from './text.js';
import { payloadFields } from './payload-fields.js';
import { recordSchema } from './record.js';

export const maxIdentifiers = 20;
export const earliest = Date.UTC(1900, 0, 1);
/** Milliseconds below this lie before March 1973: far likelier they are seconds of today. */
export const likelySeconds = 1e11;

/** JSON Schema (2020-12) of each type's payload, for OpenAPI. */
export const payloadJsonSchemas = Object.fromEntries(
  touchpointTypes.map((type) => [type, recordSchema(payloadFields[type] as never)]),
) as Readonly<Record<TouchpointType, JsonSchema>>;

/** JSON Schema of the native envelope of one type. */
export const envelopeJsonSchema = (
  type: TouchpointType,
  payload: JsonSchema = payloadJsonSchemas[type],
): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: ['type', 'messageId', 'occurredAt', 'payload'],
  properties: {
    type: { const: type, description: 'Type of the touchpoint.' },
    messageId: {
      type: 'string',
      minLength: 1,
      maxLength: maxId,
      description: 'Your id of this touchpoint, unique within the channel. A retry carries the same one.',
    },
    occurredAt: {
      anyOf: [
        { type: 'string', format: 'date-time' },
        { type: 'integer', minimum: likelySeconds },
        { type: 'integer', minimum: earliest, maximum: 0 },
      ],
      description:
        'When it happened: ISO 8601 with an offset, or milliseconds since 1970-01-01T00:00Z; what looks like seconds is refused.',
    },
    identifiers: {
      type: 'array',
      maxItems: maxIdentifiers,
      default: [],
      description:
        'Who it was, as far as known; none: nobody is named. Values that the identity rules block (placeholders) name nobody.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'value'],
        properties: {
          type: { type: 'string', description: 'Identifier type of the identity rules: phone, email, member_no …' },
          value: {
            type: 'string',
            minLength: 1,
            maxLength: maxId,
            description: 'As your system writes it; normalised at the door.',
          },
        },
      },
    },
    payload,
  },
});
