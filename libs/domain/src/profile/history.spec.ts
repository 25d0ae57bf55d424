import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, type Payloads, type TouchpointType } from '../touchpoint.js';
import { foldFact } from './fold.js';
import { historyOf, purchasesOf } from './history.js';
import { Takings } from './takings.js';
import { emptyState, type SubjectState } from './state.js';

const DAY = 86_400_000;
const E4 = 10_000;

type Told = readonly [type: TouchpointType, day: number, payload: object];

const folded = (told: readonly Told[]): SubjectState => {
  const state = emptyState();
  told.forEach(([type, day, payload], i) => {
    const touchpoint = {
      channel: 'shop',
      messageId: `m${i}`,
      occurredAt: day * DAY,
      receivedAt: day * DAY,
      identifiers: [],
      type,
      payload: payload as Payloads[typeof type],
    } as AnyTouchpoint;
    foldFact(state, touchpoint, `e${i}`);
  });
  return state;
};

const nowhere = { lines: [], method: null, store: null, country: null, city: null };
const placed = (day: number, amount: number, currency = 'USD'): Told => [
  'order_placed',
  day,
  { orderId: 'o', amount: amount * E4, currency, ...nowhere },
];
const refunded = (day: number, amount: number, refundId = 'r', currency = 'USD'): Told => [
  'order_refunded',
  day,
  { orderId: 'o', refundId, amount: amount * E4, currency, lines: [], reason: null },
];
const cancelled = (day: number, amount: number | null = null, currency: string | null = null): Told => [
  'order_cancelled',
  day,
  { orderId: 'o', amount: amount === null ? null : amount * E4, currency, lines: [], reason: null },
];
const paid = (method: string | null): Told => [
  'order_paid',
  2,
  { orderId: 'o', paymentId: 'p', amount: E4, currency: 'USD', method },
];

const netOf = (told: readonly Told[]) => purchasesOf(folded(told)).map(({ net }) => Number(net) / E4);

describe('the money of an order', () => {
  it('is none once it is cancelled as a whole, whether or not it is paid back then', () => {
    expect(netOf([placed(1, 100), cancelled(2), refunded(3, 100)])).toEqual([0]);
    expect(netOf([placed(1, 100), refunded(2, 30), cancelled(3)])).toEqual([0]);
    expect(netOf([placed(1, 5), cancelled(2, 50, 'USD')])).toEqual([0]);
  });

  it('is lessened by what was cancelled in part and by each refund', () => {
    expect(netOf([placed(1, 100), cancelled(2, 30, 'USD'), refunded(3, 20), refunded(4, 10, 's')])).toEqual([40]);
  });

  it('is not lessened by what was taken back in another currency: that lessens the net of its own', () => {
    const state = folded([placed(1, 100), refunded(2, 5_000, 'r', 'JPY'), cancelled(3, 40, 'EUR')]);
    expect(purchasesOf(state)).toMatchObject([{ net: 100 * E4, voidAt: null }]);
    const { sums } = Takings.of(state.orders);
    expect([sums.get('JPY')?.net, sums.get('EUR')?.net]).toEqual([BigInt(-5_000 * E4), BigInt(-40 * E4)]);
  });

  it('is exact where no number holds what was taken back', () => {
    // given: as much as one touchpoint can say, less a ten-thousandth, so that doubles would round the sums
    const most = 900_000_000_000 - 1 / E4;
    const back = ['1', '2', '3', '4', '5'];
    const own = folded([placed(1, most), ...back.map((id) => refunded(2, most, id))]);
    const other = folded([placed(1, 1), ...back.map((id) => refunded(2, most, id, 'JPY'))]);
    // then
    expect(purchasesOf(own)[0]?.net).toBe(-4n * 8_999_999_999_999_999n);
    expect(Takings.of(other.orders).sums.get('JPY')?.net).toBe(-5n * 8_999_999_999_999_999n);
  });

  it('is taken back when it was taken back, not when it was spent', () => {
    const told = [placed(1, 100), refunded(40, 30), refunded(90, 5, 's'), cancelled(50)];
    expect(historyOf(folded(told), (amount) => amount * 2).purchases).toEqual([
      { at: DAY, amount: 200 * E4, returns: [{ at: 40 * DAY, amount: 60 * E4 }], voidAt: 50 * DAY },
    ]);
    // What comes before the order, by clocks that differ, counts from the order on.
    expect(historyOf(folded([placed(9, 100), refunded(8, 30)]), (amount) => amount).purchases).toEqual([
      { at: 9 * DAY, amount: 100 * E4, returns: [{ at: 9 * DAY, amount: 30 * E4 }] },
    ]);
  });

  it('does not depend on which of two statements of a payment came first', () => {
    expect(folded([paid('card'), paid(null)])).toEqual(folded([paid(null), paid('card')]));
  });

  it('adds the seconds of contacts without regard to their order', () => {
    const call = (duration_s: number): Told => [
      'call_held',
      1,
      { direction: 'inbound', topic: null, duration_s, outcome: null, agent: null, summary: null },
    ];
    const seconds = (told: readonly Told[]) => folded(told).contacts[0]?.[1].seconds;
    expect(seconds([call(0.1), call(0.2), call(0.3), call(184.5)])).toBe(185);
    expect(seconds([call(184.5), call(0.3), call(0.2), call(0.1)])).toBe(185);
  });
});
