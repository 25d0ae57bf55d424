import { type SegmentCall, segmentCalls } from '@tributary/contracts';
import { operationsOfCloudEvents } from './operations-cloudevents.js';
import { type Operation, query, ref } from './operation.js';
import { channel, refused } from './refused-in.js';
import { offset } from './shapes.js';

const native: Operation = {
  route: 'POST /v1/touchpoints',
  summary: 'Hand in touchpoints',
  description:
    'A batch `{ "touchpoints": [...] }`, a list, or one envelope; plain or gzip; at most 5 MB and 10,000 items. An answer of 2xx comes after what it calls accepted is durable. A repeat of a `messageId` is recognised.',
  tag: 'in',
  needs: 'write',
  parameters: [channel, query('verbose', 'List the accepted items, too.', { type: 'boolean' })],
  body: {
    schema: {
      anyOf: [
        {
          type: 'object',
          required: ['touchpoints'],
          properties: { touchpoints: { type: 'array', maxItems: 10_000, items: ref('Touchpoint') } },
        },
        { type: 'array', maxItems: 10_000, items: ref('Touchpoint') },
        ref('Touchpoint'),
      ],
    },
    example: {
      touchpoints: [
        {
          type: 'order_placed',
          messageId: 'order-1001',
          occurredAt: '2026-05-31T18:30:00+08:00',
          identifiers: [{ type: 'phone', value: '13900001111' }],
          payload: {
            orderId: '1001',
            amount: '268.00',
            currency: 'CNY',
            lines: [{ productId: 'p-7', quantity: 2, unitPrice: '134.00', amount: '268.00' }],
          },
        },
      ],
    },
  },
  answers: {
    '200': { description: 'At least one item was accepted (or none was sent).', schema: ref('TouchpointOutcome') },
    '422': { description: 'No item could be accepted.', schema: { allOf: [ref('TouchpointOutcome'), ref('Refusal')] } },
    ...refused,
  },
};

const segmentAnswers: Operation['answers'] = {
  '200': {
    description: 'Durable: what was understood as touchpoints, the rest in quarantine.',
    schema: ref('SegmentOutcome'),
  },
  '404': { description: '`replay`: nothing is held there.', schema: ref('Refusal') },
  '422': { description: '`replay`: not understood this time either, and not held again.', schema: ref('Refusal') },
  ...refused,
};

const replay = query(
  'replay',
  'The body is the one call that the quarantine holds at this offset, as it is or mended. Its sender’s clock is corrected by when it came for the first time; if it is not understood, it is refused and not held a second time.',
  offset,
);

/** One of each, as Segment's libraries send them. */
const segmentExamples: Readonly<Record<SegmentCall, object>> = {
  identify: { userId: 'M42', traits: { name: '王小明', email: 'wang@example.com' } },
  track: {
    userId: 'M42',
    event: 'Order Completed',
    properties: { order_id: 'o-1', total: 59.9, currency: 'CNY' },
    timestamp: '2026-05-31T18:30:00+08:00',
  },
  page: { anonymousId: 'a-1', properties: { path: '/tea', title: 'Tea' } },
  screen: { userId: 'M42', name: 'Basket' },
  group: { userId: 'M42', groupId: 'g-7', traits: { name: 'Example Ltd.', industry: 'retail' } },
  alias: { previousId: 'a-1', userId: 'M42' },
};

const segment = (call: SegmentCall | 'batch'): Operation => ({
  route: `POST /v1/${call}`,
  summary: `Segment’s tracking API: ${call}`,
  description: `As Segment’s HTTP tracking API takes it, write key as Basic user name. At most ${call === 'batch' ? '500 KB a batch and 32 KB an event' : '32 KB'}. \`sentAt\` corrects the producer’s clock where that is more than ten seconds off.`,
  tag: 'in',
  needs: 'write',
  parameters: [channel, replay],
  body: {
    schema:
      call === 'batch'
        ? {
            type: 'object',
            required: ['batch'],
            properties: {
              batch: { type: 'array', items: ref('SegmentEvent') },
              sentAt: { type: 'string' },
              context: { type: 'object' },
            },
          }
        : ref('SegmentEvent'),
    example:
      call === 'batch'
        ? { batch: Object.entries(segmentExamples).map(([type, event]) => ({ type, ...event })) }
        : segmentExamples[call],
  },
  answers: segmentAnswers,
});

const quarantine: Operation = {
  route: 'POST /v1/quarantine',
  summary: 'Set aside what could not be understood',
  description: 'For importers: rows that became no touchpoint, with their bytes and reason.',
  tag: 'in',
  needs: 'write',
  parameters: [channel],
  body: {
    schema: {
      type: 'object',
      required: ['items'],
      properties: {
        items: {
          type: 'array',
          maxItems: 10_000,
          items: {
            type: 'object',
            required: ['reason', 'bytes'],
            properties: {
              reason: ref('Problem'),
              position: { type: 'string', maxLength: 512 },
              source: {
                type: 'string',
                maxLength: 128,
                description: 'A digest of the file, by which rows of two files of one name are told apart.',
              },
              origin: { enum: ['file', 'http'] },
              bytes: { type: 'string', contentEncoding: 'base64', pattern: '^[A-Za-z0-9+/]*={0,2}$' },
            },
          },
        },
      },
    },
    example: {
      items: [
        {
          reason: {
            code: 'missing',
            field: 'phone',
            found: 'nothing',
            expected: 'a phone number',
            remedy: 'State it in the file.',
          },
          position: 'orders.csv:3',
          origin: 'file',
          bytes: 'by0xMDAyLCw1OS45MA==',
        },
      ],
    },
  },
  answers: {
    '200': {
      description: 'Durable.',
      schema: {
        type: 'object',
        properties: {
          accepted: { type: 'integer' },
          known: { type: 'integer', description: 'Of these, so many stood there already.' },
        },
      },
    },
    ...refused,
  },
};

export const operationsIn: readonly Operation[] = [
  native,
  ...operationsOfCloudEvents,
  ...segmentCalls.map(segment),
  segment('batch'),
  quarantine,
];
