import { type Currency } from '../touchpoint.js';
import { purchaseOf } from './history.js';
import { type Keyed } from './keyed.js';
import { type OrderState, type Payment } from './state.js';

/** What one order says of how somebody buys. */
interface Habit {
  readonly method: string | null;
  /** Hour of the day, UTC, of an order that stands. */
  readonly hour: string | null;
  /** Of an order that stands, as far as it is among its largest lines. */
  readonly bought: {
    readonly currency: Currency;
    readonly lines: readonly (readonly [category: string, amount: bigint])[];
  } | null;
}

/** How it was paid: as its placing says, else the newest payment that says it, of the same instant that of the last id. */
const methodOf = ({ placed, paid }: OrderState): string | null => {
  if (placed?.value.method != null) return placed.value.method;
  let newest: Payment | null = null;
  for (const [, payment] of paid)
    if (payment.method !== null && (newest === null || payment.at >= newest.at)) newest = payment;
  return newest?.method ?? null;
};

const habitOf = (orderId: string, order: OrderState): Habit => {
  const method = methodOf(order);
  const purchase = purchaseOf(orderId, order);
  if (!purchase || purchase.voidAt !== null) return { method, hour: null, bought: null };
  const lines: [string, bigint][] = [];
  for (const [, category, amount] of order.placed?.value.top ?? [])
    if (category) lines.push([category, BigInt(amount)]);
  return {
    method,
    hour: String(new Date(purchase.at).getUTCHours()).padStart(2, '0'),
    bought: { currency: purchase.currency, lines },
  };
};

/** How somebody buys: as `Takings`, of all orders at once or one after the other. */
export class Habits {
  readonly #methods = new Map<string, number>();
  readonly #hours = new Map<string, number>();
  readonly #bought = new Map<Currency, Map<string, { lines: number; amount: bigint }>>();
  /** Of orders that were restated. */
  readonly #habits = new Map<string, Habit>();

  static of(orders: Keyed<OrderState>): Habits {
    const habits = new Habits();
    for (const [orderId, order] of orders) habits.#count(habitOf(orderId, order), 1);
    return habits;
  }

  /** The order is so from now on. */
  restate(orderId: string, order: OrderState): void {
    const before = this.#habits.get(orderId);
    if (before) this.#count(before, -1);
    const habit = habitOf(orderId, order);
    this.#habits.set(orderId, habit);
    this.#count(habit, 1);
  }

  get methods(): Record<string, number> {
    return sorted(this.#methods);
  }

  get hours(): Record<string, number> {
    return sorted(this.#hours);
  }

  /** Amounts of different currencies have no sum. By category. */
  boughtIn(currency: Currency | null): ReadonlyMap<string, bigint> {
    const bought = currency === null ? undefined : this.#bought.get(currency);
    return new Map([...(bought ?? [])].map(([category, { amount }]) => [category, amount]));
  }

  #count({ method, hour, bought }: Habit, by: 1 | -1): void {
    if (method !== null) add(this.#methods, method, by);
    if (hour !== null) add(this.#hours, hour, by);
    if (!bought) return;
    let categories = this.#bought.get(bought.currency);
    if (!categories) this.#bought.set(bought.currency, (categories = new Map()));
    for (const [category, amount] of bought.lines) {
      const before = categories.get(category) ?? { lines: 0, amount: 0n };
      const lines = before.lines + by;
      if (lines === 0) categories.delete(category);
      else categories.set(category, { lines, amount: before.amount + BigInt(by) * amount });
    }
  }
}

const add = (counts: Map<string, number>, name: string, by: 1 | -1): void => {
  const left = (counts.get(name) ?? 0) + by;
  if (left > 0) counts.set(name, left);
  else counts.delete(name);
};

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
