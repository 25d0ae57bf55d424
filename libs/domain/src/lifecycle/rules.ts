import { type AmountE4 } from '../touchpoint.js';
import { type Reporting } from './reporting.js';

/**
 * What a condition may ask about a customer at an instant.
 *
 * - `purchases`: orders that stand; `purchase_days`: UTC days with one (each dates from its first purchase);
 *   `active_days`: UTC days with any touchpoint. All of these may be asked `within` a sliding window.
 * - `tenure_days`: since the first touchpoint; `silence_days`: since the last one known (the later of the last
 *   purchase and the first touchpoint of the last active day); `purchase_silence_days`: since the last purchase; with
 *   none, no condition on it holds.
 * - `rhythm_days`: mean gap between purchase days, within the rules' floor and cap; the rules' default below two.
 */
export type LifecycleFeature =
  | 'purchases'
  | 'purchase_days'
  | 'active_days'
  | 'tenure_days'
  | 'silence_days'
  | 'purchase_silence_days'
  | 'rhythm_days';

export const countFeatures: readonly LifecycleFeature[] = ['purchases', 'purchase_days', 'active_days'];
export const elapsedFeatures: readonly LifecycleFeature[] = ['tenure_days', 'silence_days', 'purchase_silence_days'];
export const lifecycleFeatures: readonly LifecycleFeature[] = [...countFeatures, ...elapsedFeatures, 'rhythm_days'];

/** A number of days in proportion to the customer's own rhythm, at least the floor, at most the cap. */
export interface RhythmMultiple {
  readonly rhythms: number;
  readonly floor_days: number | null;
  readonly cap_days: number | null;
}

/**
 * Boundaries: `at_least X` is `>= X`, `below X` its exact opposite `< X`. Days are of 86,400,000 ms, counted from an
 * instant and not from midnight, so a silence of 180 days holds from exactly the last contact + 180 days on. What
 * happened exactly W days ago has left a window of W days.
 */
export interface LifecycleCondition {
  readonly feature: LifecycleFeature;
  /** Count only what happened in so many days up to the instant; `null`: ever. */
  readonly within_days: number | null;
  readonly compare: 'at_least' | 'below';
  readonly value: number | RhythmMultiple;
}

/** Holds when all conditions do. Of a ladder, the first rung that holds wins; the last has no conditions. */
export interface Rung {
  readonly name: string;
  readonly when: readonly LifecycleCondition[];
}

export interface Tier {
  readonly name: string;
  /** The least net spend within the window, in the reporting currency. */
  readonly least: AmountE4;
}

/**
 * By net spend in a sliding window. The first purchase gives a tier; a purchase may raise it at once; it drops only at
 * the start of a calendar quarter (UTC).
 */
export interface TierRules {
  readonly window_days: number;
  /** Ascending by `least`; the first asks for nothing. */
  readonly ladder: readonly Tier[];
}

export interface LifecycleRules {
  /** Of both files, as `<lifecycle>/<tiers>`; goes with each decision. */
  readonly version: string;
  readonly rhythm: { readonly default_days: number; readonly floor_days: number; readonly cap_days: number };
  readonly relationship: readonly Rung[];
  readonly buyer: readonly Rung[];
  readonly tiers: TierRules;
  readonly reporting: Reporting;
}
