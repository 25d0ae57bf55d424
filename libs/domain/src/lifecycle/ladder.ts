import { DAY_MS, type Instant } from '@tributary/kernel';
import { type LifecycleCondition, type LifecycleFeature, type Rung } from './rules.js';
import { Standing } from './standing.js';
import { type History, type Track, type Transition } from './types.js';

/** A condition made ready: days are ms, absent bounds are infinite. */
interface Test {
  readonly feature: LifecycleFeature;
  readonly windowed: boolean;
  readonly window_ms: number;
  readonly holdsAbove: boolean;
  readonly count: number;
  /** 0: the threshold does not depend on the rhythm. */
  readonly rhythms: number;
  readonly threshold_ms: number;
  readonly floor_days: number;
  readonly cap_days: number;
  readonly evidenceName: string;
}

interface Step {
  readonly name: string;
  readonly tests: readonly Test[];
}

/** A ladder made ready to be walked; `prepareLadder` once per set of rules. */
export interface PreparedLadder {
  readonly track: Track;
  readonly steps: readonly Step[];
  readonly rhythm: Rhythm;
  /** False: only purchases matter, other contacts need not be looked at. */
  readonly contactsCount: boolean;
}

type Rhythm = { readonly default_days: number; readonly floor_days: number; readonly cap_days: number };

export const prepareLadder = (track: Track, rungs: readonly Rung[], rhythm: Rhythm): PreparedLadder => {
  const steps = rungs.map(({ name, when }) => ({ name, tests: when.map(prepare) }));
  const used = new Set(steps.flatMap(({ tests }) => tests.map((test) => test.feature)));
  return { track, steps, rhythm, contactsCount: used.has('silence_days') || used.has('active_days') };
};

const prepare = ({ feature, within_days, compare, value }: LifecycleCondition): Test => {
  const constant = typeof value === 'number' ? value : 0;
  const multiple = typeof value === 'number' ? null : value;
  return {
    feature,
    windowed: within_days !== null,
    window_ms: Math.round((within_days ?? 0) * DAY_MS),
    holdsAbove: compare === 'at_least',
    count: constant,
    rhythms: multiple?.rhythms ?? 0,
    threshold_ms: Math.round(constant * DAY_MS),
    floor_days: multiple?.floor_days ?? 0,
    cap_days: multiple?.cap_days ?? Infinity,
    evidenceName: within_days === null ? feature : `${feature}_${within_days}d`,
  };
};

/**
 * Pushes the transitions of one ladder up to `until`, and answers the instant of the next one after it if nothing else
 * happens, or `Infinity`.
 *
 * Never steps through time day by day. A decision says until when it certainly stands (`Decision`), so it is taken
 * again only then or at the next fact: an order, its cancellation as a whole, a day with touchpoints. Between two facts each
 * condition flips at most once; the walk is linear in facts times conditions.
 */
export const walkLadder = (
  ladder: PreparedLadder,
  history: History,
  until: Instant,
  transitions: Transition[],
): Instant => {
  const decision = new Decision();
  const standing = new Standing(history, ladder.rhythm, until);
  let held: string | null = null;
  for (let at = history.firstSeen; at < Infinity;) {
    standing.advanceTo(Math.min(at, until));
    const rung = decision.take(ladder, standing, at);
    const { name } = ladder.steps[rung] as Step;
    if (name !== held) {
      if (at > until) return at;
      transitions.push({
        track: ladder.track,
        from: held,
        to: name,
        at,
        evidence: evidenceOf(ladder, rung, standing, at),
      });
      held = name;
    }
    at = Math.min(standing.nextFact(until, ladder.contactsCount), decision.standsUntil);
  }
  return Infinity;
};

/**
 * The first rung that holds, and the earliest instant at which one of the conditions that were asked on the way to it
 * could change its answer without a new fact. Those not asked (after the first failed one of a rung) cannot matter
 * before one of those asked has changed.
 */
class Decision {
  standsUntil: Instant = Infinity;

  take(ladder: PreparedLadder, standing: Standing, at: Instant): number {
    this.standsUntil = Infinity;
    const { steps } = ladder;
    for (let i = 0; i < steps.length; i++) if (this.holds(steps[i] as Step, standing, at)) return i;
    throw new RangeError('no rung of the ladder holds: the last one must be without conditions');
  }

  private holds({ tests }: Step, standing: Standing, at: Instant): boolean {
    for (const test of tests) if (!this.passes(test, standing, at)) return false;
    return true;
  }

