import { expect, test } from '@jest/globals';
import { type Instant } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';

let warehouse: ChdbWarehouse;
ownWarehouse((opened) => void (warehouse = opened));

const AT = Date.UTC(2026, 0, 1);
const placed = (occurredAt: Instant) => ({
  ...{ event: 'placed', order_id: 'o1', subject_id: 's_1', channel: 'shop', message_id: 'm1' },
  ...{ occurred_at: occurredAt, amount: 10_000, currency: 'EUR' },
});

test('what an order says beside its amount is what its newest placing says, and nothing where that says nothing', async () => {
  const said = { tax: 8_000, shipping: 5_000, discount: 1, coupon: 'MAY', campaign_source: 'wechat' };
  const rows = [
    placed(AT),
    { ...placed(AT + 1), message_id: 'm2', ...said },
    { ...placed(AT), order_id: 'o2', message_id: 'm3', ...said },
    { ...placed(AT + 1), order_id: 'o2', message_id: 'm4' },
    { ...placed(AT + 2), order_id: 'o2', message_id: 'm5', event: 'paid', amount: 0 },
  ];
  for (const row of rows)
    await warehouse.insert({ table: 'fct_orders', columns: Object.keys(row), rows: [Object.values(row)] });
  const columns = ['tax', 'shipping', 'discount'].map((name) => `toString(${name}) AS ${name}`).join(', ');
  expect(
    await warehouse.query(
      `SELECT order_id, toString(gross) AS gross, ${columns}, coupon, campaign_source AS source FROM customer_orders ORDER BY order_id`,
    ),
  ).toEqual([
    { order_id: 'o1', gross: '1', tax: '0.8', shipping: '0.5', discount: '0.0001', coupon: 'MAY', source: 'wechat' },
    { order_id: 'o2', gross: '1', tax: null, shipping: null, discount: null, coupon: '', source: '' },
  ]);
});
