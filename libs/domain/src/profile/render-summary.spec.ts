import { describe, expect, test } from '@jest/globals';
import { type CustomerId } from '@tributary/kernel';
import { orderPlaced, type Payloads, plainLine, type Touchpoint, type TouchpointType } from '../touchpoint.js';
import { type Transition } from '../lifecycle/types.js';
import { foldFact } from './fold.js';
import { amountText, renderSummary } from './render-summary.js';
import { renderProfile } from './render.js';
import { emptyState, type SubjectState } from './state.js';

const customer = { id: 'c_0' as CustomerId, subjects: [], course: [], rules: null };
const E4 = 10_000;
const DAY = 86_400_000;

/** A subject's orders, one a day. */
const orders = () => {
  const state: SubjectState = emptyState();
  let n = 0;
  const fold = <T extends TouchpointType>(type: T, payload: Payloads[T]): void => {
    const at = ++n * DAY;
    const told = {
      type,
      payload,
      channel: 'shop',
      messageId: `m${n}`,
      occurredAt: at,
      receivedAt: at,
      identifiers: [],
    };
    foldFact(state, told as Touchpoint<TouchpointType> as Parameters<typeof foldFact>[1], `id-${n}`);
  };
  return {
    state,
    placed: (orderId: string, amount: number, currency = 'EUR', category: string | null = null) => {
      const line = { productId: 'p', name: null, category, quantity: 1, unitPrice: amount, amount, ...plainLine };
      fold('order_placed', { ...orderPlaced(orderId, amount, currency), lines: [line] });
    },
    cancelled: (orderId: string) =>
      fold('order_cancelled', { orderId, amount: null, currency: null, lines: [], reason: null }),
    paid: (orderId: string) =>
      fold('order_paid', { orderId, paymentId: 'p', amount: E4, currency: 'EUR', method: null, instalments: null }),
    value: () => renderSummary(customer, state, 100 * DAY, 1).value,
    profile: () => renderProfile(customer, state, 100 * DAY, 1),
  };
};

describe('amounts as text', () => {
  test.each([
    [0, '0.00'],
    [-0, '0.00'],
    [1, '0.0001'],
    [-100, '-0.01'],
    [123_450, '12.345'],
    [-1_230_000, '-123.00'],
    [Number.MAX_SAFE_INTEGER, '900719925474.0991'],
    [10n ** 20n + 1n, '10000000000000000.0001'],
    [-(10n ** 17n), '-10000000000000.00'],
  ])('%p is %s', (amount, text) => expect(amountText(amount)).toBe(text));
});

test('a profile shows the newest of a long course, and says how much is left out; a summary has all of it', () => {
  const course = Array.from({ length: 203 }, (_, at): Transition => ({
    track: 'buyer',
    from: `${at}`,
    to: `${at + 1}`,
    at,
    evidence: {},
  }));
  const { lifecycle } = renderProfile({ ...customer, course }, emptyState(), 9, 1);
  expect([lifecycle.history.length, lifecycle.history[0]?.to, lifecycle.history.at(-1)?.to]).toEqual([200, '4', '203']);
  expect([lifecycle.omitted, lifecycle.buyer?.stage]).toEqual([3, '203']);
  const whole = renderSummary({ ...customer, course }, emptyState(), 9, 1).lifecycle;
  expect([whole.history.length, whole.omitted]).toEqual([203, 0]);
});

