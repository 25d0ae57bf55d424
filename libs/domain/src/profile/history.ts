import { type Instant } from '@tributary/kernel';
import { type History, type PastPurchase } from '../lifecycle/types.js';
import { type AmountE4, type Currency } from '../touchpoint.js';
import { type OrderState, type SubjectState } from './state.js';

/** An order as money sees it. Amounts in the order's own currency. */
export interface Purchase {
  readonly orderId: string;
  readonly at: Instant;
  readonly gross: AmountE4;
  /**
   * Gross less what was cancelled and refunded; 0 where it was cancelled as a whole, whatever was paid back for it. Exact: a
   * bigint where no number holds it.
   */
  readonly net: AmountE4 | bigint;
  readonly currency: Currency;
  /** Ascending by time, none before the order; of one that was cancelled as a whole, those before that. */
  readonly returns: readonly Return[];
  /** Since when it is cancelled as a whole: then it counts as no purchase. */
  readonly voidAt: Instant | null;
}

interface Return {
  readonly at: Instant;
  readonly amount: AmountE4;
}

const none: readonly Return[] = [];

/** What cancelling took away: the stated amount, or the whole order where none is stated. */
const cancelledOf = ({ cancelled }: OrderState, gross: AmountE4, currency: Currency): Return | null => {
  if (!cancelled) return null;
  const { amount, currency: stated } = cancelled.value;
  if (amount !== null && stated !== null && stated !== currency) return null;
  return { at: cancelled.at, amount: amount ?? gross };
};

/** Ascending by time, then by order id. */
export const inOrderOfTime = (a: Purchase, b: Purchase): number => a.at - b.at || (a.orderId < b.orderId ? -1 : 1);

/** Every order that was placed, ascending by time, then by order id. */
export const purchasesOf = (state: SubjectState): Purchase[] => {
  const purchases: Purchase[] = [];
  for (const [orderId, order] of state.orders) {
    const purchase = purchaseOf(orderId, order);
    if (purchase) purchases.push(purchase);
  }
  return purchases.sort(inOrderOfTime);
};

/** `null`: its placing was never seen. */
export const purchaseOf = (orderId: string, order: OrderState): Purchase | null => {
  if (!order.placed || order.placedAt === null) return null;
  const at = order.placedAt;
  const { amount: gross, currency } = order.placed.value;
  const cancelled = cancelledOf(order, gross, currency);
  const voidAt = cancelled && cancelled.amount >= gross ? Math.max(at, cancelled.at) : null;
  const returns = returnsOf(order, at, voidAt, currency, cancelled);
  const net = voidAt !== null ? 0 : netOf(gross, returns);
  return { orderId, at, gross, net, currency, returns, voidAt };
};

/** Nothing is given back for less than nothing: as long as the end is a safe integer, so was all on the way to it. */
const netOf = (gross: AmountE4, returns: readonly Return[]): AmountE4 | bigint => {
  const net = returns.reduce((left, { amount }) => left - amount, gross);
  return Number.isSafeInteger(net) ? net : returns.reduce((left, { amount }) => left - BigInt(amount), BigInt(gross));
};

const returnsOf = (
  { refunds }: OrderState,
  placedAt: Instant,
  voidAt: Instant | null,
  own: Currency,
  cancelled: Return | null,
): readonly Return[] => {
  // Most orders: this runs for each of them whenever a course is decided.
  if (refunds.length === 0 && (cancelled === null || voidAt !== null)) return none;
  const returns: Return[] = [];
  const add = (amount: AmountE4, stated: Instant): void => {
    const at = Math.max(stated, placedAt);
    if (voidAt === null || at < voidAt) returns.push({ at, amount });
  };
  for (const [, refund] of refunds) if (refund.currency === own) add(refund.amount, refund.at);
  if (cancelled && voidAt === null) add(cancelled.amount, cancelled.at);
  return returns.sort((a, b) => a.at - b.at || a.amount - b.amount);
};

/**
 * What was taken back of an order, by currency, that lessens the value of none: its placing was never seen, or it was in another
 * currency. It still lessens the net of its own.
 */
export const unmatchedReturns = ({
  placed,
  cancelled,
  refunds,
}: OrderState): readonly (readonly [Currency, bigint])[] => {
  // Most orders.
  if (cancelled === null && refunds.length === 0) return noReturns;
  const returns: [Currency, bigint][] = [];
  const add = (amount: AmountE4 | null, currency: Currency | null): void => {
    if (amount && currency && currency !== placed?.value.currency) returns.push([currency, BigInt(amount)]);
  };
  if (cancelled) add(cancelled.value.amount, cancelled.value.currency);
  for (const [, refund] of refunds) add(refund.amount, refund.currency);
  return returns;
};

const noReturns: readonly (readonly [Currency, bigint])[] = [];

/** Into the reporting currency; `null`: no rate is known. */
export type Convert = (amount: AmountE4, currency: Currency) => AmountE4 | null;

/** What the lifecycle and the tiers are decided from. */
export const historyOf = (state: SubjectState, convert: Convert): History => ({
  firstSeen: state.first,
  purchases: purchasesOf(state).map(({ at, gross, currency, returns, voidAt }): PastPurchase => {
    const worth = (amount: AmountE4): AmountE4 => convert(amount, currency) ?? 0;
    return {
      at,
      amount: worth(gross),
      ...(returns.length > 0 && { returns: returns.map((one) => ({ at: one.at, amount: worth(one.amount) })) }),
      ...(voidAt !== null && { voidAt }),
    };
  }),
  activeDays: state.days,
});
