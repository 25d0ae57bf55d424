import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import fc from 'fast-check';
import { type Problem } from '../door/problem.js';
import { makeIdentify } from '../identifiers/identify.js';
import { loadIdentityRules } from '../identifiers/identity-rules.js';
import { type SegmentCall, segmentCalls } from './from-segment.js';
import {
  callAlone,
  parseSegment,
  parseSegmentBatch,
  type SegmentDoorContext,
  segmentEventLimit_bytes,
} from './parse-segment.js';

const lookupKey = Buffer.alloc(32, 7);
const identify = makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) });
const receivedAt = Date.UTC(2024, 4, 31, 12);
const context: SegmentDoorContext = { channel: 'web', receivedAt, identify };

const base = { messageId: 'm-1', anonymousId: 'a-1', userId: 'u-1', timestamp: '2024-05-31T11:00:00.000Z' };
const accepted = (call: SegmentCall, body: object): AnyTouchpoint => {
  const parsed = parseSegment(call, { ...base, ...body }, context);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.touchpoint;
};
const refused = (call: SegmentCall, body: unknown): Problem => {
  const parsed = parseSegment(call, body, context);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.problem;
};
const track = (event: string, properties: object = {}) => {
  const { type, payload } = accepted('track', { event, properties });
  return { type, payload };
};
const named = (touchpoint: AnyTouchpoint): readonly string[] =>
  touchpoint.identifiers.map(({ type, value }) => `${type} ${value}`);

describe('identify', () => {
  const touchpoint = accepted('identify', {
    traits: {
      firstName: 'Xiaoming',
      email: 'Ming@Example.com',
      phone: 'call me maybe',
      birthday: '1990-02-28T00:00:00.000Z',
      age: 34,
      address: { street: 'Nanjing Lu 1', city: 'Shanghai', country: 'CN' },
      company: { name: 'Acme', industry: 'Toys', employees: 12 },
      interests: ['hiking', 7],
      plan: null,
    },
    context: { device: { id: 'D-1' } },
  });

  it('states traits under the names that profiles know', () => {
    expect(touchpoint.type).toBe('traits_stated');
    expect(touchpoint.payload).toEqual({
      traits: {
        first_name: 'Xiaoming',
        email: 'Ming@Example.com',
        phone: 'call me maybe',
        birthday: '1990-02-28',
        age: '34',
        address: 'Nanjing Lu 1',
        city: 'Shanghai',
        country: 'CN',
        company: 'Acme',
        industry: 'Toys',
        company_size: '12',
      },
      interests: ['hiking', '7'],
    });
  });

  it('identifies by what is valid, and by nothing that is not', () => {
    expect(named(touchpoint)).toEqual(['user_id u-1', 'email ming@example.com', 'device d-1', 'anonymous_id a-1']);
  });

  it('keeps a birthday that is none under another name', () => {
    expect(accepted('identify', { traits: { birthday: 'in May' } }).payload).toMatchObject({
      traits: { birthday_stated: 'in May' },
    });
  });
});

