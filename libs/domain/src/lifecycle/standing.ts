import { DAY_MS, type Instant } from '@tributary/kernel';
import { type History } from './types.js';

/**
 * Where a customer stands at an instant: how much of the history has happened by then, and not been cancelled since. Moves
 * forward only; each purchase comes once and goes once, so that who cancels thousands of orders is no more to walk than who keeps
 * them.
 */
export class Standing {
  /** Instants of the purchases that stand, ascending. */
  readonly purchases: Instant[] = [];
  /** The first purchase that stands of each UTC day with one, ascending. */
  readonly purchaseDays: Instant[] = [];
  /** How many of the history's active days have begun. */
  activeDays = 0;
  lastPurchase: Instant | null = null;
  /** Of each day with touchpoints the first is known, and each purchase that stands. */
  lastContact: Instant;
  rhythm_days: number;

  readonly history: History;
  readonly #rhythm: Rhythm;
  readonly #voided: readonly Voided[];
  /** How many of the history's purchases came, and how many of the cancelled ones went. */
  #came = 0;
  #went = 0;

  constructor(history: History, rhythm: Rhythm, until: Instant) {
    this.history = history;
    this.#rhythm = rhythm;
    this.#voided = voidedBy(history, until);
    this.lastContact = history.firstSeen;
    this.rhythm_days = rhythm.default_days;
  }

  /** Takes in all that happened up to `at`, inclusive. */
  advanceTo(at: Instant): void {
    const { activeDays, purchases, firstSeen } = this.history;
    while ((activeDays[this.activeDays] ?? Infinity) <= at) this.activeDays++;
    const [came, went] = [this.#came, this.#went];
    for (let next = purchases[came]; next !== undefined && next.at <= at; next = purchases[++this.#came])
      this.#stand(next.at);
    for (let next = this.#voided[went]; next !== undefined && next.voidAt <= at; next = this.#voided[++this.#went])
      this.#fall(next.at);
    if (this.#came !== came || this.#went !== went) {
      this.lastPurchase = this.purchases[this.purchases.length - 1] ?? null;
      this.rhythm_days = this.#rhythmNow();
    }
    this.lastContact = Math.max(activeDays[this.activeDays - 1] ?? firstSeen, this.lastPurchase ?? firstSeen);
  }

  /** The next instant at which something happens; `Infinity`: nothing more up to `until`. */
  nextFact(until: Instant, contactsCount: boolean): Instant {
    const { activeDays, purchases } = this.history;
    const next = Math.min(
      purchases[this.#came]?.at ?? Infinity,
      this.#voided[this.#went]?.voidAt ?? Infinity,
      contactsCount ? (activeDays[this.activeDays] ?? Infinity) : Infinity,
    );
    return next <= until ? next : Infinity;
  }

  #stand(at: Instant): void {
    const { purchases, purchaseDays } = this;
    const before = purchases[purchases.length - 1];
    if (before === undefined || utcDay(before) < utcDay(at)) purchaseDays.push(at);
    purchases.push(at);
  }

  #fall(at: Instant): void {
    const { purchases, purchaseDays } = this;
    const index = indexOf(purchases, at);
    const [before, after] = [purchases[index - 1], purchases[index + 1]];
    purchases.splice(index, 1);
    const day = utcDay(at);
    if (before !== undefined && utcDay(before) === day) return;
    const first = indexOf(purchaseDays, at);
    if (after !== undefined && utcDay(after) === day) purchaseDays[first] = after;
    else purchaseDays.splice(first, 1);
  }

  #rhythmNow(): number {
    const n = this.purchaseDays.length;
    if (n < 2) return this.#rhythm.default_days;
    const first = utcDay(this.purchaseDays[0] as Instant);
    const last = utcDay(this.purchaseDays[n - 1] as Instant);
    return Math.min(Math.max((last - first) / (n - 1), this.#rhythm.floor_days), this.#rhythm.cap_days);
  }
}

type Rhythm = { readonly default_days: number; readonly floor_days: number; readonly cap_days: number };

/** A purchase that stands only so long. */
interface Voided {
  readonly at: Instant;
  readonly voidAt: Instant;
}

/** The purchases that are cancelled as a whole by `until`, in that order; none before it was made. */
const voidedBy = ({ purchases }: History, until: Instant): readonly Voided[] => {
  const voided: Voided[] = [];
  for (const { at, voidAt } of purchases)
    if (voidAt !== undefined && voidAt <= until) voided.push({ at, voidAt: Math.max(at, voidAt) });
  return voided.length === 0 ? voided : voided.sort((a, b) => a.voidAt - b.voidAt);
};

/** Where the first instant that is no less stands among ascending ones. */
const indexOf = (instants: readonly Instant[], at: Instant): number => {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((instants[middle] as Instant) < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

const utcDay = (at: Instant): number => Math.floor(at / DAY_MS);
