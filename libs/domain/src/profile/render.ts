import { type Instant, isoText } from '@tributary/kernel';
import { purchasesOf } from './history.js';
import { type Keyed, valueIn } from './keyed.js';
import { type Profile } from './profile.js';
import { amountText, type RenderedCustomer, renderSummary } from './render-summary.js';
import { type OrderState, type Payment, type SubjectState, type Tally } from './state.js';

const tallyOf = (types: Keyed<Tally>, type: string): number => valueIn(types, type)?.n ?? 0;

/** Amounts of different currencies have no sum: what was bought counts in the customer's own, and in orders that stand. */
const categoriesOf = (
  state: SubjectState,
  currency: string | null,
  thatStand: ReadonlySet<string>,
): Profile['preferences']['categories'] => {
  const bought = new Map<string, bigint>();
  const viewed = new Map<string, number>();
  for (const [orderId, { placed }] of state.orders)
    for (const [, category, amount] of placed?.value.top ?? [])
      if (category && placed?.value.currency === currency && thatStand.has(orderId))
        bought.set(category, (bought.get(category) ?? 0n) + BigInt(amount));
  for (const [label, tally] of state.labels)
    if (label.startsWith('page_viewed:')) viewed.set(label.slice('page_viewed:'.length), tally.n);
  return [...new Set([...bought.keys(), ...viewed.keys()])]
    .map((category) => ({ category, bought: bought.get(category) ?? 0n, viewed: viewed.get(category) ?? 0 }))
    .sort((a, b) => Number(b.bought - a.bought) || b.viewed - a.viewed || (a.category < b.category ? -1 : 1))
    .slice(0, 10)
    .map(({ category, bought: amount, viewed: times }) => ({ category, bought: amountText(amount), viewed: times }));
};

const countBy = (values: readonly (string | null)[]): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** How it was paid: as its placing says, else the newest payment that says it, of the same instant that of the last id. */
const methodOf = ({ placed, paid }: OrderState): string | null => {
  if (placed?.value.method != null) return placed.value.method;
  let newest: Payment | null = null;
  for (const [, payment] of paid)
    if (payment.method !== null && (newest === null || payment.at >= newest.at)) newest = payment;
  return newest?.method ?? null;
};

/** Renders the customer's state at an instant. Pure: the same state, course and instant give the same profile. */
export const renderProfile = (
  customer: RenderedCustomer,
  state: SubjectState,
  at: Instant,
  version: number,
): Profile => {
  const purchases = purchasesOf(state);
  const thatStand = purchases.filter((purchase) => purchase.voidAt === null);
  const { orders, tickets, activity, ...summary } = renderSummary(customer, state, at, version, purchases);
  return {
    ...summary,
    orders: {
      ...orders,
      recent: purchases
        .slice(-10)
        .reverse()
        .map((purchase) => ({
          orderId: purchase.orderId,
          at: isoText(purchase.at),
          gross: amountText(purchase.gross),
          net: amountText(purchase.net),
          currency: purchase.currency,
          status: purchase.voidAt !== null ? ('cancelled' as const) : ('placed' as const),
        })),
    },
    preferences: {
      categories: categoriesOf(state, summary.value.currency, new Set(thatStand.map(({ orderId }) => orderId))),
      methods: countBy(state.orders.map(([, order]) => methodOf(order))),
      contactChannels: Object.fromEntries(state.contacts.map(([kind, tally]) => [kind, tally.inbound])),
      purchaseHours: countBy(thatStand.map((purchase) => String(new Date(purchase.at).getUTCHours()).padStart(2, '0'))),
      interests: state.interests.map(([interest]) => interest),
    },
    interactions: {
      byType: Object.fromEntries(
        state.contacts.map(([kind, tally]) => [
          kind,
          {
            count: tally.n,
            inbound: tally.inbound,
            outbound: tally.outbound,
            seconds: tally.seconds,
            last: isoText(tally.last),
            lastOutcome: tally.outcome?.value ?? null,
          },
        ]),
      ),
      recent: state.recent.map(({ at: when, type, channel, topic, outcome }) => ({
        at: isoText(when),
        type,
        channel,
        topic,
        outcome,
      })),
    },
    tickets,
    feedback: {
      surveys: Object.fromEntries(
        state.surveys.map(([kind, tally]) => [
          kind,
          { count: tally.n, average: tally.sum / tally.n / 1000, last: tally.last?.value ?? 0 },
        ]),
      ),
      reviews:
        state.reviews.n === 0
          ? null
          : { count: state.reviews.n, average: state.reviews.sumOfRatios / state.reviews.n / 1000 },
    },
    community: {
      posts: tallyOf(state.types, 'post_created'),
      replies: tallyOf(state.types, 'reply_posted'),
      votes: tallyOf(state.types, 'voted'),
      follows: tallyOf(state.types, 'followed'),
      badges: tallyOf(state.types, 'badge_earned'),
    },
    behaviour: {
      pageViews: tallyOf(state.types, 'page_viewed'),
      searches: tallyOf(state.types, 'searched'),
      sessions: tallyOf(state.types, 'session_ended'),
      sessionSeconds: state.seconds,
      labels: [...state.labels]
        .sort(([a, x], [b, y]) => y.n - x.n || (a < b ? -1 : 1))
        .slice(0, 10)
        .map(([label, tally]) => ({ label, count: tally.n, last: isoText(tally.last) })),
    },
    activity,
  };
};
