import { type CustomerId, DAY_MS, type Instant } from '@tributary/kernel';
import { type Track, type Transition } from '../lifecycle/types.js';
import { type AmountE4 } from '../touchpoint.js';
import { type Purchase, purchasesOf, unmatchedReturns } from './history.js';
import { type Keyed, valueIn } from './keyed.js';
import { type SubjectState, type Tally } from './state.js';

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
    readonly history: readonly { track: Track; from: string | null; to: string; at: string }[];
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
    readonly categories: readonly { category: string; bought: string; viewed: number }[];
    readonly methods: Readonly<Record<string, number>>;
    readonly contactChannels: Readonly<Record<string, number>>;
    /** Purchases by hour of the day, UTC. */
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

export interface Value {
  readonly currency: string | null;
  readonly purchases: number;
  readonly purchaseDays: number;
  readonly gross: string;
  readonly net: string;
  readonly averageOrder: string;
  readonly firstPurchase: string | null;
  readonly lastPurchase: string | null;
  readonly recencyDays: number | null;
  /** Mean days between purchase days; `null` with fewer than two. */
  readonly meanGapDays: number | null;
  /** Other currencies the customer bought in. */
  readonly others: Readonly<Record<string, { purchases: number; gross: string; net: string }>>;
}

/** Exact decimal text of an amount, at least two digits after the point. */
export const amountText = (amount: AmountE4): string => {
  const negative = amount < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(amount) / 10_000);
  const rest = String(Math.abs(amount) % 10_000).padStart(4, '0');
  return `${negative}${whole}.${rest.replace(/0{1,2}$/, '')}`;
};

const iso = (at: Instant): string => new Date(at).toISOString();
const isoOrNull = (at: Instant | null | undefined): string | null => (at == null ? null : iso(at));

const valueOf = (purchases: readonly Purchase[], returns: Readonly<Record<string, AmountE4>>, at: Instant): Value => {
  const sums: Record<string, { purchases: number; gross: AmountE4; net: AmountE4 }> = {};
  const sumIn = (currency: string) => (sums[currency] ??= { purchases: 0, gross: 0, net: 0 });
  for (const purchase of purchases) {
    const sum = sumIn(purchase.currency);
    if (!purchase.void) sum.purchases += 1;
    sum.gross += purchase.gross;
    sum.net += purchase.net;
  }
  for (const currency in returns) sumIn(currency).net -= returns[currency] ?? 0;
  const [main] = Object.keys(sums).sort(
    (a, b) => (sums[b]?.purchases ?? 0) - (sums[a]?.purchases ?? 0) || (a < b ? -1 : 1),
  );
  const standing = purchases.filter((purchase) => !purchase.void);
  const first = standing[0]?.at ?? null;
  const last = standing[standing.length - 1]?.at ?? null;
  const days = new Set(standing.map((purchase) => Math.floor(purchase.at / DAY_MS))).size;
  const sum = main === undefined ? { purchases: 0, gross: 0, net: 0 } : sumIn(main);
  const span = first === null || last === null ? 0 : Math.floor(last / DAY_MS) - Math.floor(first / DAY_MS);
  return {
    currency: main ?? null,
    purchases: sum.purchases,
    purchaseDays: days,
    gross: amountText(sum.gross),
    net: amountText(sum.net),
    averageOrder: amountText(sum.purchases === 0 ? 0 : Math.round(sum.gross / sum.purchases)),
    firstPurchase: isoOrNull(first),
    lastPurchase: isoOrNull(last),
    recencyDays: last === null ? null : Math.max(0, Math.floor(at / DAY_MS) - Math.floor(last / DAY_MS)),
    meanGapDays: days < 2 ? null : Math.round((span / (days - 1)) * 100) / 100,
    others: Object.fromEntries(
      Object.keys(sums)
        .filter((currency) => currency !== main)
        .sort()
        .map((currency) => {
          const other = sumIn(currency);
          return [currency, { purchases: other.purchases, gross: amountText(other.gross), net: amountText(other.net) }];
        }),
    ),
  };
};

const standing = (course: readonly Transition[], track: Track): Standing | null => {
  for (let i = course.length - 1; i >= 0; i--) {
    const transition = course[i];
    if (transition?.track === track) return { stage: transition.to, since: iso(transition.at) };
  }
  return null;
};

const tallyOf = (types: Keyed<Tally>, type: string): number => valueIn(types, type)?.n ?? 0;

