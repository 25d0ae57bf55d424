import { type Instant } from '@tributary/kernel';
import { type AmountE4 } from '../touchpoint.js';

/** What stages and tiers are decided from: everything the customer did, in event time. Pure data, made by `historyOf`. */
export interface History {
  readonly firstSeen: Instant;
  /** Orders that stand (placed and not cancelled whole), ascending by `at`. Amount net of refunds, in the reporting currency. */
  readonly purchases: readonly { readonly at: Instant; readonly amount: AmountE4 }[];
  /** First instant of each UTC day with any touchpoint, ascending. Purchases' days are among them. */
  readonly activeDays: readonly Instant[];
}

/** `relationship`: acquisition → growth → maturity → decline → exit. `buyer`: prospect, first_time, repeat, loyal. */
export type Track = 'relationship' | 'buyer' | 'tier';
export const tracks: readonly Track[] = ['relationship', 'buyer', 'tier'];

export interface Transition {
  readonly track: Track;
  /** `null`: the customer had none before. */
  readonly from: string | null;
  readonly to: string;
  /** When it became true: the instant of the touchpoint, or the instant at which silence or a window grew too long. */
  readonly at: Instant;
  /** The features that decided, by name, as they were at `at`. */
  readonly evidence: Readonly<Record<string, number>>;
}

export interface Course {
  /** Ascending by `at`, then by track. */
  readonly transitions: readonly Transition[];
  /** The next instant after `until` at which a stage or tier would change if nothing else came; `null`: never. */
  readonly nextChange: Instant | null;
}
