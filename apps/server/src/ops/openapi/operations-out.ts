import { type JsonSchema } from '@tributary/contracts';
import { profileEventTypes } from '@tributary/query';
import { type Answer, header, type Operation, query, ref } from './operation.js';
import { customerId, moment, reason, subjectId, timelinePlace } from './shapes.js';

const trueAt =
  'True at: what had happened by then (event time). ISO 8601 with an offset, or a date: the end of that day, UTC.';
const acceptedBy = 'Known at: what the platform had accepted by then. As `as_of`.';
const asOf = query('as_of', trueAt, moment);
const knownAt = query('known_at', acceptedBy, moment);
const one = { id: customerId };
const nobody: Answer = { description: 'Nobody is known by this.', schema: ref('Refusal') };
const tied: Answer = {
  description: 'Of a moment: so much is tied together there that it is no person.',
  schema: ref('Refusal'),
};
const tooMany: Answer = {
  description:
    'Too many reads are under way; or nobody is known by this yet, while profiles that were lost are rebuilt (`profiles_rebuilding`; answers that are given meanwhile carry the header `tributary-profiles: rebuilding`). `Retry-After` says when to come again.',
  schema: ref('Refusal'),
};
const malformed: Answer = { description: 'A parameter cannot be read.', schema: ref('Refusal') };

const reads: readonly Operation[] = [
  {
    route: 'GET /v1/customers',
    summary: 'The customer of an identifier, or a page of customers',
    description:
      'With any identifier type as the one parameter (`?phone=…`, `?email=…`), or `identifier_type` and `identifier_value`: that customer’s profile; with `as_of` or `known_at`, of whoever it named then. Without: a page, in id order.',
    tag: 'customers',
    needs: 'read',
    parameters: [
      query('phone', 'A phone number, as written; so for each identifier type (`GET /v1/status` lists them).'),
      query('identifier_type', 'Type of `identifier_value`.'),
      query('identifier_value', 'The identifier, as written.'),
      query('as_of', `With an identifier only: a page is as of now. ${trueAt}`, moment),
      query('known_at', `With an identifier only. ${acceptedBy}`, moment),
      query('after', 'The `next` of the page before.', customerId),
      query('limit', 'Customers of a page; 50 if absent.', { type: 'integer', minimum: 1, maximum: 200 }),
    ],
    answers: {
      '200': { description: 'The profile, or the page.', schema: { anyOf: [ref('Profile'), ref('CustomerPage')] } },
      '400': malformed,
      '404': nobody,
      '422': tied,
      '503': tooMany,
    },
  },
  {
    route: 'GET /v1/customers/:id',
    summary: 'A profile',
    description:
      'Any customer id ever issued resolves: to whoever holds its first subject, now or at the moment asked for.',
    places: one,
    tag: 'customers',
    needs: 'read',
    parameters: [asOf, knownAt],
    answers: {
      '200': { description: 'The profile.', schema: ref('Profile') },
      '400': malformed,
      '404': nobody,
      '422': tied,
      '503': tooMany,
    },
  },
  {
    route: 'GET /v1/customers/:id/timeline',
    summary: 'What happened and what was decided, newest first',
    places: one,
    tag: 'customers',
    needs: 'read',
    parameters: [
      query('limit', 'Entries; 50 if absent.', { type: 'integer', minimum: 1, maximum: 200 }),
      query('before', 'The `next` of the page before.', timelinePlace),
    ],
    answers: {
      '200': { description: 'A page.', schema: ref('TimelinePage') },
      '400': malformed,
      '404': nobody,
      '503': tooMany,
    },
  },
  {
    route: 'GET /v1/customers/:id/explain',
    summary: 'Why a value is what it is',
    description: 'From the value to the version of the rules, to the events, to their places in the log.',
    places: one,
    tag: 'customers',
    needs: 'read',
    parameters: [
      {
        ...query('path', 'As in the profile’s JSON: `value.net`, `lifecycle.relationship.stage`, `traits.email`.', {
          type: 'string',
          minLength: 1,
          maxLength: 1_000,
        }),
        required: true,
      },
      asOf,
      knownAt,
    ],
    answers: {
      '200': { description: 'The explanation.', schema: ref('Explanation') },
      '400': malformed,
      '404': { description: 'Nobody is known by this, or the profile has no such path.', schema: ref('Refusal') },
      '422': tied,
      '503': tooMany,
    },
  },
];