  private passes(test: Test, standing: Standing, at: Instant): boolean {
    switch (test.feature) {
      case 'purchases':
      case 'purchase_days':
      case 'active_days':
        return this.counted(test, standing, at) === test.holdsAbove;
      case 'tenure_days':
        return this.elapsed(test, standing.history.firstSeen, standing, at) === test.holdsAbove;
      case 'silence_days':
        return this.elapsed(test, standing.lastContact, standing, at) === test.holdsAbove;
      case 'purchase_silence_days':
        if (standing.lastPurchase === null) return false;
        return this.elapsed(test, standing.lastPurchase, standing, at) === test.holdsAbove;
      case 'rhythm_days':
        return standing.rhythm_days >= test.count === test.holdsAbove;
      default:
        return unknownFeature(test.feature);
    }
  }

  private elapsed(test: Test, since: Instant, standing: Standing, at: Instant): boolean {
    const flip = since + thresholdOf(test, standing);
    if (at >= flip) return true;
    if (flip < this.standsUntil) this.standsUntil = flip;
    return false;
  }

  private counted(test: Test, standing: Standing, at: Instant): boolean {
    const have = countOf(test.feature, standing);
    if (have < test.count) return false;
    if (!test.windowed) return true;
    // Enough are within the window just as long as the count-th last one is.
    const flip = instantOf(test.feature, standing, have - test.count) + test.window_ms;
    if (at >= flip) return false;
    if (flip < this.standsUntil) this.standsUntil = flip;
    return true;
  }
}

const thresholdOf = (test: Test, { rhythm_days }: Standing): number =>
  test.rhythms === 0
    ? test.threshold_ms
    : Math.round(Math.min(Math.max(test.rhythms * rhythm_days, test.floor_days), test.cap_days) * DAY_MS);

const countOf = (feature: LifecycleFeature, { purchases, purchaseDays, activeDays }: Standing): number =>
  feature === 'purchases' ? purchases.length : feature === 'purchase_days' ? purchaseDays.length : activeDays;

const instantOf = (feature: LifecycleFeature, standing: Standing, index: number): Instant => {
  const { history, purchases, purchaseDays } = standing;
  const instants =
    feature === 'purchases' ? purchases : feature === 'purchase_days' ? purchaseDays : history.activeDays;
  return instants[index] as Instant;
};

/**
 * What the winning rung looked at. One without conditions won because those above it failed: then it is what failed.
 */
const evidenceOf = (
  { steps }: PreparedLadder,
  rung: number,
  standing: Standing,
  at: Instant,
): Readonly<Record<string, number>> => {
  const evidence: Record<string, number> = {};
  const { tests } = steps[rung] as Step;
  const asked = tests.length > 0 ? tests : steps.slice(0, rung).flatMap((step) => step.tests);
  for (const test of asked) {
    const value = valueOf(test, standing, at);
    if (value !== null) evidence[test.evidenceName] = rounded(value);
    if (test.rhythms > 0) evidence['rhythm_days'] = rounded(standing.rhythm_days);
  }
  return evidence;
};

const valueOf = (test: Test, standing: Standing, at: Instant): number | null => {
  const { feature } = test;
  switch (feature) {
    case 'purchases':
    case 'purchase_days':
    case 'active_days':
      return test.windowed ? countWithin(test, standing, at) : countOf(feature, standing);
    case 'tenure_days':
      return (at - standing.history.firstSeen) / DAY_MS;
    case 'silence_days':
      return (at - standing.lastContact) / DAY_MS;
    case 'purchase_silence_days':
      return standing.lastPurchase === null ? null : (at - standing.lastPurchase) / DAY_MS;
    case 'rhythm_days':
      return standing.rhythm_days;
    default:
      return unknownFeature(feature);
  }
};

const countWithin = (test: Test, standing: Standing, at: Instant): number => {
  const have = countOf(test.feature, standing);
  let out = 0;
  let end = have;
  while (out < end) {
    const middle = (out + end) >>> 1;
    if (instantOf(test.feature, standing, middle) + test.window_ms <= at) out = middle + 1;
    else end = middle;
  }
  return have - out;
};

/** Ten-thousandths of a day (9 s) are enough to read, and the same state is the same text. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

const unknownFeature = (feature: never): never => {
  throw new RangeError(`no such feature: ${String(feature)}`);
};
