import { type Instant } from '@tributary/kernel';
import { type AmountE4 } from '../touchpoint.js';

/** What stages and tiers are decided from: everything the customer did, in event time. Pure data, made by `historyOf`. */
export interface History {
  readonly firstSeen: Instant;
  /** Every order, ascending by `at`. */
  readonly purchases: readonly PastPurchase[];
  /** First instant of each UTC day with any touchpoint, ascending. Purchases' days are among them. */
  readonly activeDays: readonly Instant[];
}

/** An order, and what became of it when. Amounts in the reporting currency. */
export interface PastPurchase {
  readonly at: Instant;
  readonly amount: AmountE4;
  /** What was taken back of it, ascending by `at`, none before the order; absent: nothing. */
  readonly returns?: readonly { readonly at: Instant; readonly amount: AmountE4 }[];
  /** From then on it counts no more: it was cancelled as a whole. Absent: it stands. */
  readonly voidAt?: Instant;
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