const idempotency = header(
  'Idempotency-Key',
  'The same key with the same command is answered with what came of it; with another command it is refused.',
  { type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,128}$' },
);
const commandAnswers: Readonly<Record<string, Answer>> = {
  '200': { description: 'Done.', schema: ref('CommandOutcome') },
  '202': { description: 'Durable, and not come to yet: it will be done.', schema: ref('CommandOutcome') },
  '400': malformed,
  '404': nobody,
  '409': { description: 'It cannot be done as things stand.', schema: ref('Refusal') },
  '422': { description: 'The Idempotency-Key was used for another command.', schema: ref('Refusal') },
};
const command = (
  name: string,
  summary: string,
  fields: Readonly<Record<string, unknown>>,
  required: readonly string[],
  example: object,
  besides: JsonSchema = {},
): Operation => ({
  route: `POST /v1/customers/:id/${name}`,
  summary,
  tag: 'customers',
  needs: 'admin',
  places: one,
  parameters: [idempotency],
  body: {
    schema: {
      type: 'object',
      required: [...required, 'reason'],
      properties: {
        ...fields,
        reason: { ...reason, description: 'Why. Kept for ever: no personal data.' },
      },
      additionalProperties: false,
      ...besides,
    },
    example,
  },
  answers: commandAnswers,
});

const commands: readonly Operation[] = [
  command(
    'merge',
    'Say that two customers are one person',
    { with: { ...customerId, description: 'The other customer’s id.' } },
    ['with'],
    { with: `c_${'0123456789abcdef'.repeat(2)}`, reason: 'same person, checked on the phone' },
  ),
  command(
    'unmerge',
    'Take a part out of a customer again',
    {
      subject: { ...subjectId, description: 'A subject of the customer.' },
      from: { ...customerId, description: 'Or the id of a customer that was absorbed.' },
      identifier: {
        type: 'object',
        description:
          'Or an identifier, as its profile lists them. Of whom a merge has brought, any takes the merge back; of the rest, the surest one does.',
        required: ['type', 'value'],
        properties: { type: { type: 'string' }, value: { type: 'string' } },
      },
      stays: {
        type: 'object',
        description:
          'Whom it is taken away from, by an identifier of the customer; absent: whom the customer is called after. 409 `not_a_member` where it is none of the customer. What a merge of the two by these identifiers has tied, their unmerge parts.',
        required: ['type', 'value'],
        properties: { type: { type: 'string' }, value: { type: 'string' } },
      },
    },
    [],
    { identifier: { type: 'phone', value: '13900001111' }, reason: 'not hers' },
    { oneOf: ['subject', 'from', 'identifier'].map((part) => ({ required: [part] })) },
  ),
  command('erase', 'Erase a person: keys destroyed, read models purged, a receipt', {}, [], {
    reason: 'asked by the customer',
  }),
];

const feed: Operation = {
  route: 'GET /v1/profile-events',
  summary: 'What changed, as server-sent events',
  description:
    'CloudEvents 1.0 in JSON, in order per customer, without gaps. The stream begins with the id from which it goes on, so read that before the profiles. Resume with `Last-Event-ID` (browsers do by themselves). A slow reader is paused, never skipped; one that takes nothing for a minute is let go. An event is told when the profile says it.',
  tag: 'feed',
  needs: 'read',
  parameters: [
    { name: 'Last-Event-ID', in: 'header', description: 'The id of the last event seen.' },
    query(
      'from',
      '`beginning`, `end` (if absent), `-20` (so many before the end, at most 1,000), or a position; `Last-Event-ID` outranks it.',
    ),
    query('types', 'Only these, with commas between them.', {
      type: 'string',
      examples: [profileEventTypes.slice(1, 3).join(',')],
    }),
    query('customer', 'Only of this customer id, and that another takes it in or lets it go.', customerId),
  ],
  answers: {
    '200': { description: 'The events.', type: 'text/event-stream', schema: ref('ProfileEvent') },
    '400': {
      description: 'A parameter cannot be read, or the position is none that this feed has given out.',
      schema: ref('Refusal'),
    },
    '410': { description: 'What followed the position is no longer held.', schema: ref('Refusal') },
    '429': { description: 'Too many subscribers.', schema: ref('Refusal') },
  },
};

export const operationsOut: readonly Operation[] = [...reads, ...commands, feed];
