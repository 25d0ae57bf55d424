import { envelopeJsonSchema, type JsonSchema, payloadJsonSchemas } from '@tributary/contracts';
import { touchpointTypes } from '@tributary/domain';
import { ref } from './operation.js';
import { count, instant, list, object, orNull, text } from './shapes.js';

const problem = object({
  code: text,
  field: text,
  found: { type: 'string', description: 'A shape, never a value.' },
  expected: text,
  remedy: text,
});

const pascal = (type: string): string => type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Payloads by type, from the very table that the door's parsers are compiled from. */
const touchpoints: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(touchpointTypes.map((type) => [`${pascal(type)}Payload`, payloadJsonSchemas[type]])),
  ...Object.fromEntries(
    touchpointTypes.map((type) => [pascal(type), envelopeJsonSchema(type, ref(`${pascal(type)}Payload`))]),
  ),
  Touchpoint: {
    oneOf: touchpointTypes.map((type) => ref(pascal(type))),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(touchpointTypes.map((type) => [type, `#/components/schemas/${pascal(type)}`])),
    },
  },
};

/** What comes in by the doors, and what they answer. */
export const schemasIn: Readonly<Record<string, JsonSchema>> = {
  ...touchpoints,
  Problem: problem,
  Refusal: object({ error: object({ code: text, message: text, field: orNull(text), remedy: text }) }),
  TouchpointOutcome: object({
    accepted: count,
    rejected: count,
    items: list({
      type: 'object',
      required: ['index', 'status'],
      properties: {
        index: count,
        status: { enum: ['accepted', 'rejected'] },
        messageId: text,
        problem: ref('Problem'),
      },
    }),
  }),
  CloudEventData: {
    type: 'object',
    description: 'What the envelope of a touchpoint says beside its type, id and time.',
    required: ['payload'],
    additionalProperties: false,
    properties: {
      identifiers: { type: 'array', items: object({ type: text, value: text }) },
      payload: {
        description: 'As in the envelope of the type.',
        anyOf: touchpointTypes.map((type) => ref(`${pascal(type)}Payload`)),
      },
    },
  },
  CloudEvent: {
    type: 'object',
    description:
      'As in CloudEvents’ JSON format; extensions are taken and not kept. `data` may stand in `data_base64`.',
    required: ['specversion', 'id', 'source', 'type'],
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string', minLength: 1 },
      source: { type: 'string', minLength: 1 },
      type: { type: 'string', pattern: `^(.*\\.)?(${touchpointTypes.join('|')})$` },
      time: instant,
      datacontenttype: text,
      subject: text,
      dataschema: text,
      data: ref('CloudEventData'),
      data_base64: { type: 'string', contentEncoding: 'base64' },
    },
  },
  CloudEventOutcome: object({
    accepted: count,
    quarantined: count,
    items: list({
      type: 'object',
      required: ['index', 'status'],
      properties: {
        index: count,
        status: { enum: ['accepted', 'quarantined'] },
        id: text,
        messageId: text,
        problem: ref('Problem'),
      },
    }),
  }),
  SegmentEvent: {
    type: 'object',
    description: 'As in Segment’s specification.',
    properties: {
      type: { ...text, description: 'In a batch: which call it is.' },
      messageId: text,
      userId: text,
      anonymousId: text,
      event: { ...text, description: 'Of `track`: its name.' },
      name: { ...text, description: 'Of `page` and `screen`.' },
      groupId: { ...text, description: 'Of `group`.' },
      previousId: { ...text, description: 'Of `alias`.' },
      properties: { type: 'object', description: 'Of `track`, `page` and `screen`.' },
      traits: { type: 'object', description: 'Of `identify` and `group`.' },
      timestamp: text,
      sentAt: text,
      context: { type: 'object' },
    },
  },
  SegmentOutcome: object({ success: { const: true }, accepted: count, quarantined: count }),
};
