import { mergeActiveDays } from './active-days.js';
import { byNewest, firstStated } from './fold.js';
import { mergeKeyed } from './keyed.js';
import { addTally, earlier, later, newer, newest } from './merge.js';
import {
  type ContactTally,
  emptyState,
  type HeldIdentifier,
  type OrderState,
  RECENT_CONTACTS,
  type SubjectState,
  type SurveyTally,
  type TicketState,
} from './state.js';

const mergeOrders = (a: OrderState, b: OrderState): OrderState => ({
  placed: newer(a.placed, b.placed),
  placedAt: earlier(a.placedAt, b.placedAt),
  paid: mergeKeyed(a.paid, b.paid, firstStated),
  cancelled: newer(a.cancelled, b.cancelled),
  refunds: mergeKeyed(a.refunds, b.refunds, firstStated),
});

const mergeTickets = (a: TicketState, b: TicketState): TicketState => ({
  openedAt: earlier(a.openedAt, b.openedAt),
  closedAt: later(a.closedAt, b.closedAt),
  topic: newer(a.topic, b.topic),
  status: newer(a.status, b.status),
  priority: newer(a.priority, b.priority),
  updates: a.updates + b.updates,
  reopened: a.reopened + b.reopened,
  withinSla: newer(a.withinSla, b.withinSla),
});

const mergeContacts = (a: ContactTally, b: ContactTally): ContactTally => ({
  ...addTally(a, b),
  inbound: a.inbound + b.inbound,
  outbound: a.outbound + b.outbound,
  seconds: a.seconds + b.seconds,
  outcome: newer(a.outcome, b.outcome),
});

const mergeSurveys = (a: SurveyTally, b: SurveyTally): SurveyTally => ({
  n: a.n + b.n,
  sum: a.sum + b.sum,
  last: newer(a.last, b.last),
});

const mergeHeld = (a: HeldIdentifier, b: HeldIdentifier): HeldIdentifier => (a.first <= b.first ? a : b);

const add = (a: SubjectState, b: SubjectState): SubjectState => ({
  touchpoints: a.touchpoints + b.touchpoints,
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
  channels: mergeKeyed(a.channels, b.channels, addTally),
  types: mergeKeyed(a.types, b.types, addTally),
  identifiers: mergeKeyed(a.identifiers, b.identifiers, mergeHeld),
  traits: mergeKeyed(a.traits, b.traits, newest),
  interests: mergeKeyed(a.interests, b.interests, Math.max),
  orders: mergeKeyed(a.orders, b.orders, mergeOrders),
  contacts: mergeKeyed(a.contacts, b.contacts, mergeContacts),
  tickets: mergeKeyed(a.tickets, b.tickets, mergeTickets),
  surveys: mergeKeyed(a.surveys, b.surveys, mergeSurveys),
  reviews: {
    n: a.reviews.n + b.reviews.n,
    sumOfRatios: a.reviews.sumOfRatios + b.reviews.sumOfRatios,
    last: newer(a.reviews.last, b.reviews.last),
  },
  labels: mergeKeyed(a.labels, b.labels, addTally),
  seconds: a.seconds + b.seconds,
  place: {
    country: newer(a.place.country, b.place.country),
    city: newer(a.place.city, b.place.city),
    store: newer(a.place.store, b.place.store),
  },
  days: mergeActiveDays(a.days, b.days),
  recent: [...a.recent, ...b.recent].sort(byNewest).slice(0, RECENT_CONTACTS),
});

/**
 * The state of a customer: the sum of its subjects' partial states. Changes none of them; shares structure with them, so
 * the result is for reading. Order and grouping of `parts` do not matter.
 */
export const combine = (parts: readonly SubjectState[]): SubjectState => {
  const spoken = parts.filter((part) => part.touchpoints > 0);
  return spoken.length === 0 ? emptyState() : spoken.reduce(add);
};

/** The part of a combined state that `historyOf` reads: orders, days, first and last. Cheaper than `combine`. */
export const combineForHistory = (parts: readonly SubjectState[]): SubjectState => {
  const spoken = parts.filter((part) => part.touchpoints > 0);
  if (spoken.length <= 1) return spoken[0] ?? emptyState();
  return spoken.reduce((a, b) => ({
    ...a,
    touchpoints: a.touchpoints + b.touchpoints,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    orders: mergeKeyed(a.orders, b.orders, mergeOrders),
    days: mergeActiveDays(a.days, b.days),
  }));
};
