import { type CustomerId } from '@tributary/kernel';
import { type Track } from '../lifecycle/types.js';

/** The profile as it is served: amounts as exact decimal texts, instants in ISO 8601 (UTC). */
export interface Profile {
  readonly customerId: CustomerId;
  /** Every subject of the customer, sorted. */
  readonly subjects: readonly string[];
  /** Position of the last event that the profile reflects. */
  readonly version: number;
  readonly identifiers: readonly { type: string; value: string; firstSeen: string }[];
  readonly traits: Readonly<Record<string, string>>;
  readonly place: { country: string | null; city: string | null; store: string | null };
  readonly lifecycle: {
    readonly relationship: Standing | null;
    readonly buyer: Standing | null;
    readonly tier: Standing | null;
    /** Ascending; of more than `HISTORY_SHOWN` the newest. */
    readonly history: readonly { track: Track; from: string | null; to: string; at: string }[];
    /** How many older transitions are not shown: they are in the timeline. */
    readonly omitted: number;
    readonly rules: string | null;
  };
  readonly value: Value;
  readonly orders: {
    readonly placed: number;
    readonly cancelled: number;
    readonly refunds: number;
    readonly recent: readonly RenderedOrder[];
  };
  readonly preferences: {
    /** Bought: in orders that stand, in the currency of `value`, as far as it is among the five largest lines of an order. */
    readonly categories: readonly { category: string; bought: string; viewed: number }[];
    readonly methods: Readonly<Record<string, number>>;
    readonly contactChannels: Readonly<Record<string, number>>;
    /** Orders that stand, in whatever currency, by hour of the day, UTC. */
    readonly purchaseHours: Readonly<Record<string, number>>;
    readonly interests: readonly string[];
  };
  readonly interactions: {
    readonly byType: Readonly<
      Record<
        string,
        { count: number; inbound: number; outbound: number; seconds: number; last: string; lastOutcome: string | null }
      >
    >;
    readonly recent: readonly {
      at: string;
      type: string;
      channel: string;
      topic: string | null;
      outcome: string | null;
    }[];
  };
  readonly tickets: {
    readonly opened: number;
    readonly open: number;
    readonly reopened: number;
    readonly withinSla: number | null;
  };
  readonly feedback: {
    readonly surveys: Readonly<Record<string, { count: number; average: number; last: number }>>;
    readonly reviews: { count: number; average: number } | null;
  };
  readonly community: { posts: number; replies: number; votes: number; follows: number; badges: number };
  readonly behaviour: {
    readonly pageViews: number;
    readonly searches: number;
    readonly sessions: number;
    readonly sessionSeconds: number;
    readonly labels: readonly { label: string; count: number; last: string }[];
  };
  readonly activity: {
    readonly touchpoints: number;
    readonly first: string | null;
    readonly last: string | null;
    readonly activeDays: number;
    readonly channels: Readonly<Record<string, { count: number; first: string; last: string }>>;
  };
}

export interface Standing {
  readonly stage: string;
  readonly since: string;
}

export interface RenderedOrder {
  readonly orderId: string;
  readonly at: string;
  readonly gross: string;
  readonly net: string;
  readonly currency: string;
  readonly status: 'placed' | 'cancelled';
}

/** Counts and sums are of the currency; days, gaps, the first and the last purchase are of all purchases. */
export interface Value {
  /** That of most purchases. */
  readonly currency: string | null;
  /** Orders that stand, in that currency: with those of `others`, all. */
  readonly purchases: number;
  readonly purchaseDays: number;
  /** Of all orders placed, cancelled ones among them. */
  readonly gross: string;
  readonly net: string;
  /** Gross of the orders that stand, per order, rounded to a ten-thousandth. */
  readonly averageOrder: string;
  readonly firstPurchase: string | null;
  readonly lastPurchase: string | null;
  readonly recencyDays: number | null;
  /** Mean days between purchase days; `null` with fewer than two. */
  readonly meanGapDays: number | null;
  /** Other currencies the customer bought in. */
  readonly others: Readonly<Record<string, { purchases: number; gross: string; net: string }>>;
}

/** What a row of the warehouse, or of a list, says of a customer: the sections that cost little, as the profile has them. */
export type ProfileSummary = Pick<
  Profile,
  | 'customerId'
  | 'subjects'
  | 'version'
  | 'identifiers'
  | 'traits'
  | 'place'
  | 'lifecycle'
  | 'value'
  | 'tickets'
  | 'activity'
> & { readonly orders: Pick<Profile['orders'], 'placed' | 'cancelled' | 'refunds'> };
