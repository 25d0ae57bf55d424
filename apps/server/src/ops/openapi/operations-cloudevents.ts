import { header, type Operation, query, ref } from './operation.js';
import { channel, refused } from './refused-in.js';
import { offset } from './shapes.js';

const data = {
  identifiers: [{ type: 'phone', value: '13900001111' }],
  payload: { orderId: '1001', amount: '268.00', currency: 'CNY' },
};
const event = {
  specversion: '1.0',
  id: 'order-1001',
  source: '/shop',
  type: 'com.example.order_placed',
  time: '2026-05-31T18:30:00+08:00',
  datacontenttype: 'application/json',
  data,
};

const events: Operation = {
  route: 'POST /v1/cloudevents',
  summary: 'Hand in CloudEvents',
  description:
    'CloudEvents 1.0 in binary (attributes as `ce-…` headers, the body is `data`), structured and batched mode; plain or gzip; at most 5 MB and 10,000 events. The last part of `type` is a touchpoint type, `data` is `{ identifiers, payload }`, `source` and `id` together are the message id. An event that is not understood is held in the quarantine with its reason, which the answer tells. An answer of 2xx comes after all of it is durable.',
  tag: 'in',
  needs: 'write',
  parameters: [
    channel,
    query('verbose', 'List the accepted events, too.', { type: 'boolean' }),
    query(
      'replay',
      'The body is the one event that the quarantine holds at this offset, as it is or mended. If it states no `time`, it is of when it came for the first time; if it is not understood, it is refused and not held a second time.',
      offset,
    ),
    header('ce-specversion', 'Binary mode: `1.0`.'),
    header('ce-id', 'Binary mode: the id of the event, percent-encoded like each of these headers.'),
    header('ce-source', 'Binary mode: within which the id is unique.'),
    header('ce-type', 'Binary mode: a touchpoint type, after a reverse-DNS name and a dot if you like.'),
    header('ce-time', 'Binary mode: when it happened, RFC 3339. Absent: now.'),
  ],
  body: {
    schema: ref('CloudEventData'),
    example: data,
    others: {
      'application/cloudevents+json': { schema: ref('CloudEvent'), example: event },
      'application/cloudevents-batch+json': {
        schema: { type: 'array', maxItems: 10_000, items: ref('CloudEvent') },
        example: [event],
      },
    },
  },
  answers: {
    '200': {
      description: 'Durable: what was understood as touchpoints, the rest in quarantine.',
      schema: ref('CloudEventOutcome'),
    },
    '404': { description: '`replay`: nothing is held there.', schema: ref('Refusal') },
    '422': { description: '`replay`: not understood this time either, and not held again.', schema: ref('Refusal') },
    ...refused,
    '413': {
      description: 'Too large, as a whole or an event that would have to be held (256 KB): nothing was accepted.',
      schema: ref('Refusal'),
    },
    '415': { description: 'A format of CloudEvents other than JSON, or not in UTF-8.', schema: ref('Refusal') },
  },
};

const consent: Operation = {
  route: 'OPTIONS /v1/cloudevents',
  summary: 'May a sender of webhooks deliver here?',
  description: 'The handshake of CloudEvents’ webhooks. The key is that of the deliveries.',
  tag: 'in',
  needs: 'write',
  parameters: [header('WebHook-Request-Origin', 'Who asks, as a name of DNS.')],
  answers: {
    '200': { description: '`WebHook-Allowed-Origin` and `WebHook-Allowed-Rate` say that it may.' },
  },
};

export const operationsOfCloudEvents: readonly Operation[] = [events, consent];
