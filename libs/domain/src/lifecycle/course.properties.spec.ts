import { describe, expect, it } from '@jest/globals';
import { DAY_MS, type Instant } from '@tributary/kernel';
import fc from 'fast-check';
import { course } from './course.js';
import { countFeatures, elapsedFeatures, type LifecycleCondition, type LifecycleRules, type Rung } from './rules.js';
import { type History, type PastPurchase, type Track } from './types.js';

/** Quarters of a day, so that facts meet each other and thresholds often. */
const tick = DAY_MS / 4;
const start = Date.UTC(2019, 10, 20);
const instants = fc.nat(4 * 900).map((ticks) => start + ticks * tick);

const later = fc.nat(4 * 200).map((ticks) => ticks * tick);
/** Some of them taken back in part, some as a whole, then or long after. */
const purchase: fc.Arbitrary<PastPurchase> = fc
  .record({
    at: instants,
    amount: fc.integer({ min: -20, max: 100 }),
    returns: fc.array(fc.record({ after: later, amount: fc.integer({ min: 0, max: 60 }) }), { maxLength: 2 }),
    voidAfter: fc.option(later),
  })
  .map(({ at, amount, returns, voidAfter }) => ({
    at,
    amount,
    ...(voidAfter !== null && { voidAt: at + voidAfter }),
    returns: returns
      .filter(({ after }) => after < (voidAfter ?? Infinity))
      .map((one) => ({ at: at + one.after, amount: one.amount }))
      .sort((x, y) => x.at - y.at),
  }));

const histories: fc.Arbitrary<History> = fc
  .record({
    purchases: fc.array(purchase, { maxLength: 12 }),
    contacts: fc.array(instants, { maxLength: 8 }),
    first: instants,
  })
  .map(({ purchases, contacts, first }) => {
    const all = [first, ...contacts, ...purchases.map(({ at }) => at)].sort((x, y) => x - y);
    return {
      firstSeen: all[0] ?? first,
      purchases: purchases.sort((x, y) => x.at - y.at),
      activeDays: all.filter((at, i) => utcDay(at) !== utcDay(all[i - 1] ?? -Infinity)),
    };
  });

