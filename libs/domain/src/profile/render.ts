import { type Instant, isoText } from '@tributary/kernel';
import { Habits } from './habits.js';
import { type Keyed, valueIn } from './keyed.js';
import { type Profile } from './profile.js';
import { amountText, type RenderedCustomer, renderSummary } from './render-summary.js';
import { type SubjectState, type Tally } from './state.js';
import { Takings } from './takings.js';

const tallyOf = (types: Keyed<Tally>, type: string): number => valueIn(types, type)?.n ?? 0;

/** Amounts of different currencies have no sum: what was bought counts in the customer's own, and in orders that stand. */
const categoriesOf = (
  labels: Keyed<Tally>,
  bought: ReadonlyMap<string, bigint>,
): Profile['preferences']['categories'] => {
  const viewed = new Map<string, number>();
  for (const [label, tally] of labels)
    if (label.startsWith('page_viewed:')) viewed.set(label.slice('page_viewed:'.length), tally.n);
  return [...new Set([...bought.keys(), ...viewed.keys()])]
    .map((category) => ({ category, bought: bought.get(category) ?? 0n, viewed: viewed.get(category) ?? 0 }))
    .sort((a, b) => Number(b.bought - a.bought) || b.viewed - a.viewed || (a.category < b.category ? -1 : 1))
    .slice(0, 10)
    .map(({ category, bought: amount, viewed: times }) => ({ category, bought: amountText(amount), viewed: times }));
};

/**
 * So many transitions a profile shows, the newest. Somebody passes through some dozen in years; an account that orders and cancels all
 * day through thousands, and its profile is read like any other.
 */
export const HISTORY_SHOWN = 200;

/** What orders come to, for whoever has it at hand already. */
export interface RenderedOrders {
  readonly takings: Takings;
  readonly habits: Habits;
}

const renderedOrders = ({ orders }: SubjectState): RenderedOrders => ({
  takings: Takings.of(orders),
  habits: Habits.of(orders),
});

/** Renders the customer's state at an instant. Pure: the same state, course and instant give the same profile. */
export const renderProfile = (
  customer: RenderedCustomer,
  state: SubjectState,
  at: Instant,
  version: number,
  { takings, habits }: RenderedOrders = renderedOrders(state),
): Profile => {
  const { orders, tickets, activity, ...summary } = renderSummary(customer, state, at, version, takings, HISTORY_SHOWN);
  return {
    ...summary,
    orders: {
      ...orders,
      recent: takings.purchases
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
      categories: categoriesOf(state.labels, habits.boughtIn(summary.value.currency)),
      methods: habits.methods,
      contactChannels: Object.fromEntries(state.contacts.map(([kind, tally]) => [kind, tally.inbound])),
      purchaseHours: habits.hours,
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
