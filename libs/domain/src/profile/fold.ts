import { type Instant } from '@tributary/kernel';
import {
  type AnyTouchpoint,
  type BehaviourTally,
  type Contact,
  type Identifier,
  type Payloads,
  type Touchpoint,
  type TouchpointType,
} from '../touchpoint.js';
import { noteActive } from './active-days.js';
import { ensureIn, type Keyed, setIn, valueIn } from './keyed.js';
import { count, earlier, newer } from './merge.js';
import { orderChanges } from './orders-stretches.js';
import {
  type OrderState,
  RECENT_CONTACTS,
  type RecentContact,
  type SubjectState,
  TOP_LINES,
  type TicketState,
} from './state.js';

type Fold<T extends TouchpointType> = (
  state: SubjectState,
  payload: Payloads[T],
  at: Instant,
  id: string,
  channel: string,
) => void;

/** To be changed at once. */
const orderOf = (state: SubjectState, orderId: string): OrderState => {
  orderChanges(state.orders, orderId);
  return ensureIn(state.orders, orderId, () => ({
    placed: null,
    placedAt: null,
    paid: [],
    cancelled: null,
    refunds: [],
  }));
};

const ticketOf = (state: SubjectState, ticketId: string): TicketState =>
  ensureIn(state.tickets, ticketId, () => ({
    openedAt: null,
    closedAt: null,
    topic: null,
    status: null,
    priority: null,
    updates: 0,
    reopened: 0,
    withinSla: null,
  }));

type Stated = {
  readonly at: Instant;
  readonly amount: number;
  readonly currency: string;
  readonly method?: string | null;
};
const told = ({ currency, method }: Stated): string => `${method ?? ''} ${currency}`;

/** Of two statements of one payment or refund the earlier holds; of the same instant the larger, then the one that says more. */
export const firstStated = <M extends Stated>(a: M, b: M): M => {
  if (a.at !== b.at) return a.at < b.at ? a : b;
  if (a.amount !== b.amount) return a.amount > b.amount ? a : b;
  return told(a) >= told(b) ? a : b;
};

const keepFirst = <M extends Stated>(map: Keyed<M>, key: string, stated: M): void => {
  const before = valueIn(map, key);
  setIn(map, key, before ? firstStated(before, stated) : stated);
};

export const byNewest = (a: RecentContact, b: RecentContact): number => b.at - a.at || (a.id < b.id ? 1 : -1);

const remember = (state: SubjectState, contact: RecentContact): void => {
  const { recent } = state;
  const oldest = recent[recent.length - 1];
  if (recent.length >= RECENT_CONTACTS && oldest && byNewest(contact, oldest) > 0) return;
  recent.push(contact);
  recent.sort(byNewest);
  if (recent.length > RECENT_CONTACTS) recent.pop();
};

type ContactType = 'call_held' | 'email_exchanged' | 'chat_held' | 'sms_exchanged' | 'visit_held';

const foldContact =
  (kind: ContactType) =>
  (state: SubjectState, payload: Contact, at: Instant, id: string, channel: string): void => {
    const tally = ensureIn(state.contacts, kind, () => ({
      n: 0,
      first: at,
      last: at,
      inbound: 0,
      outbound: 0,
      seconds: 0,
      outcome: null,
    }));
    tally.n += 1;
    tally[payload.direction] += 1;
    // Whole seconds, as of sessions: sums of integers do not depend on the order of adding.
    tally.seconds += Math.round(payload.duration_s ?? 0);
    if (at < tally.first) tally.first = at;
    if (at > tally.last) tally.last = at;
    if (payload.outcome !== null) tally.outcome = newer(tally.outcome, { value: payload.outcome, at, id });
    remember(state, { at, id, type: kind, channel, topic: payload.topic, outcome: payload.outcome });
  };

const nothingMore = (): void => undefined;

