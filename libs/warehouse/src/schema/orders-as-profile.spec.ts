import { beforeEach, describe, expect, test } from '@jest/globals';
import { purchasesOf, renderProfile, type SubjectState } from '@tributary/domain';
import { CustomerId, DAY_MS } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { customerNumber, ToldOrders } from '../controls/told-orders.js';
import { e4 } from '../load/customer-rows.js';

let warehouse: ChdbWarehouse;
ownWarehouse((opened) => void (warehouse = opened));
let told: ToldOrders;
beforeEach(() => void (told = new ToldOrders()));

const AS_OF = Date.UTC(2026, 4, 20);
const E4 = 10_000;
/** As much as one touchpoint can say. */
const MOST = 900_000_000_000 * E4;

const profileOf = (who: number, state: SubjectState) =>
  renderProfile({ id: CustomerId(customerNumber(who)), subjects: [], course: [], rules: null }, state, AS_OF, 1);

/** Ten-thousandths as a column of `Decimal(18,4)` holds them. */
const held = (sum: bigint): bigint => (sum > LARGEST ? LARGEST : sum < -LARGEST ? -LARGEST : sum);
const LARGEST = 10n ** 18n - 1n;

const rfm = async () =>
  (
    await warehouse.query<Record<'id' | 'currency' | 'gross' | 'net', string> & { frequency: number; days: number }>(
      `SELECT customer_id AS id, currency, frequency, toString(gross) AS gross, toString(net) AS net, recency_days AS days
       FROM rfm_at(as_of = '2026-05-20') ORDER BY id`,
    )
  ).map((row) => ({ ...row, gross: e4(row.gross), net: e4(row.net) }));
const orders = (columns: string) =>
  warehouse.query(`SELECT ${columns} FROM customer_orders ORDER BY customer_id, order_id`);

test('orders are in SQL what they are in the profile, whatever was told of them', async () => {
  // given: everything that can be told of few orders, at few instants, by a generator that always says the same
  let seed = 7;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % n;
  };
  const oneOf = <T>(...values: readonly T[]): T => values[below(values.length)] as T;
  for (let i = 0; i < 6_000; i++) {
    const at = AS_OF - below(4) * DAY_MS;
    const [who, orderId] = [1 + below(150), `o${below(4)}`];
    const currency = oneOf('EUR', 'EUR', 'USD', 'JPY');
    const amount = oneOf(0, 1, 3 * E4, 5 * E4, 8 * E4, below(100) * E4, MOST);
    const method = oneOf(null, 'card', 'cash');
    const kind = below(6);
    if (kind < 2) told.placed(who, at, orderId, amount, currency, { method, channel: oneOf('shop', 'till') });
    else if (kind === 2) told.paid(who, at, orderId, `p${below(3)}`, amount, currency, method);
    else if (kind > 3) told.refunded(who, at, orderId, `r${below(3)}`, amount, currency);
    else if (oneOf(true, false)) told.cancelled(who, at, orderId, amount, oneOf(null, currency));
    else told.cancelled(who, at, orderId, null);
  }
  await told.load(warehouse);
  const customers = [...told.states].sort(([a], [b]) => a - b);
  // then: what each customer is worth
  expect(await rfm()).toEqual(
    customers.flatMap(([who, state]) => {
      const { value } = profileOf(who, state);
      if (value.purchases === 0) return [];
      const { currency, purchases: frequency, recencyDays: days } = value;
      return [
        { id: customerNumber(who), currency, frequency, gross: held(e4(value.gross)), net: held(e4(value.net)), days },
      ];
    }),
  );
  // and: each order
  expect(
    await orders('customer_id, order_id, toString(gross) AS gross, toString(net) AS net, currency, is_void').then(
      (rows) =>
        rows.map(({ gross, net, ...rest }) => ({ ...rest, gross: e4(gross as string), net: e4(net as string) })),
    ),
  ).toEqual(
    customers.flatMap(([who, state]) =>
      purchasesOf(state)
        .sort((a, b) => (a.orderId < b.orderId ? -1 : 1))
        .map(({ orderId, gross, net, currency, voidAt }) => ({
          customer_id: customerNumber(who),
          order_id: orderId,
          gross: BigInt(gross),
          net: held(BigInt(net)),
          currency,
          is_void: voidAt === null ? 0 : 1,
        })),
    ),
  );
  // and: how they were paid; a profile counts also those whose placing was never seen
  const byMethod = await warehouse.query<{ id: string; method: string; n: string }>(
    `SELECT customer_id AS id, method, count() AS n FROM customer_orders WHERE method != '' GROUP BY id, method ORDER BY id, method`,
  );
  expect(byMethod.map(({ id, method, n }) => [id, method, Number(n)])).toEqual(
    customers.flatMap(([who, state]) => {
      const seen = { ...state, orders: state.orders.filter(([, order]) => order.placed !== null) };
      return Object.entries(profileOf(who, seen).preferences.methods).map(([method, n]) => [
        customerNumber(who),
        method,
        n,
      ]);
    }),
  );
});