describe('the value of a customer', () => {
  test('half a hundredth of a mean gap goes up, whatever doubles make of it', () => {
    const shop = orders();
    for (let day = 1; day <= 40; day++) shop.placed(`o${day}`, E4);
    shop.paid('o40');
    shop.placed('last', E4);
    // 41 days between 41 purchase days: 1.025.
    expect(shop.value()).toMatchObject({ purchaseDays: 41, meanGapDays: 1.03 });
  });

  test('sums that no number holds are exact', () => {
    // given: orders of as much as one may be for, in two currencies
    const { placed, value, profile } = orders();
    for (const currency of ['IDR', 'VND'])
      for (const orderId of ['1', '2', '3'])
        placed(`${currency}-${orderId}`, 900_000_000_000 * E4 - (orderId === '1' ? 1 : 0), currency, 'gold');
    // then
    const sum = '2699999999999.9999';
    expect(value()).toMatchObject({ currency: 'IDR', gross: sum, net: sum, averageOrder: '900000000000.00' });
    expect(value().others).toEqual({ VND: { purchases: 3, gross: sum, net: sum } });
    expect(profile().preferences.categories).toEqual([{ category: 'gold', bought: sum, viewed: 0 }]);
  });

  test('counts and sums are of the currency of most purchases, and of each other one beside it; days are of all', () => {
    const { placed, cancelled, value, profile } = orders();
    placed('a', 10 * E4, 'EUR', 'tea');
    placed('b', 1_000 * E4, 'JPY', 'tea');
    placed('c', 2_000 * E4, 'JPY', 'tea');
    placed('d', 3_000 * E4, 'JPY', 'rice');
    cancelled('d');
    expect(value()).toMatchObject({
      currency: 'JPY',
      purchases: 2,
      purchaseDays: 3,
      gross: '6000.00',
      net: '3000.00',
      averageOrder: '1500.00',
      others: { EUR: { purchases: 1, gross: '10.00', net: '10.00' } },
    });
    expect(profile().preferences.categories).toEqual([{ category: 'tea', bought: '3000.00', viewed: 0 }]);
  });

  test('what was bought, and at which hour, is of the orders that stand', () => {
    const { placed, cancelled, profile } = orders();
    placed('a', 10 * E4, 'EUR', 'tea');
    placed('b', 20 * E4, 'USD', 'rice');
    placed('c', 30 * E4, 'EUR', 'cups');
    expect(profile().preferences).toMatchObject({
      categories: [
        { category: 'cups', bought: '30.00', viewed: 0 },
        { category: 'tea', bought: '10.00', viewed: 0 },
      ],
      purchaseHours: { '00': 3 },
    });
    cancelled('c');
    expect(profile().preferences).toMatchObject({
      categories: [{ category: 'tea', bought: '10.00', viewed: 0 }],
      purchaseHours: { '00': 2 },
    });
  });

  test('the average is of the orders that stand, halves up', () => {
    const { placed, cancelled, value } = orders();
    placed('a', 300 * E4);
    cancelled('a');
    expect(value()).toMatchObject({ purchases: 0, gross: '300.00', averageOrder: '0.00' });
    placed('b', 10 * E4);
    expect(value()).toMatchObject({ purchases: 1, gross: '310.00', averageOrder: '10.00' });
    placed('c', 5 * E4);
    placed('d', 5 * E4);
    expect(value()).toMatchObject({ purchases: 3, gross: '320.00', averageOrder: '6.6667' });
    placed('e', 1);
    placed('f', 1);
    placed('g', 1);
    expect(value().averageOrder).toBe('3.3334');
  });
});

describe('open tickets', () => {
  const DAYS = [1, 2].map((day) => day * DAY);
  type Said = readonly [type: 'ticket_opened' | 'ticket_updated' | 'ticket_closed', at: number, id: string];

  const openAfter = (said: readonly Said[]): number => {
    const state = emptyState();
    for (const [type, at, id] of said) {
      const payload = { ticketId: 't', topic: null, priority: null, status: 'resolved', reopened: false };
      const told = { type, payload: { ...payload, resolution: null, withinSla: null }, channel: 'desk', messageId: id };
      foldFact(
        state,
        { ...told, occurredAt: at, receivedAt: at, identifiers: [] } as unknown as Parameters<typeof foldFact>[1],
        id,
      );
    }
    return renderSummary(customer, state, 100 * DAY, 1).tickets.open;
  };
  const [one, two] = DAYS as [number, number];

  test.each<readonly [string, number, readonly Said[]]>([
    [
      'a closing holds over an update',
      0,
      [
        ['ticket_closed', one, 'a'],
        ['ticket_updated', one, 'b'],
      ],
    ],
    [
      'and over an opening',
      0,
      [
        ['ticket_opened', one, 'b'],
        ['ticket_closed', one, 'a'],
      ],
    ],
    [
      'but what comes later opens it again',
      1,
      [
        ['ticket_closed', one, 'a'],
        ['ticket_updated', two, 'b'],
      ],
    ],
    [
      'until it is closed anew',
      0,
      [
        ['ticket_closed', two, 'a'],
        ['ticket_updated', two, 'b'],
        ['ticket_closed', one, 'c'],
      ],
    ],
  ])('of one instant: %s', (_, open, said) => {
    expect(openAfter(said)).toBe(open);
    expect(openAfter([...said].reverse())).toBe(open);
  });
});

test('an order counts under the method of its placing, else of its newest payment that states one', () => {
  const state = emptyState();
  const tell = <T extends TouchpointType>(type: T, day: number, payload: Payloads[T]): void => {
    const told = { type, payload, channel: 'shop', messageId: `m${day}`, occurredAt: day * DAY, receivedAt: day * DAY };
    foldFact(state, { ...told, identifiers: [] } as unknown as Parameters<typeof foldFact>[1], `id-${day}`);
  };
  const paid = (day: number, orderId: string, paymentId: string, method: string | null): void =>
    tell('order_paid', day, { orderId, paymentId, amount: 1, currency: 'EUR', method, instalments: null });
  tell('order_placed', 1, { ...orderPlaced('a', 1, 'EUR'), method: 'card' });
  paid(2, 'a', 'p', 'cash');
  paid(5, 'b', 'p1', null);
  paid(3, 'b', 'p2', 'voucher');
  paid(4, 'b', 'p3', 'alipay');
  expect(renderProfile(customer, state, 100 * DAY, 1).preferences.methods).toEqual({ alipay: 1, card: 1 });
});
