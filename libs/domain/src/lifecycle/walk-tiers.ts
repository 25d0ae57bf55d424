import { DAY_MS, type Instant } from '@tributary/kernel';
import { quarterStarts } from './quarter.js';
import { type TierRules } from './rules.js';
import { type History, type PastPurchase, type Transition } from './types.js';

/**
 * Pushes the tier's transitions up to `until`, and answers the instant of the next one after it if nothing else
 * happens, or `Infinity`.
 *
 * Spend can only be too low for the tier held after something has left the window or was taken back, so only the quarter
 * starts after such an instant are looked at: at most two for each of those, however long the silence.
 */
export const walkTiers = (rules: TierRules, history: History, until: Instant, transitions: Transition[]): Instant => {
  const { purchases } = history;
  const { ladder } = rules;
  const window_ms = Math.round(rules.window_days * DAY_MS);
  const spendName = `net_spend_${rules.window_days}d_e4`;
  let spend: Exact = 0;
  /** Purchases from `oldest` to before `next` are within the window. */
  let oldest = 0;
  let next = 0;
  let held = -1;
  const returns = returnsOf(purchases);
  let returned = 0;
  /** Of each purchase, as far as it was taken back. */
  const takenBack = new Map<number, Exact>();

  const earned = (): number => {
    let tier = ladder.length - 1;
    while (tier > 0 && spend < (ladder[tier]?.least ?? 0)) tier--;
    return tier;
  };
  const move = (tier: number, at: Instant): void => {
    transitions.push({
      track: 'tier',
      from: ladder[held]?.name ?? null,
      to: ladder[tier]?.name ?? '',
      at,
      evidence: { [spendName]: Number(spend) },
    });
    held = tier;
  };
  const leaveBy = (at: Instant): void => {
    for (; oldest < next; oldest++) {
      const purchase = purchases[oldest];
      if (purchase === undefined || purchase.at + window_ms > at) return;
      spend = less(plus(spend, takenBack.get(oldest) ?? 0), purchase.amount);
    }
  };
  const takeBackBy = (at: Instant): void => {
    for (let one = returns[returned]; one !== undefined && one.at <= at; one = returns[++returned]) {
      takenBack.set(one.of, plus(takenBack.get(one.of) ?? 0, one.amount));
      if (one.of >= oldest) spend = less(spend, one.amount);
    }
  };

  /** Of what happens, and of what leaves the window: each ascending. */
  const [quarterFrom, quarterLeft] = [quarterStarts(), quarterStarts()];
  /** The quarter start to look at if no purchase comes before it. */
  let review = Infinity;
  for (;;) {
    const coming = Math.min(purchases[next]?.at ?? Infinity, returns[returned]?.at ?? Infinity);
    const at = Math.min(review, coming <= until ? coming : Infinity);
    if (at === Infinity) return Infinity;
    for (let now = purchases[next]; now !== undefined && now.at === at && at <= until; now = purchases[next]) {
      spend = plus(spend, now.amount);
      next++;
    }
    takeBackBy(Math.min(at, until));
    leaveBy(at);
    const tier = earned();
    const quarter = quarterFrom(at);
    if (tier > held || (quarter === at && tier !== held)) {
      if (at > until) return at;
      move(tier, at);
    }
    const leaves = oldest < next ? (purchases[oldest]?.at ?? Infinity) + window_ms : Infinity;
    review = tier < held ? quarterFrom(at + 1) : leaves < Infinity ? quarterLeft(leaves) : Infinity;
  }
};

/** Ten-thousandths: a bigint where no number holds them. One amount is a safe integer, the sum of two need not be. */
type Exact = number | bigint;

/** A sum that rounds is never a safe integer, so whatever is one is exact. */
const plus = (a: Exact, b: Exact): Exact => {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  const sum = BigInt(a) + BigInt(b);
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : sum;
};

const less = (a: Exact, b: Exact): Exact => plus(a, -b);

interface Return {
  readonly at: Instant;
  /** Index of the purchase. */
  readonly of: number;
  readonly amount: Exact;
}

/** All that is taken back, ascending by time: of what is cancelled as a whole, all that is left of it by then. */
const returnsOf = (purchases: readonly PastPurchase[]): readonly Return[] => {
  const all: Return[] = [];
  purchases.forEach(({ amount, returns = [], voidAt }, of) => {
    let left: Exact = amount;
    for (const one of returns) {
      all.push({ at: one.at, of, amount: one.amount });
      left = less(left, one.amount);
    }
    if (voidAt !== undefined) all.push({ at: voidAt, of, amount: left });
  });
  return all.sort((a, b) => a.at - b.at);
};