describe('track', () => {
  it('reads an order', () => {
    const properties = {
      order_id: '50314b',
      total: 27.499999999999996,
      currency: 'EUR',
      affiliation: 'Google Store',
      products: [
        { product_id: 'p1', name: 'Monopoly', category: 'Games', price: '19', quantity: 1, image_url: 'x' },
        { sku: 's2', price: 8.5 },
      ],
    };
    expect(track('Order Completed', properties)).toEqual({
      type: 'order_placed',
      payload: {
        orderId: '50314b',
        amount: 275_000,
        currency: 'EUR',
        lines: [
          { productId: 'p1', name: 'Monopoly', category: 'Games', quantity: 1, unitPrice: 190_000, amount: 190_000 },
          { productId: 's2', name: null, category: null, quantity: 1, unitPrice: 85_000, amount: 85_000 },
        ],
        method: null,
        store: 'Google Store',
        country: null,
        city: null,
      },
    });
  });

  it('takes dollars where no currency is stated, as Segment does', () => {
    expect(track('Order Placed', { order_id: 1, revenue: 5 }).payload).toMatchObject({
      orderId: '1',
      amount: 50_000,
      currency: 'USD',
    });
  });

  describe('Order Updated', () => {
    const whole = { order_id: 'o', total: 80, currency: 'CNY', products: [{ sku: 's', price: 80 }] };

    it('states the order anew', () => {
      expect(track('Order Updated', { ...whole, status: 'shipped' })).toEqual(track('Order Completed', whole));
    });

    it('cancels it, where its status says so', () => {
      for (const status of ['cancelled', 'Canceled ', '已取消'])
        expect(track('Order Updated', { ...whole, status })).toMatchObject({
          type: 'order_cancelled',
          payload: { orderId: 'o', amount: null },
        });
    });

    it.each([
      ['no id', { ...whole, order_id: undefined }],
      ['no total', { ...whole, total: undefined }],
      ['no products', { ...whole, products: undefined }],
      ['an order that was refunded', { ...whole, status: 'refunded' }],
      ['a draft', { ...whole, status: 'draft' }],
    ])('stays an event of its own name with %s', (_, properties) => {
      expect(track('Order Updated', properties)).toMatchObject({
        type: 'custom_tracked',
        payload: { name: 'Order Updated' },
      });
    });
  });

  it('reads refunds: with an amount, or of the whole order', () => {
    expect(track('Order Refunded', { order_id: 'o', total: 3, currency: 'EUR' })).toMatchObject({
      type: 'order_refunded',
      payload: { refundId: 'm-1', amount: 30_000 },
    });
    expect(track('Order Refunded', { order_id: 'o' })).toMatchObject({
      type: 'order_cancelled',
      payload: { amount: null, reason: 'refunded in full' },
    });
  });

  it.each([
    ['Order Cancelled', { order_id: 'o', total: 3 }, 'order_cancelled', { orderId: 'o', amount: null }],
    [
      'product viewed',
      { product_id: 'p', name: 'Lamp', category: 'Home', url: 'https://x.org/p/1?a=1' },
      'page_viewed',
      { path: '/p/1', title: 'Lamp', productId: 'p', category: 'Home' },
    ],
    ['Product List Viewed', { category: 'Home' }, 'page_viewed', { path: '/products', category: 'Home' }],
    ['Products Searched', { query: 'lamp' }, 'searched', { query: 'lamp' }],
    ['Products Searched', {}, 'custom_tracked', { name: 'Products Searched', properties: {} }],
    [
      'Product Reviewed',
      { product_id: 'p', rating: '4.5', review_body: 'good' },
      'review_given',
      { about: 'p', rating: 4.5, maxRating: 5, text: 'good' },
    ],
    [
      'Checkout Started',
      { order_id: 'o', products: [{ a: 1 }], gift: true, note: null },
      'custom_tracked',
      { name: 'Checkout Started', properties: { order_id: 'o', products: '[{"a":1}]', gift: 'true' } },
    ],
    ['constructor', {}, 'custom_tracked', { name: 'constructor', properties: {} }],
  ])('reads %s', (event, properties, type, payload) => {
    expect(track(event, properties)).toMatchObject({ type, payload });
  });
});

describe('the other calls', () => {
  it('page and screen are page views', () => {
    expect(
      accepted('page', { name: 'Home', properties: { url: 'https://x.org/home', title: 'Welcome' } }).payload,
    ).toMatchObject({ path: '/home', title: 'Welcome' });
    expect(accepted('page', { context: { page: { path: '/about' } } }).payload).toMatchObject({ path: '/about' });
    expect(accepted('screen', { name: 'Cart', category: 'Shop' }).payload).toMatchObject({
      path: 'Cart',
      title: 'Cart',
      category: 'Shop',
    });
  });

  it('group states the company', () => {
    expect(accepted('group', { groupId: 'g1', traits: { name: 'Acme', employees: 20 } }).payload).toMatchObject({
      traits: { company: 'Acme', company_id: 'g1', company_size: '20' },
    });
  });

  it('alias is evidence that two ids are one person', () => {
    expect(named(accepted('alias', { previousId: 'old', anonymousId: undefined }))).toEqual([
      'user_id u-1',
      'anonymous_id old',
    ]);
  });
});

describe('time', () => {
  const at = (body: object) => accepted('page', body).occurredAt;

  it('is corrected for the clock of the sender', () => {
    // The sender is an hour ahead and sent ten minutes after the event.
    expect(at({ timestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' })).toBe(
      receivedAt - 600_000,
    );
    expect(
      at({ timestamp: undefined, originalTimestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' }),
    ).toBe(receivedAt - 600_000);
  });

  it('is what was stated where nothing says when it was sent, or it was corrected before', () => {
    expect(at({})).toBe(Date.UTC(2024, 4, 31, 11));
    expect(at({ originalTimestamp: '2024-05-31T12:50:00.000Z', sentAt: '2024-05-31T13:00:00.000Z' })).toBe(
      Date.UTC(2024, 4, 31, 11),
    );
  });

  it('is that of arrival where none is stated', () => {
    expect(at({ timestamp: undefined })).toBe(receivedAt);
  });
});

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
    const outcome = parsed.ok ? parsed.outcomes[0] : undefined;
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

describe('message ids', () => {
  it('come from the content where none was sent, whenever it is sent', () => {
    const id = (body: object) => accepted('track', { messageId: undefined, event: 'e', ...body }).messageId;
    expect(id({})).toMatch(/^segment-[0-9a-f]{32}$/);
    expect(id({ sentAt: '2024-05-31T11:00:01.000Z' })).toBe(id({ sentAt: '2024-05-31T11:00:09.000Z' }));
    expect(id({ event: 'f' })).not.toBe(id({}));
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
    const [page, ...others] = parsed.outcomes;
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
