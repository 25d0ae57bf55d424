import { itemStates } from '../quarantine/item-page.js';
import { type Body, type Operation, type Parameter, query, ref } from './operation.js';
import { channelName, offset, reason } from './shapes.js';

const json = { type: 'object' };

const order = (
  name: string,
  summary: string,
  description: string,
  answer: string,
  body: Body = { schema: { ...json, additionalProperties: false }, example: {} },
): Operation => ({
  route: `POST /v1/ops/${name}`,
  summary,
  description,
  tag: 'operations',
  needs: 'admin',
  body,
  answers: {
    '200': { description: 'It is done.', schema: ref(answer) },
    '409': { description: 'Another such order is being carried out.', schema: ref('Refusal') },
    '503': { description: 'The process that would carry it out is away, or has failed.', schema: ref('Refusal') },
  },
});

const ops: readonly Operation[] = [
  {
    route: 'GET /health/live',
    summary: 'Whether the process lives',
    tag: 'operations',
    needs: 'nobody',
    answers: { '200': { description: 'It does.', schema: json } },
  },
  {
    route: 'GET /health/ready',
    summary: 'Whether it may be sent work',
    tag: 'operations',
    needs: 'nobody',
    answers: {
      '200': { description: 'It may.', schema: json },
      '503': { description: 'Not now; `checks` says which part, and to who may read why.', schema: json },
    },
  },
  {
    route: 'GET /metrics',
    summary: 'Metrics in the OpenMetrics format',
    tag: 'operations',
    needs: 'read',
    answers: { '200': { description: 'The metrics.', type: 'application/openmetrics-text' } },
  },
  {
    route: 'GET /v1/status',
    summary: 'Counts by channel, stages, lag',
    tag: 'operations',
    needs: 'read',
    answers: { '200': { description: 'The numbers.', schema: ref('Status') } },
  },
  {
    route: 'GET /v1/quarantine',
    summary: 'What could not be understood',
    description:
      'Without a channel: how much each holds, and no other parameter. The bytes may hold personal data: they need an admin key, or on this machine an `X-Tributary-Intent` header. Of a channel, `end` is the offset behind the newest item: where to stop for whoever goes through what is held now.',
    tag: 'operations',
    needs: 'read',
    parameters: [
      query('channel', 'Of this channel. The other parameters are of a channel only.', channelName),
      query('after', 'The `next` of the page before.', offset),
      query('limit', 'Items; 100 if absent.', { type: 'integer', minimum: 1, maximum: 500 }),
      query('bytes', 'With the bytes.', { type: 'boolean' }),
      query('state', 'Those that wait (`held`, if absent), those that wait no longer (`settled`), or `all`.', {
        enum: [...itemStates],
      }),
    ],
    answers: {
      '200': { description: 'Reasons and positions; `settled` says what became of one.', schema: json },
      '400': { description: 'A parameter cannot be read, or there is no such channel.', schema: ref('Refusal') },
    },
  },
  {
    route: 'POST /v1/quarantine/settle',
    summary: 'Say that items of the quarantine wait no longer',
    description:
      'After they were sent again and understood, or since they are not wanted. They stay where they are until the retention takes them, and can be seen and replayed until then. The same again changes nothing.',
    tag: 'operations',
    needs: 'admin',
    body: {
      schema: {
        type: 'object',
        required: ['channel', 'offsets', 'as'],
        properties: {
          channel: channelName,
          offsets: { type: 'array', items: offset, minItems: 1, maxItems: 1000 },
          as: { enum: ['replayed', 'discarded'] },
          reason: { ...reason, description: 'Needed for what is discarded.' },
        },
        additionalProperties: false,
        if: { properties: { as: { const: 'discarded' } } },
        then: { required: ['reason'] },
      },
      example: { channel: 'web_shop', offsets: [12, 13], as: 'discarded', reason: 'a test of the new shop' },
    },
    answers: {
      '200': {
        description: 'Durable.',
        schema: {
          type: 'object',
          properties: {
            channel: { type: 'string' },
            settled: { type: 'integer' },
            before: { type: 'integer', description: 'So many were settled so before.' },
          },
        },
      },
      '400': { description: 'Not understood.', schema: ref('Refusal') },
      '404': { description: 'The channel holds nothing at one of the offsets.', schema: ref('Refusal') },
    },
  },
  order(
    'verify',
    'Whether each read model equals its rebuild from zero',
    'Rebuilds beside the running platform and compares, byte for byte; may take minutes.',
    'Verification',
  ),
  order(
    'rebuild',
    'Make the read models what the events say',
    'Changes only what differs; may take minutes.',
    'Verification',
  ),
  order(
    'end-retention',
    'Drop input that has had its effect',
    'Ends the retention of the input log and the quarantine at once. The bytes are gone from the files; over Kafka nobody can read them any more, and `remaining` says how long they lie there.',
    'Dropped',
    {
      schema: {
        type: 'object',
        required: ['reason'],
        properties: { reason },
        additionalProperties: false,
      },
      example: { reason: 'asked by the customer' },
    },
  ),
  order(
    'backup',
    'Copy the data folder, while it is in use',
    'Makes a data folder as it is now, without `secrets.json`, on the machine of the server. It has its name only when it is whole.',
    'BackupMade',
    {
      schema: {
        type: 'object',
        required: ['folder'],
        properties: { folder: { type: 'string', description: 'Absolute path of a folder that is not there yet.' } },
        additionalProperties: false,
      },
      example: { folder: '/mnt/backups/tributary-2026-11-29' },
    },
  ),
  {
    route: 'GET /openapi.json',
    summary: 'This document',
    tag: 'operations',
    needs: 'read',
    answers: { '200': { description: 'OpenAPI 3.1.', schema: json } },
  },
  {
    route: 'GET /asyncapi.json',
    summary: 'The description of profile events, over SSE and in Kafka',
    tag: 'operations',
    needs: 'read',
    answers: { '200': { description: 'AsyncAPI 3.0.', schema: json } },
  },
];

