import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base, context, named, receivedAt, refused } from '../controls/segment-calls.js';
import { type SegmentCall, segmentCalls } from './from-segment.js';
import {
  callAlone,
  parseSegment,
  parseSegmentBatch,
  type SegmentDoorContext,
  segmentEventLimit_bytes,
} from './parse-segment.js';

describe('a call that was held since', () => {
  const arrival = receivedAt - 3 * 86_400_000;
  const held: SegmentDoorContext = { ...context, heldSince: arrival };
  const batch = {
    sentAt: '2024-05-28T13:00:00.000Z',
    context: { device: { id: 'd-9' }, page: { path: '/a' } },
    batch: [{ ...base, type: 'page', timestamp: '2024-05-28T12:50:00.000Z', context: { page: { path: '/b' } } }],
  };
  const firstOf = (body: unknown, as: SegmentDoorContext) => {
    const parsed = parseSegmentBatch(body, as);
    const outcome = parsed.ok ? parsed.parse(0) : undefined;
    if (!outcome?.ok) throw new Error(JSON.stringify(outcome));
    return outcome.touchpoint;
  };

  it('has the time of its arrival, and is known since its replay', () => {
    expect(firstOf(batch, held)).toMatchObject({ occurredAt: arrival - 600_000, receivedAt });
    const [call] = batch.batch;
    expect(firstOf({ batch: [{ ...call, timestamp: undefined }] }, held).occurredAt).toBe(arrival);
  });

  it('means alone what it meant in its batch', () => {
    const alone = callAlone(batch.batch[0], batch);
    expect(firstOf({ batch: [alone] }, held)).toEqual(firstOf(batch, held));
    expect(alone).toMatchObject({ sentAt: batch.sentAt, context: { device: { id: 'd-9' }, page: { path: '/b' } } });
    // Without an id it is known by its content.
    const nameless = { ...batch, batch: [{ ...batch.batch[0], messageId: undefined }] };
    expect(firstOf({ batch: [callAlone(nameless.batch[0], nameless)] }, held).messageId).toBe(
      firstOf(nameless, held).messageId,
    );
  });

  it('is not too long for what its batch said', () => {
    const big = { ...batch, context: { about: 'x'.repeat(segmentEventLimit_bytes) } };
    expect(firstOf({ batch: [callAlone(big.batch[0], big)] }, held).messageId).toBe('m-1');
  });

  it.each([[7], [null], [[1]]])('%j says nothing else with its batch', (item) => {
    expect(callAlone(item, batch)).toBe(item);
  });
});

describe('problems', () => {
  it.each<[SegmentCall, unknown, string, string]>([
    ['track', null, '', 'wrong_type'],
    ['track', { ...base }, 'event', 'missing'],
    ['track', { messageId: 'm', event: 'e' }, 'userId', 'missing'],
    ['track', { ...base, userId: 'x'.repeat(300), event: 'e' }, 'userId', 'invalid_identifier'],
    ['track', { ...base, event: 'e', timestamp: 'noon' }, 'timestamp', 'invalid_date'],
    ['track', { ...base, event: 'Order Completed', properties: { total: 1 } }, 'properties.order_id', 'missing'],
    ['track', { ...base, event: 'Order Completed', properties: { order_id: 'o' } }, 'properties.total', 'missing'],
    [
      'track',
      { ...base, event: 'Order Completed', properties: { order_id: 'o', total: 1.23456 } },
      'properties.total',
      'amount_too_precise',
    ],
    [
      'track',
      {
        ...base,
        event: 'Order Completed',
        properties: { order_id: 'o', total: 1, products: [{ sku: 's' }, { sku: 's', price: 'free' }] },
      },
      'properties.products[1].price',
      'invalid_amount',
    ],
    [
      'track',
      { ...base, event: 'Order Completed', properties: { order_id: 'o', total: 1, products: [{}] } },
      'properties.products[0].product_id',
      'missing',
    ],
    ['track', { ...base, event: 'e', properties: { note: 'x'.repeat(9_000) } }, 'properties.note', 'too_long'],
    ['identify', { ...base, traits: JSON.parse('{"__proto__":"x"}') as object }, 'traits.__proto__', 'unknown_field'],
    [
      'track',
      { ...base, event: 'e', properties: JSON.parse('{"__proto__":{"a":1}}') as object },
      'properties.__proto__',
      'unknown_field',
    ],
    ['track', { ...base, event: 'e', properties: { '\ud83d': 1 } }, 'properties', 'ill_formed_text'],
    ['alias', { ...base }, 'previousId', 'missing'],
  ])('%s is refused, naming the field of the call', (call, body, field, code) => {
    expect(refused(call, body)).toMatchObject({ field, code });
  });

  it('are answers, never exceptions', () => {
    const names = fc.constantFrom(
      'event',
      'properties',
      'traits',
      'context',
      'timestamp',
      'sentAt',
      'userId',
      'previousId',
      'groupId',
      'name',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...segmentCalls),
        fc.dictionary(names, fc.jsonValue()),
        (call, body) => void parseSegment(call, { ...base, ...body }, context),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('batch', () => {
  it('keeps what is good beside what is not, and shares context and sentAt', () => {
    const parsed = parseSegmentBatch(
      {
        sentAt: '2024-05-31T13:00:00.000Z',
        context: { device: { id: 'd-9' } },
        batch: [
          { ...base, type: 'page', timestamp: '2024-05-31T12:50:00.000Z' },
          { ...base, type: 'purchase' },
          { ...base, type: 'track', event: 'Order Completed', properties: { order_id: 'o' } },
          7,
          { ...base, type: 'track', event: 'big', properties: { text: 'x'.repeat(segmentEventLimit_bytes) } },
        ],
      },
      context,
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
    const [page, ...others] = Array.from({ length: parsed.calls }, (_, index) => parsed.parse(index));
    expect(page).toMatchObject({ ok: true, touchpoint: { occurredAt: receivedAt - 600_000 } });
    expect(page?.ok && named(page.touchpoint)).toContain('device d-9');
    expect(others.map((outcome) => (outcome.ok ? undefined : [outcome.problem.field, outcome.problem.code]))).toEqual([
      ['batch[1].type', 'not_one_of'],
      ['batch[2].properties.total', 'missing'],
      ['batch[3]', 'wrong_type'],
      ['batch[4]', 'too_long'],
    ]);
  });

  it('says what a batch is', () => {
    expect(parseSegmentBatch({}, context)).toMatchObject({ ok: false, problem: { field: 'batch', code: 'missing' } });
    expect(parseSegmentBatch([], context)).toMatchObject({ ok: false, problem: { field: 'batch' } });
  });
});
