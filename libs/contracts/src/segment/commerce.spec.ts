import { describe, expect, it } from '@jest/globals';
import { accepted } from '../controls/segment-calls.js';

const track = (event: string, properties: object = {}) => {
  const { type, payload } = accepted('track', { event, properties });
  return { type, payload };
};

describe('track', () => {
  it('reads an order', () => {
    const properties = {
      order_id: '50314b',
      total: 27.499999999999996,
      currency: 'EUR',
      affiliation: 'Google Store',
      products: [
        { product_id: 'p1', name: 'Monopoly', category: 'Games', price: '19', quantity: 1, image_url: 'x' },
        { sku: 's2', price: 8.5, brand: 'Hasbro', variant: 'Junior', coupon: 'KIDS', discount: 1.5 },
      ],
      tax: 2,
      shipping: '3.00',
      discount: 2.5,
      coupon: 'hasbros',
    };
    const unsaid = { brand: null, variant: null, coupon: null, discount: null };
    expect(track('Order Completed', properties)).toEqual({
      type: 'order_placed',
      payload: {
        orderId: '50314b',
        amount: 275_000,
        currency: 'EUR',
        lines: [
          {
            productId: 'p1',
            name: 'Monopoly',
            category: 'Games',
            quantity: 1,
            unitPrice: 190_000,
            amount: 190_000,
            ...unsaid,
          },
          {
            ...{ productId: 's2', name: null, category: null, quantity: 1, unitPrice: 85_000, amount: 85_000 },
            ...{ brand: 'Hasbro', variant: 'Junior', coupon: 'KIDS', discount: 15_000 },
          },
        ],
        method: null,
        store: 'Google Store',
        country: null,
        city: null,
        tax: 20_000,
        shipping: 30_000,
        discount: 25_000,
        coupon: 'hasbros',
        campaign: null,
      },
    });
  });

  it.each([
    [2.345678, 23_457],
    [0.30000000000000004, 3_000],
    [' 1.50 ', 15_000],
    [0, 0],
    ['10%', null],
    ['', null],
    [-5, null],
    ['1.23456', null],
    [{ street: 'x' }, null],
    [1e300, null],
    [Number.NaN, null],
  ])('takes a tax of %p as %p: none costs the order', (tax, kept) => {
    const order = {
      order_id: 'o',
      total: 5,
      tax,
      shipping: tax,
      discount: tax,
      products: [{ sku: 's', discount: tax }],
    };
    expect(track('Order Completed', order).payload).toMatchObject({
      amount: 50_000,
      tax: kept,
      shipping: kept,
      discount: kept,
      lines: [{ amount: 0, discount: kept }],
    });
  });

  describe('context.campaign', () => {
    const campaign = { name: '双十一', source: 'wechat', medium: 'social', term: '', content: 7, id: 'not kept' };
    const kept = { name: '双十一', source: 'wechat', medium: 'social', term: null, content: '7' };
    const order = { event: 'Order Completed', properties: { order_id: 'o', total: 5 } };

    it('is kept of pages, screens, products that were looked at and orders', () => {
      const context = { campaign };
      for (const touchpoint of [
        accepted('page', { context }),
        accepted('screen', { name: 'Home', context }),
        accepted('track', { event: 'Product Viewed', properties: { product_id: 'p' }, context }),
        accepted('track', { event: 'Product List Viewed', properties: { category: 'c' }, context }),
        accepted('track', { ...order, context }),
      ])
        expect(touchpoint.payload).toMatchObject({ campaign: kept });
    });

    it('is none where nothing is stated', () => {
      for (const none of [undefined, null, 'summer', {}, { name: ' ', source: null }, []])
        expect(accepted('track', { ...order, context: { campaign: none } }).payload).toMatchObject({ campaign: null });
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
