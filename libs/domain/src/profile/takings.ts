import { DAY_MS } from '@tributary/kernel';
import { type Currency } from '../touchpoint.js';
import { inOrderOfTime, type Purchase, purchaseOf, unmatchedReturns } from './history.js';
import { type Keyed } from './keyed.js';
import { type OrderState } from './state.js';

/** Money of one currency. One amount is a safe integer, the sum of two need not be: sums are counted exactly. */
export interface Sum {
  /** Purchases and returns that are in it; without any it is gone. */
  parts: number;
  purchases: number;
  gross: bigint;
  /** Gross of the orders that stand: what an average is of. */
  grossStanding: bigint;
  net: bigint;
}

/** What one order says of money, as it was when it was asked. */
interface Share {
  readonly purchase: Purchase | null;
  readonly unmatched: ReturnType<typeof unmatchedReturns>;
  readonly isCancelled: boolean;
  readonly refunds: number;
}

const shareOf = (orderId: string, order: OrderState): Share => ({
  purchase: purchaseOf(orderId, order),
  unmatched: unmatchedReturns(order),
  isCancelled: order.cancelled !== null,
  refunds: order.refunds.length,
});

/**
 * What a customer's orders come to. Of all orders at once (`of`), or one after the other (`restate`): then a change costs what the
 * one order does, however many others there are, and each answer is what it would be of all at once.
 */
export class Takings {
  /** Ascending by time, then by order id; and those among them that stand. */
  readonly purchases: Purchase[] = [];
  readonly standing: Purchase[] = [];
  readonly sums = new Map<Currency, Sum>();
  cancelled = 0;
  refunds = 0;
  /** By UTC day: how many purchases stand. */
  readonly #days = new Map<number, number>();
  /** Of orders that were restated. */
  readonly #shares = new Map<string, Share>();

  static of(orders: Keyed<OrderState>): Takings {
    const takings = new Takings();
    for (const [orderId, order] of orders) {
      const share = shareOf(orderId, order);
      takings.#count(share, 1);
      if (share.purchase) takings.purchases.push(share.purchase);
    }
    takings.purchases.sort(inOrderOfTime);
    for (const purchase of takings.purchases) if (stands(purchase)) takings.standing.push(purchase);
    return takings;
  }

  /** Days with a purchase that stands. */
  get purchaseDays(): number {
    return this.#days.size;
  }

  /** The order is so from now on. */
  restate(orderId: string, order: OrderState): void {
    const before = this.#shares.get(orderId);
    if (before) {
      this.#count(before, -1);
      if (before.purchase) this.#list(before.purchase, take);
    }
    const share = shareOf(orderId, order);
    this.#shares.set(orderId, share);
    this.#count(share, 1);
    if (share.purchase) this.#list(share.purchase, put);
  }

  #list(purchase: Purchase, change: typeof put): void {
    change(this.purchases, purchase);
    if (stands(purchase)) change(this.standing, purchase);
  }

  #count({ purchase, unmatched, isCancelled, refunds }: Share, by: 1 | -1): void {
    if (isCancelled) this.cancelled += by;
    this.refunds += by * refunds;
    if (purchase) this.#countPurchase(purchase, by);
    for (const [currency, amount] of unmatched) {
      const sum = this.#part(currency, by);
      sum.net -= BigInt(by) * amount;
    }
  }

  #countPurchase(purchase: Purchase, by: 1 | -1): void {
    const sum = this.#part(purchase.currency, by);
    const gross = BigInt(purchase.gross * by);
    sum.gross += gross;
    sum.net += BigInt(by) * BigInt(purchase.net);
    if (!stands(purchase)) return;
    sum.purchases += by;
    sum.grossStanding += gross;
    const day = Math.floor(purchase.at / DAY_MS);
    const left = (this.#days.get(day) ?? 0) + by;
    if (left > 0) this.#days.set(day, left);
    else this.#days.delete(day);
  }

  /** The sum of a currency that gains a part, or loses one. */
  #part(currency: Currency, by: 1 | -1): Sum {
    let sum = this.sums.get(currency);
    if (!sum) this.sums.set(currency, (sum = nothing()));
    sum.parts += by;
    if (sum.parts === 0) this.sums.delete(currency);
    return sum;
  }
}

export const nothing = (): Sum => ({ parts: 0, purchases: 0, gross: 0n, grossStanding: 0n, net: 0n });

const stands = ({ voidAt }: Purchase): boolean => voidAt === null;

/** Where a purchase is, or would be. Most are the last. */
const placeIn = (list: readonly Purchase[], purchase: Purchase): number => {
  let low = 0;
  let high = list.length;
  if (high > 0 && isBehind(purchase, list[high - 1] as Purchase)) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(purchase, list[middle] as Purchase)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const isBehind = (a: Purchase, b: Purchase): boolean => a.at > b.at || (a.at === b.at && a.orderId > b.orderId);

const put = (list: Purchase[], purchase: Purchase): void => {
  const place = placeIn(list, purchase);
  if (place === list.length) list.push(purchase);
  else list.splice(place, 0, purchase);
};

const take = (list: Purchase[], purchase: Purchase): void => void list.splice(placeIn(list, purchase), 1);