const utcDay = (at: Instant): number => Math.floor(at / DAY_MS);
const compare = fc.constantFrom('at_least' as const, 'below' as const);
const days = fc.nat(60).map((n) => (n + 1) * 5);
const conditions: fc.Arbitrary<LifecycleCondition> = fc.oneof(
  fc.record({
    feature: fc.constantFrom(...countFeatures),
    within_days: fc.option(days),
    compare,
    value: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    feature: fc.constantFrom(...elapsedFeatures),
    within_days: fc.constant(null),
    compare,
    value: fc.oneof(
      days,
      fc.record({
        rhythms: fc.constantFrom(0.5, 1, 2.5),
        floor_days: fc.option(fc.constant(20)),
        cap_days: fc.option(fc.constant(120)),
      }),
    ),
  }),
  fc.record({ feature: fc.constant('rhythm_days' as const), within_days: fc.constant(null), compare, value: days }),
);
const ladders: fc.Arbitrary<readonly Rung[]> = fc
  .array(fc.array(conditions, { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((rungs) => [...rungs.map((when, i) => ({ name: `rung-${i % 3}`, when })), { name: 'others', when: [] }]);
const allRules: fc.Arbitrary<LifecycleRules> = fc.record({
  version: fc.constant('any'),
  rhythm: fc.constant({ default_days: 30, floor_days: 5, cap_days: 90 }),
  relationship: ladders,
  buyer: ladders,
  tiers: fc.record({
    window_days: fc.constantFrom(30, 90, 365),
    ladder: fc.constant([0, 50, 120, 300].map((least) => ({ name: `tier-${least}`, least }))),
  }),
  reporting: fc.constant({ currency: 'USD', rates: new Map() }),
});

const upTo = (history: History, until: Instant): History => ({
  firstSeen: history.firstSeen,
  purchases: history.purchases
    .filter(({ at }) => at <= until)
    .map(({ at, amount, returns = [], voidAt }) => ({
      at,
      amount,
      returns: returns.filter((one) => one.at <= until),
      ...(voidAt !== undefined && voidAt <= until && { voidAt }),
    })),
  activeDays: history.activeDays.filter((at) => at <= until),
});

const anything = fc.record({ history: histories, rules: allRules, until: instants, later: instants });
const runs = { numRuns: 2000 };
const forAnyLife = (
  holds: (given: { history: History; rules: LifecycleRules; until: Instant; later: Instant }) => void,
): void => fc.assert(fc.property(anything, holds), runs);

describe('properties of a course', () => {
  it('as of T is the beginning of what is known later', () =>
    forAnyLife(({ history, rules, until, later }) => {
      const [early, late] = [Math.min(until, later), Math.max(until, later)];
      const whole = course(history, rules, late).transitions;
      const then = course(upTo(history, early), rules, early);
      expect(whole.filter(({ at }) => at <= early)).toEqual(then.transitions);
      expect(course(history, rules, early)).toEqual(then);
    }));

  it('next changes exactly when it says, if nothing else comes', () =>
    forAnyLife(({ history, rules, until }) => {
      const now = course(history, rules, until);
      const known = upTo(history, until);
      if (now.nextChange === null) {
        if (until < history.firstSeen) return;
        expect(course(known, rules, Infinity)).toEqual(now);
        return;
      }
      expect(now.nextChange).toBeGreaterThan(until);
      expect(course(known, rules, now.nextChange - 1)).toEqual(now);
      const then = course(known, rules, now.nextChange).transitions;
      expect(then.slice(0, now.transitions.length)).toEqual(now.transitions);
      expect(then.length).toBeGreaterThan(now.transitions.length);
      expect(then.slice(now.transitions.length).every(({ at }) => at === now.nextChange)).toBe(true);
    }));

  it('is a chain on each track, in order, with at most one change at an instant', () =>
    forAnyLife(({ history, rules, until }) => {
      const { transitions } = course(history, rules, until);
      for (const track of ['relationship', 'buyer', 'tier'] as const) {
        let from: string | null = null;
        let last = -Infinity;
        for (const transition of transitions.filter((one) => one.track === track)) {
          expect(transition.from).toBe(from);
          expect(transition.to).not.toBe(from);
          expect(transition.at).toBeGreaterThan(last);
          from = transition.to;
          last = transition.at;
        }
      }
      const rank = { relationship: 0, buyer: 1, tier: 2 };
      const sorted = transitions.toSorted((x, y) => x.at - y.at || rank[x.track] - rank[y.track]);
      expect(transitions).toEqual(sorted);
    }));

  it('says at any instant what a slow and simple reading of the rules says', () =>
    forAnyLife(({ history, rules, until }) => {
      const { transitions } = course(history, rules, Infinity);
      const at = (track: Track): string | null =>
        transitions.findLast((one) => one.track === track && one.at <= until)?.to ?? null;
      if (until < history.firstSeen) return;
      expect(at('relationship')).toBe(naiveRung(rules.relationship, rules, history, until));
      expect(at('buyer')).toBe(naiveRung(rules.buyer, rules, history, until));
      expect(at('tier')).toBe(naiveTier(rules, history, until));
    }));
});

const naiveRung = (ladder: readonly Rung[], rules: LifecycleRules, whole: History, t: Instant): string => {
  const { firstSeen, purchases, activeDays } = upTo(whole, t);
  const bought = purchases.filter(({ voidAt }) => voidAt === undefined).map(({ at }) => at);
  const buyingDays = bought.filter((at, i) => utcDay(at) !== utcDay(bought[i - 1] ?? -Infinity));
  const [first, last] = [buyingDays[0], buyingDays.at(-1)];
  const gaps = buyingDays.length - 1;
  const { default_days, floor_days, cap_days } = rules.rhythm;
  const rhythm =
    gaps > 0 ? Math.min(Math.max((utcDay(last ?? 0) - utcDay(first ?? 0)) / gaps, floor_days), cap_days) : default_days;
  const since = (base: Instant | undefined): number | null => (base === undefined ? null : (t - base) / DAY_MS);
  const value = ({ feature, within_days }: LifecycleCondition): number | null => {
    const inWindow = (at: Instant): boolean => within_days === null || t - at < within_days * DAY_MS;
    switch (feature) {
      case 'purchases':
        return bought.filter(inWindow).length;
      case 'purchase_days':
        return buyingDays.filter(inWindow).length;
      case 'active_days':
        return activeDays.filter(inWindow).length;
      case 'tenure_days':
        return since(firstSeen);
      case 'silence_days':
        return since(Math.max(firstSeen, activeDays.at(-1) ?? -Infinity, bought.at(-1) ?? -Infinity));
      case 'purchase_silence_days':
        return since(bought.at(-1));
      case 'rhythm_days':
        return rhythm;
    }
  };
  const holds = (condition: LifecycleCondition): boolean => {
    const have = value(condition);
    if (have === null) return false;
    const { value: than } = condition;
    const limit =
      typeof than === 'number'
        ? than
        : Math.min(Math.max(than.rhythms * rhythm, than.floor_days ?? 0), than.cap_days ?? Infinity);
    const enough = Math.round(have * DAY_MS) >= Math.round(limit * DAY_MS);
    return condition.compare === 'at_least' ? enough : !enough;
  };
  return ladder.find(({ when }) => when.every(holds))?.name ?? '';
};

/** Every quarter start, purchase and return, one after the other. */
const naiveTier = (rules: LifecycleRules, history: History, until: Instant): string | null => {
  const { purchases } = history;
  const quarters = Array.from({ length: 40 }, (_, i) => Date.UTC(2019, 9 + 3 * i));
  const facts = purchases.flatMap(({ at, returns = [], voidAt = at }) => [at, voidAt, ...returns.map((one) => one.at)]);
  const instants = [...new Set([...quarters, ...facts])].sort((x, y) => x - y);
  const { ladder, window_days } = rules.tiers;
  let held = -1;
  for (const t of instants) {
    if (t > until || t < (purchases[0]?.at ?? Infinity)) continue;
    const spend = upTo(history, t)
      .purchases.filter(({ at, voidAt }) => t - at < window_days * DAY_MS && voidAt === undefined)
      .reduce((sum, { amount, returns = [] }) => returns.reduce((left, one) => left - one.amount, sum + amount), 0);
    const earned = Math.max(
      0,
      ladder.findLastIndex(({ least }) => spend >= least),
    );
    if (quarters.includes(t) || earned > held) held = earned;
  }
  return ladder[held]?.name ?? null;
};
