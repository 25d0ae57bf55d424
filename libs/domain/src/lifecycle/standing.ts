import { DAY_MS, type Instant } from '@tributary/kernel';
import { type History } from './types.js';

/** Where a customer stands at an instant: how much of the history has happened by then. Moves forward only. */
export class Standing {
  purchases = 0;
  purchaseDays = 0;
  activeDays = 0;
  lastPurchase: Instant | null = null;
  lastContact: Instant;
  rhythm_days: number;

  readonly history: History;
  readonly purchaseDayStarts: readonly Instant[];

  constructor(
    { history, purchaseDayStarts }: Era,
    private readonly rhythm: { readonly default_days: number; readonly floor_days: number; readonly cap_days: number },
  ) {
    this.history = history;
    this.purchaseDayStarts = purchaseDayStarts;
    this.lastContact = history.firstSeen;
    this.rhythm_days = rhythm.default_days;
  }

  /** Takes in all that happened up to `at`, inclusive. */
  advanceTo(at: Instant): void {
    const { activeDays, purchases } = this.history;
    let day: Instant | undefined;
    while ((day = activeDays[this.activeDays]) !== undefined && day <= at) {
      this.activeDays++;
      if (day > this.lastContact) this.lastContact = day;
    }
    const before = this.purchases;
    let purchase: History['purchases'][number] | undefined;
    while ((purchase = purchases[this.purchases]) !== undefined && purchase.at <= at) {
      this.purchases++;
      this.lastPurchase = purchase.at;
    }
    if (this.purchases === before) return;
    if ((this.lastPurchase as Instant) > this.lastContact) this.lastContact = this.lastPurchase as Instant;
    const starts = this.purchaseDayStarts;
    while (this.purchaseDays < starts.length && (starts[this.purchaseDays] as Instant) <= at) this.purchaseDays++;
    this.rhythm_days = this.rhythmNow();
  }

  /** The next instant at which something happens; `Infinity`: nothing more up to `until`. */
  nextFact(until: Instant, contactsCount: boolean): Instant {
    const purchase = this.history.purchases[this.purchases]?.at ?? Infinity;
    const day = contactsCount ? (this.history.activeDays[this.activeDays] ?? Infinity) : Infinity;
    const next = Math.min(purchase, day);
    return next <= until ? next : Infinity;
  }

  private rhythmNow(): number {
    const n = this.purchaseDays;
    if (n < 2) return this.rhythm.default_days;
    const first = utcDay(this.purchaseDayStarts[0] as Instant);
    const last = utcDay(this.purchaseDayStarts[n - 1] as Instant);
    return Math.min(Math.max((last - first) / (n - 1), this.rhythm.floor_days), this.rhythm.cap_days);
  }
}

/** A time in which the same orders stand: from one instant to before another. */
export interface Era {
  readonly from: Instant;
  readonly to: Instant;
  readonly history: History;
  readonly purchaseDayStarts: readonly Instant[];
}

/** From the first touchpoint on; a new one begins whenever an order is cancelled as a whole, up to `until`. */
export const erasOf = (history: History, until: Instant): readonly Era[] => {
  const { firstSeen, purchases } = history;
  const ends = purchases.flatMap(({ voidAt }) => (voidAt !== undefined && voidAt <= until ? [voidAt] : []));
  const begins = [firstSeen, ...[...new Set(ends)].sort((a, b) => a - b)];
  return begins.map((from, i) => {
    const standing = purchases.filter(({ voidAt }) => voidAt === undefined || voidAt > from);
    return {
      from,
      to: begins[i + 1] ?? Infinity,
      history: standing.length === purchases.length ? history : { ...history, purchases: standing },
      purchaseDayStarts: purchaseDaysOf(standing),
    };
  });
};

/** The first purchase of each UTC day with one, ascending. */
const purchaseDaysOf = (purchases: History['purchases']): readonly Instant[] => {
  const starts: Instant[] = [];
  let last = -Infinity;
  for (const { at } of purchases) {
    const day = utcDay(at);
    if (day > last) starts.push(at);
    last = day;
  }
  return starts;
};

const utcDay = (at: Instant): number => Math.floor(at / DAY_MS);
