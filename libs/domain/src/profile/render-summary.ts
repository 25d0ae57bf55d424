import { type CustomerId, DAY_MS, type Instant, isoText } from '@tributary/kernel';
import { type Track, type Transition } from '../lifecycle/types.js';
import { type AmountE4 } from '../touchpoint.js';
import { type Profile, type ProfileSummary, type Standing, type Value } from './profile.js';
import { type SubjectState, type TicketState } from './state.js';
import { nothing, type Sum, Takings } from './takings.js';

/** Exact decimal text of an amount, or of a sum of amounts, at least two digits after the point. */
export const amountText = (amount: AmountE4 | bigint): string => {
  const digits = String(amount < 0 ? -amount : amount).padStart(5, '0');
  const rest = digits.slice(-4).replace(/0{1,2}$/, '');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -4)}.${rest}`;
};

/** Halves go up. No order is placed for less than nothing. */
const average = ({ grossStanding: sum, purchases }: Sum): bigint =>
  purchases === 0 ? 0n : (2n * sum + BigInt(purchases)) / (2n * BigInt(purchases));

/** A quotient of whole numbers in hundredths, halves up: 41/40 is 1.03, which a product of doubles (102.49…) takes for less. */
const hundredths = (dividend: number, divisor: number): number =>
  Math.floor((200 * dividend + divisor) / (2 * divisor));

const isoOrNull = (at: Instant | null | undefined): string | null => (at == null ? null : isoText(at));

const valueOf = ({ sums, standing, purchaseDays: days }: Takings, at: Instant): Value => {
  const sumIn = (currency: string): Sum => sums.get(currency) ?? nothing();
  const currencies = [...sums.keys()].sort((a, b) => sumIn(b).purchases - sumIn(a).purchases || (a < b ? -1 : 1));
  const [main] = currencies;
  const first = standing[0]?.at ?? null;
  const last = standing[standing.length - 1]?.at ?? null;
  const sum = main === undefined ? nothing() : sumIn(main);
  const span = first === null || last === null ? 0 : Math.floor(last / DAY_MS) - Math.floor(first / DAY_MS);
  return {
    currency: main ?? null,
    purchases: sum.purchases,
    purchaseDays: days,
    gross: amountText(sum.gross),
    net: amountText(sum.net),
    averageOrder: amountText(average(sum)),
    firstPurchase: isoOrNull(first),
    lastPurchase: isoOrNull(last),
    recencyDays: last === null ? null : Math.max(0, Math.floor(at / DAY_MS) - Math.floor(last / DAY_MS)),
    meanGapDays: days < 2 ? null : hundredths(span, days - 1) / 100,
    others: Object.fromEntries(
      currencies
        .filter((currency) => currency !== main)
        .sort()
        .map((currency) => {
          const other = sumIn(currency);
          return [currency, { purchases: other.purchases, gross: amountText(other.gross), net: amountText(other.net) }];
        }),
    ),
  };
};

/** Where the customer stands on a track; `null` before its first transition. */
const standingOn = (course: readonly Transition[], track: Track): Standing | null => {
  for (let i = course.length - 1; i >= 0; i--) {
    const transition = course[i];
    if (transition?.track === track) return { stage: transition.to, since: isoText(transition.at) };
  }
  return null;
};

/**
 * A closing holds over what else was said of a ticket in the same instant: systems stamp the last update and the closing
 * alike, and the order of their ids says nothing.
 */
const isOpen = ({ status, closedAt }: TicketState): boolean =>
  status?.value !== 'closed' && (closedAt === null || (status !== null && status.at > closedAt));

/** Whom a profile is of: what was decided of the customer. */
export interface RenderedCustomer {
  readonly id: CustomerId;
  readonly subjects: readonly string[];
  readonly course: readonly Transition[];
  readonly rules: string | null;
}

/** Where the customer stands, and the newest of how it got there. */
export const renderLifecycle = (
  { course, rules }: Pick<RenderedCustomer, 'course' | 'rules'>,
  shownOfHistory: number,
): Profile['lifecycle'] => ({
  relationship: standingOn(course, 'relationship'),
  buyer: standingOn(course, 'buyer'),
  tier: standingOn(course, 'tier'),
  history: (course.length > shownOfHistory ? course.slice(-shownOfHistory) : course).map(({ track, from, to, at }) => ({
    track,
    from,
    to,
    at: isoText(at),
  })),
  omitted: Math.max(0, course.length - shownOfHistory),
  rules,
});

/** Renders the customer's state at an instant, as far as a summary goes, with all of its course unless told. Pure. */
export const renderSummary = (
  customer: RenderedCustomer,
  state: SubjectState,
  at: Instant,
  version: number,
  takings: Takings = Takings.of(state.orders),
  shownOfHistory = Infinity,
): ProfileSummary => {
  const tickets = state.tickets.map(([, ticket]) => ticket);
  const judged = tickets.filter((ticket) => ticket.withinSla !== null);
  return {
    customerId: customer.id,
    subjects: customer.subjects,
    version,
    // Touchpoints may name identifiers that the rules refuse to tie to anybody: those are nobody's.
    identifiers: state.identifiers
      .filter(([subject]) => customer.subjects.includes(subject))
      .map(([, held]) => ({ type: held.type, value: held.value, firstSeen: isoText(held.first) }))
      .sort((a, b) => (a.type === b.type ? (a.value < b.value ? -1 : 1) : a.type < b.type ? -1 : 1)),
    traits: Object.fromEntries(state.traits.map(([name, register]) => [name, register.value])),
    place: {
      country: state.place.country?.value ?? null,
      city: state.place.city?.value ?? null,
      store: state.place.store?.value ?? null,
    },
    lifecycle: renderLifecycle(customer, shownOfHistory),
    value: valueOf(takings, at),
    orders: {
      placed: takings.purchases.length,
      cancelled: takings.cancelled,
      refunds: takings.refunds,
    },
    tickets: {
      opened: tickets.length,
      open: tickets.filter(isOpen).length,
      reopened: tickets.reduce((n, ticket) => n + ticket.reopened, 0),
      withinSla: judged.length === 0 ? null : judged.filter((ticket) => ticket.withinSla?.value).length / judged.length,
    },
    activity: {
      touchpoints: state.touchpoints,
      first: state.touchpoints === 0 ? null : isoText(state.first),
      last: state.touchpoints === 0 ? null : isoText(state.last),
      activeDays: state.days.length,
      channels: Object.fromEntries(
        state.channels.map(([channel, tally]) => [
          channel,
          { count: tally.n, first: isoText(tally.first), last: isoText(tally.last) },
        ]),
      ),
    },
  };
};
