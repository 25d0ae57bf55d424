import { describe, expect, it } from '@jest/globals';
import { base, context } from '../controls/segment-calls.js';
import { type SegmentCall } from './from-segment.js';
import { parseSegment } from './parse-segment.js';

const parse = (call: SegmentCall, body: object) => parseSegment(call, { ...base, ...body }, context);

describe('ids as numbers', () => {
  // What JSON.parse makes of 7201234567890123457, and of 7201234567890123400, too.
  const large = JSON.parse('7201234567890123457') as number;
  const order = { order_id: 'o', total: 1, currency: 'EUR' };
  it.each<[SegmentCall, object, string]>([
    ['track', { event: 'e', userId: large }, 'userId'],
    ['track', { event: 'e', anonymousId: 1e21 }, 'anonymousId'],
    ['track', { event: 'e', messageId: large }, 'messageId'],
    ['page', { userId: 0.5 }, 'userId'],
    ['page', { context: { device: { id: large } } }, 'context.device.id'],
    ['page', { properties: { product_id: large } }, 'properties.product_id'],
    ['alias', { previousId: large }, 'previousId'],
    ['group', { groupId: large }, 'groupId'],
    ['group', { groupId: 'g', traits: { id: large } }, 'traits.id'],
    ['identify', { traits: { company: { id: large } } }, 'traits.company.id'],
    ['identify', { traits: { crm_id: large } }, 'traits.crm_id'],
    ...['order_no', 'orderNo', 'cardNumber', 'idcard', '身份证号', '会员卡号', '物流单号', '条码'].map(
      (name): [SegmentCall, object, string] => ['identify', { traits: { [name]: large } }, `traits.${name}`],
    ),
    ['track', { event: 'e', properties: { tracking_no: large } }, 'properties.tracking_no'],
    ['track', { event: 'Order Completed', properties: { ...order, order_id: large } }, 'properties.order_id'],
    ['track', { event: 'Order Cancelled', properties: { orderId: large } }, 'properties.orderId'],
    ['track', { event: 'Order Refunded', properties: { ...order, refund_id: large } }, 'properties.refund_id'],
    [
      'track',
      { event: 'Order Completed', properties: { ...order, products: [{ sku: 's' }, { sku: large }] } },
      'properties.products[1].sku',
    ],
    ['track', { event: 'Product Viewed', properties: { productId: large } }, 'properties.productId'],
    ['track', { event: 'Product Reviewed', properties: { rating: 3, sku: large } }, 'properties.sku'],
    ['track', { event: 'Checkout Started', properties: { order_id: large } }, 'properties.order_id'],
  ])('%s %j is refused: an id that a JSON number cannot hold', (call, body, field) => {
    expect(parse(call, body)).toMatchObject({
      ok: false,
      problem: {
        field,
        code: 'wrong_type',
        found: expect.stringContaining('number'),
        remedy: expect.stringContaining('double quotes'),
      },
    });
  });

  it('numbers that are exact, or no ids, are taken', () => {
    expect(parse('page', { userId: Number.MAX_SAFE_INTEGER })).toMatchObject({
      touchpoint: { identifiers: [{ type: 'user_id', value: '9007199254740991' }, { type: 'anonymous_id' }] },
    });
    expect(
      parse('track', { event: 'e', properties: { atoms: 1e21, paid: large, score_no: 1.5, piano: large } }),
    ).toMatchObject({
      touchpoint: { payload: { properties: { atoms: '1e+21' } } },
    });
  });
});
