import { type Instant } from '@tributary/kernel';
import { type History } from '../lifecycle/types.js';
import { type AmountE4, type Currency } from '../touchpoint.js';
import { type OrderState, type SubjectState } from './state.js';

/** An order as money sees it. Amounts in the order's own currency. */
export interface Purchase {
  readonly orderId: string;
  readonly at: Instant;
  readonly gross: AmountE4;
  /** Gross less what was cancelled and refunded. */
  readonly net: AmountE4;
  readonly currency: Currency;
  /** Cancelled as a whole: it counts as no purchase. */
  readonly void: boolean;
}

const refunded = (order: OrderState): AmountE4 => {
  let sum = 0;
  for (const [, { amount }] of order.refunds) sum += amount;
  return sum;
};

/** What cancelling took away: the stated amount, or the whole order where none is stated. */
export const cancelledAmount = (order: OrderState): AmountE4 =>
  order.cancelled ? (order.cancelled.value.amount ?? order.placed?.value.amount ?? 0) : 0;

/** Every order that was placed, ascending by time, then by order id. */
export const purchasesOf = (state: SubjectState): Purchase[] => {
  const purchases: Purchase[] = [];
  for (const [orderId, order] of state.orders) {
    if (!order.placed || order.placedAt === null) continue;
    const { amount: gross, currency } = order.placed.value;
    const cancelled = cancelledAmount(order);
    purchases.push({
      orderId,
      at: order.placedAt,
      gross,
      net: gross - cancelled - refunded(order),
      currency,
      void: order.cancelled !== null && cancelled >= gross,
    });
  }
  return purchases.sort((a, b) => a.at - b.at || (a.orderId < b.orderId ? -1 : 1));
};

/** What was taken back on orders whose placing the platform never saw, by currency: it still lessens the net. */
export const unmatchedReturns = (state: SubjectState): Record<Currency, AmountE4> => {
  const returns: Record<Currency, AmountE4> = {};
  const add = (amount: AmountE4, currency: Currency): void =>
    void (returns[currency] = (returns[currency] ?? 0) + amount);
  for (const [, order] of state.orders) {
    if (order.placed) continue;
    const cancelled = order.cancelled?.value;
    if (cancelled?.amount && cancelled.currency) add(cancelled.amount, cancelled.currency);
    for (const [, refund] of order.refunds) add(refund.amount, refund.currency);
  }
  return returns;
};

/** Into the reporting currency; `null`: no rate is known. */
export type Convert = (amount: AmountE4, currency: Currency) => AmountE4 | null;

/** What the lifecycle and the tiers are decided from. */
export const historyOf = (state: SubjectState, convert: Convert): History => {
  const purchases: { at: Instant; amount: AmountE4 }[] = [];
  for (const purchase of purchasesOf(state)) {
    if (purchase.void) continue;
    purchases.push({ at: purchase.at, amount: convert(purchase.net, purchase.currency) ?? 0 });
  }
  return { firstSeen: state.first, purchases, activeDays: state.days };
};
