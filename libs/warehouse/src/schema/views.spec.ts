import { beforeEach, describe, expect, test } from '@jest/globals';
import { factId } from '@tributary/contracts';
import { type AnyTouchpoint, emptyState, foldFact, orderPlaced, purchasesOf } from '@tributary/domain';
import { type Cell, type Instant } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { views } from './views.js';

let warehouse: ChdbWarehouse;
ownWarehouse((opened) => void (warehouse = opened));

beforeEach(async () => {
  for (const table of ['fct_orders', 'raw_touchpoints', 'customers'])
    await warehouse.command(`TRUNCATE TABLE ${table}`);
});

const insert = (table: string, rows: readonly Readonly<Record<string, Cell>>[]) => {
  const columns = Object.keys(rows[0] ?? {});
  return warehouse.insert({ table, columns, rows: rows.map((row) => columns.map((column) => row[column] as Cell)) });
};

const AT = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

const placedOrder = (channel: string, messageId: string, amount: number): AnyTouchpoint => ({
  type: 'order_placed',
  channel,
  messageId,
  occurredAt: AT,
  receivedAt: AT,
  identifiers: [],
  payload: orderPlaced('o1', amount, 'EUR'),
});

const order = (occurredAt: Instant) => ({
  event: 'placed',
  order_id: 'o1',
  subject_id: 's_1',
  channel: 'shop',
  message_id: 'm1',
  occurred_at: occurredAt,
  amount: 10_000,
  currency: 'EUR',
});

describe('statements of one instant', () => {
  test('the one that the profile lets win is the one that wins', async () => {
    // given: one order, placed anew by messages of two channels at the same instant, often enough that no order is luck
    for (let round = 0; round < 8; round++) {
      await warehouse.command('TRUNCATE TABLE fct_orders');
      const state = emptyState();
      const rows = [0, 1, 2].map((i) => {
        const [channel, messageId, amount] = [i === 1 ? 'till' : 'shop', `m-${round}-${i}`, 10_000 * (i + 1)];
        foldFact(state, placedOrder(channel, messageId, amount), factId(channel, messageId));
        return { ...order(AT), channel, message_id: messageId, amount };
      });
      await insert('fct_orders', rows);
      // then
      const [profile] = purchasesOf(state);
      expect(await warehouse.query('SELECT toString(net * 10000) AS net FROM customer_orders')).toEqual([
        { net: String(profile?.net) },
      ]);
    }
  });
});

describe('what is taken back', () => {
  const returned = (messageId: string, event: string, day: number, amount: number, currency: string, whole = 0) => ({
    ...order(AT + day * 86_400_000),
    event,
    message_id: messageId,
    reference_id: event === 'refunded' ? messageId : '',
    amount: amount * -10_000,
    currency,
    whole_order: whole,
  });
  const placed = { ...order(AT), amount: 1_000_000, reference_id: '', whole_order: 0 };
  const money = () =>
    warehouse.query(
      'SELECT toString(cancelled) AS cancelled, toString(refunded) AS refunded, toString(net) AS net, is_void FROM customer_orders',
    );

  test('of an order that is cancelled as a whole leaves nothing, however much is paid back', async () => {
    await insert('fct_orders', [
      placed,
      returned('c', 'cancelled', 1, 0, '', 1),
      returned('r', 'refunded', 2, 100, 'EUR'),
    ]);
    expect(await money()).toEqual([{ cancelled: '100', refunded: '100', net: '0', is_void: 1 }]);
  });

  test('in another currency takes nothing from the order, as in the profile', async () => {
    const back = [returned('c', 'cancelled', 1, 40, 'JPY'), returned('r', 'refunded', 2, 30, 'JPY')];
    await insert('fct_orders', [placed, ...back, returned('s', 'refunded', 3, 20, 'EUR')]);
    expect(await money()).toEqual([{ cancelled: '0', refunded: '20', net: '80', is_void: 0 }]);
    expect(await warehouse.query("SELECT toString(net) AS net FROM rfm_at(as_of = '2026-02-01')")).toEqual([
      { net: '80' },
    ]);
  });
});