const defaultToGlobal = query('defaultToGlobal', '`true`: that of all, where there is none of its own.', {
  type: 'boolean',
});

const registry = (route: string, summary: string, parameters: readonly Parameter[] = []): Operation => ({
  route: `GET /registry/${route}`,
  summary,
  tag: 'schemas',
  needs: 'read',
  places: {
    version: { type: 'string', pattern: '^(latest|[1-9]\\d{0,8})$' },
    id: { type: 'integer', minimum: 1 },
  },
  parameters,
  answers: {
    '200': {
      description: 'As Confluent’s schema registry answers.',
      type: 'application/vnd.schemaregistry.v1+json',
      schema: {},
    },
    '404': { description: 'There is none.', type: 'application/vnd.schemaregistry.v1+json', schema: {} },
    ...(route.includes(':version')
      ? {
          '422': {
            description: 'Neither a number nor latest.',
            type: 'application/vnd.schemaregistry.v1+json',
            schema: {},
          },
        }
      : {}),
  },
});

const schemas: readonly Operation[] = [
  registry('subjects', 'Names of all schemas'),
  registry('subjects/:subject/versions', 'Versions of a schema'),
  registry('subjects/:subject/versions/:version', 'One version (a number, or latest)'),
  registry('subjects/:subject/versions/:version/schema', 'One version’s schema alone'),
  registry('schemas/ids/:id', 'A schema by the id that messages carry'),
  registry('schemas/ids/:id/versions', 'Where a schema id is used'),
  registry('schemas/ids/:id/subjects', 'Names under which a schema id is used'),
  registry('schemas/types', 'Kinds of schema'),
  registry('config', 'Compatibility level'),
  registry('config/:subject', 'A schema’s own compatibility level: none has one', [defaultToGlobal]),
  registry('mode', 'Whether the registry takes writes'),
  registry('mode/:subject', 'A schema’s own mode: none has one', [defaultToGlobal]),
];

const noSuchFile: Operation['answers'] = {
  '404': { description: 'The pages have no such file.', schema: ref('Refusal') },
};

const file = (route: string, summary: string, type: string, besides: Operation['answers'] = {}): Operation => ({
  route: `GET ${route}`,
  summary,
  tag: 'page',
  needs: 'read',
  answers: { '200': { description: 'The file.', type }, '304': { description: 'It has not changed.' }, ...besides },
});

const pages: readonly Operation[] = [
  file('/', 'The page', 'text/html'),
  file('/docs', 'This document, to read', 'text/html'),
  file('/console/:file', 'Scripts and style of the pages', 'text/javascript', noSuchFile),
];

export const operationsOfOps: readonly Operation[] = [...ops, ...schemas, ...pages];
