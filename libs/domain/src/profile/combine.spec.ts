import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AnyTouchpoint } from '../touchpoint.js';
import { combine, combineForHistory } from './combine.js';
import { foldFact, foldTally } from './fold.js';
import { emptyState, RECENT_CONTACTS, type SubjectState } from './state.js';

const DAY = 86_400_000;
const orderId = fc.constantFrom('o1', 'o2');
const ticketId = fc.constantFrom('t1', 't2');
const money = { amount: fc.nat(9), currency: fc.constantFrom('CNY', 'USD') };
const word = fc.option(fc.constantFrom('a', 'b'));
const contact = fc.record({
  direction: fc.constantFrom('inbound', 'outbound'),
  topic: word,
  duration_s: fc.option(fc.nat(9)),
  outcome: word,
});
const types = ['call_held', 'chat_held', 'visit_held'] as const;
const told = fc.oneof(
  ...types.map((type) => fc.record({ type: fc.constant(type), payload: contact })),
  fc.record({
    type: fc.constant('order_placed'),
    payload: fc.record({
      orderId,
      ...money,
      method: word,
      lines: fc.constant([]),
      country: word,
      city: word,
      store: word,
    }),
  }),
  fc.record({
    type: fc.constant('order_paid'),
    payload: fc.record({ orderId, paymentId: fc.constantFrom('p1', 'p2'), ...money, method: word }),
  }),
  fc.record({ type: fc.constant('order_cancelled'), payload: fc.record({ orderId, ...money }) }),
  fc.record({
    type: fc.constant('order_refunded'),
    payload: fc.record({ orderId, refundId: fc.constantFrom('r1', 'r2'), ...money }),
  }),
  fc.record({ type: fc.constant('ticket_opened'), payload: fc.record({ ticketId, topic: word, priority: word }) }),
  fc.record({
    type: fc.constant('ticket_updated'),
    payload: fc.record({ ticketId, status: fc.constantFrom('a', 'b'), priority: word, reopened: fc.boolean() }),
  }),
  fc.record({
    type: fc.constant('ticket_closed'),
    payload: fc.record({ ticketId, resolution: word, withinSla: fc.option(fc.boolean()) }),
  }),
  fc.record({
    type: fc.constant('review_given'),
    payload: fc.record({ rating: fc.nat(5), maxRating: fc.constant(5) }),
  }),
  fc.record({
    type: fc.constant('survey_answered'),
    payload: fc.record({ survey: fc.constantFrom('nps', 'csat'), score: fc.nat(10) }),
  }),
  fc.record({
    type: fc.constant('traits_stated'),
    payload: fc.record({
      traits: fc.dictionary(fc.constantFrom('name', 'city', 'country'), fc.constantFrom('x', 'y')),
      interests: fc.subarray(['tea', 'cups']),
    }),
  }),
  fc.record({
    type: fc.constant('page_viewed'),
    payload: fc.record({ label: fc.constantFrom('', 'tea', 'cups'), seconds: fc.nat(9), more: fc.nat(2) }),
  }),
);
const lived = fc.array(
  fc.record({
    said: told,
    at: fc.oneof(
      fc.nat(3),
      fc.nat(90).map((half) => half * (DAY / 2)),
    ),
    channel: fc.constantFrom('shop', 'app'),
    /** Whose it is, of three subjects. */
    part: fc.nat(2),
  }),
  { maxLength: 40 },
);
type Lived = typeof lived extends fc.Arbitrary<(infer L)[]> ? L : never;

const fold = (state: SubjectState, { said, at, channel }: Lived, n: number): void => {
  if (said.type === 'page_viewed') {
    const { label, seconds, more } = said.payload as { label: string; seconds: number; more: number };
    const times = Array.from({ length: 1 + more }, (_, i) => at + i * DAY);
    return foldTally(state, { type: 'page_viewed', channel, label, times, received: times, seconds });
  }
  foldFact(
    state,
    { ...said, channel, occurredAt: at, identifiers: [] } as unknown as AnyTouchpoint,
    `id-${n % 7}-${n}`,
  );
};

it('what subjects say together is what one would say of whom all of it was told', () => {
  fc.assert(
    fc.property(lived, (all) => {
      const [whole, ...parts] = [emptyState(), emptyState(), emptyState(), emptyState()];
      all.forEach((one, n) => {
        fold(whole as SubjectState, one, n);
        fold(parts[one.part] as SubjectState, one, n);
      });
      expect(combine(parts)).toEqual(whole);
      const { orders, days, first, last } = combineForHistory(parts);
      expect({ orders, days, first, last }).toEqual({
        orders: whole?.orders,
        days: whole?.days,
        first: whole?.first,
        last: whole?.last,
      });
    }),
    { numRuns: 300 },
  );
});

it('a customer of several subjects shows as many recent contacts as one of one does', () => {
  const call = { type: 'call_held', payload: { direction: 'inbound', topic: null, duration_s: 1, outcome: null } };
  const parts = [0, 1].map((part) => {
    const state = emptyState();
    for (let n = 0; n < RECENT_CONTACTS; n++)
      fold(state, { said: call, at: 2 * n + part, channel: 'shop', part } as Lived, 2 * n + part);
    return state;
  });
  expect(combine(parts).recent.map(({ at }) => at)).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
});