/** What each fact says of the subject. A new type of touchpoint is a schema and one line here. */
const folds: { readonly [T in TouchpointType]: Fold<T> } = {
  traits_stated: (state, { traits, interests }, at, id) => {
    for (const [name, value] of Object.entries(traits)) {
      const stated = { value, at, id };
      setIn(state.traits, name, newer(valueIn(state.traits, name), stated) ?? stated);
    }
    if (traits['country']) state.place.country = newer(state.place.country, { value: traits['country'], at, id });
    if (traits['city']) state.place.city = newer(state.place.city, { value: traits['city'], at, id });
    for (const interest of interests)
      setIn(state.interests, interest, Math.max(valueIn(state.interests, interest) ?? at, at));
  },
  order_placed: (state, payload, at, id, channel) => {
    const order = orderOf(state, payload.orderId);
    const top = [...payload.lines]
      .sort((a, b) => b.amount - a.amount || (a.productId < b.productId ? -1 : 1))
      .slice(0, TOP_LINES)
      .map((line) => [line.productId, line.category, line.amount] as const);
    const { amount, currency, method } = payload;
    order.placed = newer(order.placed, {
      value: { amount, currency, lines: payload.lines.length, method, channel, top },
      at,
      id,
    });
    order.placedAt = earlier(order.placedAt, at);
    if (payload.country) state.place.country = newer(state.place.country, { value: payload.country, at, id });
    if (payload.city) state.place.city = newer(state.place.city, { value: payload.city, at, id });
    if (payload.store) state.place.store = newer(state.place.store, { value: payload.store, at, id });
  },
  order_paid: (state, { orderId, paymentId, amount, currency, method }, at) => {
    keepFirst(orderOf(state, orderId).paid, paymentId, { amount, currency, method, at });
  },
  order_cancelled: (state, { orderId, amount, currency }, at, id) => {
    const order = orderOf(state, orderId);
    order.cancelled = newer(order.cancelled, { value: { amount, currency }, at, id });
  },
  order_refunded: (state, { orderId, refundId, amount, currency }, at) => {
    keepFirst(orderOf(state, orderId).refunds, refundId, { amount, currency, at });
  },
  call_held: foldContact('call_held'),
  email_exchanged: foldContact('email_exchanged'),
  chat_held: foldContact('chat_held'),
  sms_exchanged: foldContact('sms_exchanged'),
  visit_held: foldContact('visit_held'),
  ticket_opened: (state, { ticketId, topic, priority }, at, id, channel) => {
    const ticket = ticketOf(state, ticketId);
    ticket.openedAt = earlier(ticket.openedAt, at);
    ticket.status = newer(ticket.status, { value: 'opened', at, id });
    if (topic !== null) ticket.topic = newer(ticket.topic, { value: topic, at, id });
    if (priority !== null) ticket.priority = newer(ticket.priority, { value: priority, at, id });
    remember(state, { at, id, type: 'ticket_opened', channel, topic, outcome: null });
  },
  ticket_updated: (state, { ticketId, status, priority, reopened }, at, id) => {
    const ticket = ticketOf(state, ticketId);
    ticket.updates += 1;
    if (reopened) ticket.reopened += 1;
    ticket.status = newer(ticket.status, { value: status, at, id });
    if (priority !== null) ticket.priority = newer(ticket.priority, { value: priority, at, id });
  },
  ticket_closed: (state, { ticketId, resolution, withinSla }, at, id, channel) => {
    const ticket = ticketOf(state, ticketId);
    ticket.closedAt = Math.max(ticket.closedAt ?? at, at);
    ticket.status = newer(ticket.status, { value: 'closed', at, id });
    if (withinSla !== null) ticket.withinSla = newer(ticket.withinSla, { value: withinSla, at, id });
    remember(state, { at, id, type: 'ticket_closed', channel, topic: null, outcome: resolution });
  },
  review_given: (state, { rating, maxRating }, at, id) => {
    // Ratios in thousandths: sums of integers do not depend on the order of adding, sums of floats do.
    const ratio = Math.round((rating / maxRating) * 1000);
    state.reviews.n += 1;
    state.reviews.sumOfRatios += ratio;
    state.reviews.last = newer(state.reviews.last, { value: ratio, at, id });
  },
  survey_answered: (state, { survey, score }, at, id) => {
    const tally = ensureIn(state.surveys, survey, () => ({ n: 0, sum: 0, last: null }));
    tally.n += 1;
    tally.sum += Math.round(score * 1000);
    tally.last = newer(tally.last, { value: score, at, id });
  },
  page_viewed: nothingMore,
  searched: nothingMore,
  session_ended: nothingMore,
  post_created: nothingMore,
  reply_posted: nothingMore,
  voted: nothingMore,
  followed: nothingMore,
  badge_earned: nothingMore,
  custom_tracked: nothingMore,
};

const sawAt = (state: SubjectState, type: string, channel: string, at: Instant): void => {
  if (state.touchpoints === 0 || at < state.first) state.first = at;
  if (state.touchpoints === 0 || at > state.last) state.last = at;
  state.touchpoints += 1;
  count(state.channels, channel, at);
  count(state.types, type, at);
  noteActive(state.days, at);
};

/** Notes that a touchpoint at `at` named these identifiers; answers whether that was news. */
export const foldIdentifiers = (state: SubjectState, identifiers: readonly Identifier[], at: Instant): boolean => {
  let isNews = false;
  for (const { subject, type, value } of identifiers) {
    const held = valueIn(state.identifiers, subject);
    if (held && held.first <= at) continue;
    setIn(state.identifiers, subject, { type, value, first: at });
    isNews = true;
  }
  return isNews;
};

/** Folds one fact (a touchpoint of class `fact`) into the state, in place. */
export const foldFact = (state: SubjectState, touchpoint: AnyTouchpoint, id: string): void => {
  const { type, channel, occurredAt, payload } = touchpoint;
  sawAt(state, type, channel, occurredAt);
  foldIdentifiers(state, touchpoint.identifiers, occurredAt);
  (folds[type] as Fold<TouchpointType>)(state, payload, occurredAt, id, channel);
};

/** What a profile counts a behaviour by; empty: only its number counts. */
export const labelOf = (touchpoint: AnyTouchpoint): string => {
  switch (touchpoint.type) {
    case 'page_viewed':
      return touchpoint.payload.category ?? '';
    case 'session_ended':
      return touchpoint.payload.app ?? '';
    case 'custom_tracked':
      return touchpoint.payload.name;
    case 'badge_earned':
      return touchpoint.payload.level ?? '';
    default:
      return '';
  }
};

export const secondsOf = (touchpoint: AnyTouchpoint): number =>
  touchpoint.type === 'session_ended' ? Math.round((touchpoint as Touchpoint<'session_ended'>).payload.duration_s) : 0;

/** Folds a behaviour sum into the state, in place. */
export const foldTally = (state: SubjectState, tally: BehaviourTally): void => {
  for (const at of tally.times) sawAt(state, tally.type, tally.channel, at);
  const first = tally.times[0];
  const last = tally.times[tally.times.length - 1];
  if (tally.label !== '' && first !== undefined && last !== undefined) {
    const key = `${tally.type}:${tally.label}`;
    count(state.labels, key, first, tally.times.length);
    count(state.labels, key, last, 0);
  }
  state.seconds += tally.seconds;
};