const categoriesOf = (state: SubjectState): Profile['preferences']['categories'] => {
  const bought = new Map<string, AmountE4>();
  const viewed = new Map<string, number>();
  for (const [, order] of state.orders)
    for (const [, category, amount] of order.placed?.value.top ?? [])
      if (category) bought.set(category, (bought.get(category) ?? 0) + amount);
  for (const [label, tally] of state.labels)
    if (label.startsWith('page_viewed:')) viewed.set(label.slice('page_viewed:'.length), tally.n);
  return [...new Set([...bought.keys(), ...viewed.keys()])]
    .map((category) => ({ category, bought: bought.get(category) ?? 0, viewed: viewed.get(category) ?? 0 }))
    .sort((a, b) => b.bought - a.bought || b.viewed - a.viewed || (a.category < b.category ? -1 : 1))
    .slice(0, 10)
    .map(({ category, bought: amount, viewed: times }) => ({ category, bought: amountText(amount), viewed: times }));
};

const countBy = (values: readonly (string | null)[]): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Renders the customer's state at an instant. Pure: the same state, course and instant give the same profile. */
export const renderProfile = (
  customer: {
    readonly id: CustomerId;
    readonly subjects: readonly string[];
    readonly course: readonly Transition[];
    readonly rules: string | null;
  },
  state: SubjectState,
  at: Instant,
  version: number,
): Profile => {
  const purchases = purchasesOf(state);
  const orders = state.orders.map(([, order]) => order);
  const tickets = state.tickets.map(([, ticket]) => ticket);
  const judged = tickets.filter((ticket) => ticket.withinSla !== null);
  return {
    customerId: customer.id,
    subjects: customer.subjects,
    version,
    // Touchpoints may name identifiers that the rules refuse to tie to anybody: those are nobody's.
    identifiers: state.identifiers
      .filter(([subject]) => customer.subjects.includes(subject))
      .map(([, held]) => ({ type: held.type, value: held.value, firstSeen: iso(held.first) }))
      .sort((a, b) => (a.type === b.type ? (a.value < b.value ? -1 : 1) : a.type < b.type ? -1 : 1)),
    traits: Object.fromEntries(state.traits.map(([name, register]) => [name, register.value])),
    place: {
      country: state.place.country?.value ?? null,
      city: state.place.city?.value ?? null,
      store: state.place.store?.value ?? null,
    },
    lifecycle: {
      relationship: standing(customer.course, 'relationship'),
      buyer: standing(customer.course, 'buyer'),
      tier: standing(customer.course, 'tier'),
      history: customer.course.map(({ track, from, to, at: when }) => ({ track, from, to, at: iso(when) })),
      rules: customer.rules,
    },
    value: valueOf(purchases, unmatchedReturns(state), at),
    orders: {
      placed: purchases.length,
      cancelled: orders.filter((order) => order.cancelled !== null).length,
      refunds: orders.reduce((n, order) => n + order.refunds.length, 0),
      recent: purchases
        .slice(-10)
        .reverse()
        .map((purchase) => ({
          orderId: purchase.orderId,
          at: iso(purchase.at),
          gross: amountText(purchase.gross),
          net: amountText(purchase.net),
          currency: purchase.currency,
          status: purchase.void ? ('cancelled' as const) : ('placed' as const),
        })),
    },
    preferences: {
      categories: categoriesOf(state),
      methods: countBy(orders.flatMap((order) => [order.placed?.value.method ?? order.paid[0]?.[1].method ?? null])),
      contactChannels: Object.fromEntries(state.contacts.map(([kind, tally]) => [kind, tally.inbound])),
      purchaseHours: countBy(purchases.map((purchase) => String(new Date(purchase.at).getUTCHours()).padStart(2, '0'))),
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
            last: iso(tally.last),
            lastOutcome: tally.outcome?.value ?? null,
          },
        ]),
      ),
      recent: state.recent.map(({ at: when, type, channel, topic, outcome }) => ({
        at: iso(when),
        type,
        channel,
        topic,
        outcome,
      })),
    },
    tickets: {
      opened: tickets.length,
      open: tickets.filter((ticket) => ticket.status?.value !== 'closed').length,
      reopened: tickets.reduce((n, ticket) => n + ticket.reopened, 0),
      withinSla: judged.length === 0 ? null : judged.filter((ticket) => ticket.withinSla?.value).length / judged.length,
    },
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
        .map(([label, tally]) => ({ label, count: tally.n, last: iso(tally.last) })),
    },
    activity: {
      touchpoints: state.touchpoints,
      first: state.touchpoints === 0 ? null : iso(state.first),
      last: state.touchpoints === 0 ? null : iso(state.last),
      activeDays: state.days.length,
      channels: Object.fromEntries(
        state.channels.map(([channel, tally]) => [
          channel,
          { count: tally.n, first: iso(tally.first), last: iso(tally.last) },
        ]),
      ),
    },
  };
};