describe('RFM', () => {
  test('ranks money within its currency, and days among all', async () => {
    // given: five customers of each currency, the least of yen a larger number than the most of euros
    const amounts = [1, 2, 3, 4, 5];
    const placed = (currency: string, times: number, day: number) =>
      amounts.map((n) => ({
        ...order(AT + (day + n) * 86_400_000),
        order_id: `${currency}-${n}`,
        message_id: `${currency}-${n}`,
        subject_id: `s_${currency}${n}`,
        amount: n * times * 10_000,
        currency,
      }));
    await insert('fct_orders', [...placed('EUR', 10, 0), ...placed('JPY', 1_600, 5)]);
    // then
    const scores = async (currency: string) =>
      (
        await warehouse.query<{ r: number; f: number; m: number }>(
          `SELECT r, f, m FROM rfm_at(as_of = '2026-02-01') WHERE currency = {currency:String} ORDER BY net`,
          { params: { currency } },
        )
      ).map(({ r, f, m }) => [r, f, m]);
    expect(await scores('EUR')).toEqual([1, 1, 2, 2, 3].map((r, i) => [r, 3, i + 1]));
    expect(await scores('JPY')).toEqual([3, 4, 4, 5, 5].map((r, i) => [r, 3, i + 1]));
  });
});

describe('scores of RFM', () => {
  const buyers = (currency: string, amounts: readonly number[], often: readonly number[] = amounts.map(() => 1)) =>
    amounts.flatMap((amount, who) =>
      Array.from({ length: often[who] ?? 1 }, (_, i) => ({
        ...order(AT),
        order_id: `${currency}-${who}-${i}`,
        message_id: `${currency}-${who}-${i}`,
        subject_id: `s_${currency}${who}`,
        amount: amount * 10_000,
        currency,
      })),
    );
  const scores = async (): Promise<unknown[]> =>
    (
      await warehouse.query<Record<'r' | 'f' | 'm' | 'rfm', number>>(
        "SELECT r, f, m, rfm FROM rfm_at(as_of = '2026-02-01') ORDER BY currency, net",
      )
    ).map(({ r, f, m, rfm }) => [r, f, m, rfm]);

  test('of one alone are the middle', async () => {
    await insert('fct_orders', buyers('EUR', [3]));
    expect(await scores()).toEqual([[3, 3, 3, 333]]);
  });

  test('are fifths where no two are equal', async () => {
    await insert('fct_orders', buyers('EUR', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect((await scores()).map((each) => (each as number[])[2])).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  test('are the same for equals, and of many who bought once not those of frequent buyers', async () => {
    await insert('fct_orders', [...buyers('EUR', [5, 50, 500], [3, 1, 1]), ...buyers('SEK', [7, 7, 7, 7, 9])]);
    expect(await scores()).toEqual([
      [3, 5, 1, 351],
      [3, 2, 3, 323],
      [3, 2, 5, 325],
      ...Array.from({ length: 4 }, () => [3, 3, 2, 332]),
      [3, 3, 5, 335],
    ]);
  });

  test('are in rfm what they are in rfm_at', async () => {
    const [often, amounts] = [
      [3, 1, 1, 2, 2, 6, 1],
      [5, 9, 9, 30, 3, 1, 80],
    ];
    await insert('fct_orders', buyers('EUR', amounts, often));
    await insert(
      'customers',
      amounts.map((amount, who) => ({
        customer_id: `c_EUR${who}`,
        version: 1,
        currency: 'EUR',
        purchases: often[who] ?? 0,
        gross: amount * (often[who] ?? 0) * 10_000,
        net: amount * (often[who] ?? 0) * 10_000,
        last_purchase: AT,
      })),
    );
    const from = (view: string) =>
      warehouse.query(`SELECT customer_id, r, f, m, rfm, toString(net) AS net FROM ${view} ORDER BY customer_id`);
    const now = await from('rfm');
    expect(now).toHaveLength(7);
    expect(await from("rfm_at(as_of = '2026-02-01')")).toEqual(now);
  });
});

describe('days far away', () => {
  test.each([
    ['1950-06-01', Date.UTC(1950, 5, 1, 12)],
    ['2200-06-01', Date.UTC(2200, 5, 1, 12)],
  ])('are what they are: %s', async (day, at) => {
    await insert('fct_orders', [order(at)]);
    await insert('raw_touchpoints', [
      { type: 'order_placed', subject_id: 's_1', channel: 'shop', message_id: 'm1', occurred_at: at },
    ]);
    expect(await warehouse.query('SELECT day, orders FROM agg_orders_daily')).toEqual([{ day, orders: 1 }]);
    expect(await warehouse.query('SELECT day, touchpoints FROM agg_touchpoints_daily')).toEqual([
      { day, touchpoints: 1 },
    ]);
    const asOf = `${Number(day.slice(0, 4)) + 1}-06-01`;
    expect(await warehouse.query(`SELECT recency_days, frequency FROM rfm_at(as_of = '${asOf}')`)).toEqual([
      { recency_days: 365, frequency: 1 },
    ]);
  });
});

describe('orders by day', () => {
  test('have a row where something was placed or taken back, and none where nothing was', async () => {
    const told = { ...order(AT), reference_id: '', whole_order: 0, paid_amount: 0 };
    await insert('fct_orders', [
      { ...told, amount: 0 },
      {
        ...told,
        event: 'paid',
        reference_id: 'p1',
        message_id: 'm2',
        occurred_at: AT + DAY,
        amount: 0,
        paid_amount: 10_000,
      },
      {
        ...told,
        event: 'cancelled',
        message_id: 'm3',
        occurred_at: AT + 2 * DAY,
        amount: 0,
        whole_order: 1,
        currency: '',
      },
      { ...told, event: 'refunded', reference_id: 'r1', message_id: 'm4', occurred_at: AT + 3 * DAY, amount: -5_000 },
    ]);
    const days =
      'SELECT toString(day) AS day, currency, orders, toFloat64(taken_back) AS taken_back FROM agg_orders_daily';
    expect(await warehouse.query(`${days} ORDER BY day`)).toEqual([
      { day: '2026-01-01', currency: 'EUR', orders: 1, taken_back: 0 },
      { day: '2026-01-04', currency: 'EUR', orders: 0, taken_back: -0.5 },
    ]);
  });
});

/** What people's clients and profiles set for SQL of their own: dbt's kin and object mappers ask for NULL where a join found nothing. */
describe.each([
  'join_use_nulls',
  'aggregate_functions_null_for_empty',
  'group_by_use_nulls',
  'transform_null_in',
  'prefer_column_name_to_alias',
])('where %s is set', (setting) => {
  test('views say what they say without it, also of subjects that no mapping names yet', async () => {
    const touched = { subject_id: 's_1', channel: 'shop', message_id: 'm1', occurred_at: AT };
    await insert('fct_orders', [
      order(AT),
      { ...order(AT + DAY), message_id: 'm2' },
      { ...order(AT), order_id: 'o2', subject_id: '', message_id: 'm3' },
      { ...order(AT), event: 'refunded', order_id: 'o3', message_id: 'm4', amount: -500 },
    ]);
    await insert('fct_order_lines', [
      { ...touched, event: 'placed', order_id: 'o1', product_id: 'p1', amount: 10_000 },
    ]);
    await insert('fct_interactions', [{ ...touched, type: 'call_held', kind: 'call' }]);
    await insert('raw_touchpoints', [{ ...touched, type: 'call_held' }]);
    for (const { name, parameters } of views) {
      const asked = `SELECT * FROM ${name}${parameters ? "(as_of = '2026-02-01')" : ''} ORDER BY ALL`;
      expect([name, await warehouse.query(`${asked} SETTINGS ${setting} = 1`)]).toEqual([
        name,
        await warehouse.query(asked),
      ]);
    }
  });
});