describe('one customer of absurd sums', () => {
  test('fails nobody: what is beyond the type is the largest or smallest that it holds', async () => {
    const products = Array.from({ length: 1_100 }, (_, i) => `${i}`);
    told.placed(1, AS_OF, 'o', MOST, 'JPY');
    for (const id of products) told.refunded(1, AS_OF, 'o', id, MOST, 'JPY');
    for (const id of products) told.placed(2, AS_OF, `o${id}`, MOST, 'JPY');
    told.placed(3, AS_OF, 'o', E4, 'JPY');
    for (const id of products) told.paid(3, AS_OF, 'o', id, MOST, 'JPY');
    await told.load(warehouse);
    expect(await rfm()).toMatchObject([{ net: -LARGEST }, { gross: LARGEST, net: LARGEST }, { net: 10_000n }]);
    expect(
      await warehouse.query(
        `SELECT toString(refunded) AS refunded, toString(net) AS net, toString(paid) AS paid FROM customer_orders WHERE order_id = 'o' ORDER BY customer_id`,
      ),
    ).toEqual([
      { refunded: '99999999999999.9999', net: '-99999999999999.9999', paid: '0' },
      { refunded: '0', net: '1', paid: '99999999999999.9999' },
    ]);
  });
});

describe('what is of another currency', () => {
  test('lessens the net of its own: of an order in another one, and of one whose placing was never seen', async () => {
    told.placed(1, AS_OF - 9, 'a', 100 * E4, 'USD');
    told.placed(1, AS_OF - 8, 'b', 100 * E4, 'USD');
    told.placed(1, AS_OF - 7, 'c', 100 * E4, 'EUR');
    told.refunded(1, AS_OF - 6, 'c', 'r', 30 * E4, 'USD');
    told.placed(2, AS_OF - 5, 'd', 100 * E4, 'EUR');
    told.refunded(2, AS_OF - 4, 'unseen', 'r', 10 * E4, 'USD');
    told.refunded(2, AS_OF - 3, 'unseen', 's', 20 * E4, 'EUR');
    await told.load(warehouse);
    expect(await rfm()).toMatchObject([
      { currency: 'USD', net: 1_700_000n },
      { currency: 'EUR', net: 800_000n },
    ]);
  });

  test('neither voids a free order nor pays one', async () => {
    told.placed(1, AS_OF - 9, 'free', 0, 'EUR');
    told.cancelled(1, AS_OF - 8, 'free', 3 * E4, 'USD');
    told.placed(1, AS_OF - 7, 'paid', 100 * E4, 'EUR');
    told.paid(1, AS_OF - 6, 'paid', 'p', 60 * E4, 'EUR');
    told.paid(1, AS_OF - 5, 'paid', 'q', 5_000 * E4, 'JPY');
    await told.load(warehouse);
    expect(await orders('order_id, is_cancelled, is_void, toString(paid) AS paid')).toEqual([
      { order_id: 'free', is_cancelled: 1, is_void: 0, paid: '0' },
      { order_id: 'paid', is_cancelled: 0, is_void: 0, paid: '60' },
    ]);
    expect(await rfm()).toMatchObject([{ frequency: 2 }]);
  });
});

test('what happened at the instant that is asked for is included, as by the API', async () => {
  told.placed(1, AS_OF, 'midnight', E4, 'EUR');
  told.placed(1, AS_OF + 1, 'later', E4, 'EUR');
  await told.load(warehouse);
  expect(await rfm()).toMatchObject([{ frequency: 1, days: 0 }]);
});

describe('an order that was told anew', () => {
  beforeEach(async () => {
    told.placed(1, AS_OF - 2 * DAY_MS, 'o', 8 * E4, 'USD', { products: ['old', 'both'] });
    told.placed(1, AS_OF - DAY_MS, 'o', 9 * E4, 'USD', { channel: 'till', products: ['both', 'new'] });
    told.refunded(1, AS_OF, 'o', 'r', 3 * E4, 'USD', ['both']);
    told.refunded(1, AS_OF + 1, 'o', 'r', 4 * E4, 'USD', ['both', 'new']);
    // An order of somebody else, and of nobody, that has the same number.
    told.placed(2, AS_OF - DAY_MS, 'o', 1 * E4, 'USD', { products: ['hers'] });
    told.placed(0, AS_OF - DAY_MS, 'o', 2 * E4, 'USD', { products: ['wrong'] });
    told.placed(0, AS_OF - DAY_MS + 1, 'o', 5 * E4, 'USD', { products: [] });
    told.placed(0, AS_OF - DAY_MS, 'o', 7 * E4, 'USD', { channel: 'till', products: ['theirs'] });
    await told.load(warehouse);
  });

  test('has the lines of what holds', async () => {
    const lines = await warehouse.query<{ event: string; channel: string; product: string }>(
      'SELECT event, channel, product_id AS product FROM customer_order_lines ORDER BY customer_id, event, product',
    );
    expect(lines.map(({ event, channel, product }) => [event, channel, product])).toEqual([
      ['placed', 'till', 'theirs'],
      ['placed', 'till', 'both'],
      ['placed', 'till', 'new'],
      ['refunded', 'shop', 'both'],
      ['placed', 'shop', 'hers'],
    ]);
  });

  test('counts once, on the day of its first placing, by the newest', async () => {
    const days = await warehouse.query(
      'SELECT toString(day) AS day, channel, toUInt32(orders) AS orders, toUInt32(buyers) AS buyers, toString(gross) AS gross, toString(taken_back) AS back FROM agg_orders_daily ORDER BY day, channel',
    );
    expect(days).toEqual([
      { day: '2026-05-18', channel: 'till', orders: 1, buyers: 1, gross: '9', back: '0' },
      { day: '2026-05-19', channel: 'shop', orders: 2, buyers: 1, gross: '6', back: '0' },
      { day: '2026-05-19', channel: 'till', orders: 1, buyers: 0, gross: '7', back: '0' },
      { day: '2026-05-20', channel: 'shop', orders: 0, buyers: 0, gross: '0', back: '-3' },
    ]);
  });
});
