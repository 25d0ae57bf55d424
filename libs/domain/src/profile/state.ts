import { type Instant } from '@tributary/kernel';
import { type AmountE4, type Currency } from '../touchpoint.js';
import { type ActiveDays } from './active-days.js';
import { type Keyed } from './keyed.js';

/**
 * The partial state of one subject: everything its touchpoints say, in a form that can be merged.
 *
 * Each field is a counter (adds), a first/last time (min/max), a register (the newest `at` wins, ties by `id`), or a
 * map of these. So folding facts in any order, and combining subjects in any grouping, gives the same state; that is
 * what makes late facts harmless and an unmerge exact. Facts must be folded once each: the pipeline sees to that.
 *
 * The fold changes a state in place: it runs for every touchpoint, and its owner (the projection) shares it with nobody.
 */
export interface SubjectState {
  touchpoints: number;
  first: Instant;
  last: Instant;
  channels: Keyed<Tally>;
  types: Keyed<Tally>;
  /** By subject. */
  identifiers: Keyed<HeldIdentifier>;
  traits: Keyed<Register<string>>;
  /** When each was last stated. */
  interests: Keyed<Instant>;
  orders: Keyed<OrderState>;
  contacts: Keyed<ContactTally>;
  tickets: Keyed<TicketState>;
  surveys: Keyed<SurveyTally>;
  reviews: { n: number; sumOfRatios: number; last: Register<number> | null };
  /** Behaviour by label: `page_viewed` category, search word, app … */
  labels: Keyed<Tally>;
  seconds: number;
  place: { country: Register<string> | null; city: Register<string> | null; store: Register<string> | null };
  days: ActiveDays;
  /** The newest contacts and tickets, newest first. */
  recent: RecentContact[];
}

export interface Tally {
  n: number;
  first: Instant;
  last: Instant;
}

/** The newest statement wins: by `at`, then by `id`. */
export interface Register<T> {
  value: T;
  at: Instant;
  id: string;
}

export interface HeldIdentifier {
  type: string;
  value: string;
  /** When it was first named. */
  first: Instant;
}

export interface PlacedOrder {
  amount: AmountE4;
  currency: Currency;
  lines: number;
  method: string | null;
  channel: string;
  /** The order's largest lines by amount, at most `TOP_LINES`: [product, category, amount]. */
  top: (readonly [string, string | null, AmountE4])[];
}

export interface Payment {
  amount: AmountE4;
  currency: Currency;
  method: string | null;
  at: Instant;
}

export interface Refund {
  amount: AmountE4;
  currency: Currency;
  at: Instant;
}

export interface OrderState {
  /** Absent until the placing arrives: a refund may come first. */
  placed: Register<PlacedOrder> | null;
  /** When the order was first placed; later statements correct it without moving it. */
  placedAt: Instant | null;
  paid: Keyed<Payment>;
  cancelled: Register<{ amount: AmountE4 | null; currency: Currency | null }> | null;
  refunds: Keyed<Refund>;
}

export interface ContactTally extends Tally {
  inbound: number;
  outbound: number;
  seconds: number;
  outcome: Register<string> | null;
}

export interface TicketState {
  openedAt: Instant | null;
  closedAt: Instant | null;
  topic: Register<string> | null;
  status: Register<string> | null;
  priority: Register<string> | null;
  updates: number;
  reopened: number;
  withinSla: Register<boolean> | null;
}

export interface SurveyTally {
  n: number;
  sum: number;
  last: Register<number> | null;
}

export interface RecentContact {
  at: Instant;
  id: string;
  type: string;
  channel: string;
  topic: string | null;
  outcome: string | null;
}

export const TOP_LINES = 5;
export const RECENT_CONTACTS = 10;

export const emptyState = (): SubjectState => ({
  touchpoints: 0,
  first: 0,
  last: 0,
  channels: [],
  types: [],
  identifiers: [],
  traits: [],
  interests: [],
  orders: [],
  contacts: [],
  tickets: [],
  surveys: [],
  reviews: { n: 0, sumOfRatios: 0, last: null },
  labels: [],
  seconds: 0,
  place: { country: null, city: null, store: null },
  days: [],
  recent: [],
});
