import { type JsonSchema } from '@tributary/contracts';
import { ref } from './operation.js';
import { profileEventSchemas } from './profile-events.js';
import { amount, count, customerId, instant, list, mapOf, number, object, orNull, subjectId, text } from './shapes.js';

const standing = orNull(object({ stage: text, since: instant }));

const entry = object({
  id: text,
  at: instant,
  recordedAt: instant,
  kind: { enum: ['fact', 'behaviour', 'decision'] },
  type: text,
  channel: orNull(text),
  detail: {
    description:
      'What the event says; of a course, transitions that a later one took back have `withdrawn: true`. Of a list of more than 100 the first are told, of `transitions` the newest; `omitted` says by name how many are not.',
  },
  stream: text,
  revision: count,
  position: count,
  source: orNull(object({ topic: text, partition: count, offset: count })),
});

/** Customers, and what is asked and decided of them. */
export const schemasOut: Readonly<Record<string, JsonSchema>> = {
  Profile: object({
    customerId,
    subjects: list(subjectId),
    version: { type: 'integer' },
    identifiers: list(object({ type: text, value: text, firstSeen: instant })),
    traits: mapOf(text),
    place: {
      ...object({ country: orNull(text), city: orNull(text), store: orNull(text) }),
      description: 'As last seen: of an order or, but for the store, of a trait.',
    },
    lifecycle: object({
      relationship: standing,
      buyer: standing,
      tier: standing,
      history: {
        ...list(
          object({ track: { enum: ['relationship', 'buyer', 'tier'] }, from: orNull(text), to: text, at: instant }),
        ),
        description: 'Stages and tiers entered, ascending by time: the newest 200.',
      },
      omitted: { ...count, description: 'How many older ones `history` leaves out; the timeline tells all.' },
      rules: orNull(text),
    }),
    value: object({
      currency: { ...orNull(text), description: 'That of most purchases; counts and sums here are of it.' },
      purchases: { ...count, description: 'Orders that stand, in that currency.' },
      purchaseDays: { ...count, description: 'UTC days with a purchase, in whatever currency.' },
      gross: { ...amount, description: 'Of all orders placed, cancelled ones among them. Exact decimal text.' },
      net: {
        ...amount,
        description:
          'Gross less all cancellations and refunds in that currency, also of orders in another one or whose placing was never seen. Exact decimal text.',
      },
      averageOrder: { ...amount, description: 'Gross of the orders that stand, per order, rounded to four digits.' },
      firstPurchase: orNull(instant),
      lastPurchase: orNull(instant),
      recencyDays: { ...orNull(count), description: 'Whole UTC days since the last purchase.' },
      meanGapDays: {
        ...orNull({ type: 'number' }),
        description: 'Mean days between purchase days, rounded to a hundredth; null with fewer than two.',
      },
      others: {
        ...mapOf(object({ purchases: count, gross: amount, net: amount })),
        description: 'What was bought, or taken back, in other currencies, by currency.',
      },
    }),
    orders: object({
      placed: { ...count, description: 'All that were placed, in whatever currency.' },
      cancelled: { ...count, description: 'In part or whole.' },
      refunds: count,
      recent: {
        ...list(
          object({
            orderId: text,
            at: { ...instant, description: 'When it was first placed.' },
            gross: amount,
            net: { ...amount, description: '0.00 of one that was cancelled as a whole. Exact decimal text.' },
            currency: text,
            status: { enum: ['placed', 'cancelled'], description: 'cancelled: as a whole.' },
          }),
        ),
        description: 'The ten newest, the newest first.',
      },
    }),
    preferences: object({
      categories: {
        ...list(object({ category: text, bought: amount, viewed: count })),
        description:
          'The ten most bought. Bought: in orders that stand, in the currency of `value`, as far as it is among the five largest lines of an order. Viewed: pages of it.',
      },
      methods: {
        ...mapOf(count),
        description:
          'Orders by payment method: of the placing, else of the newest payment that states one. Cancelled ones count, too.',
      },
      contactChannels: {
        ...mapOf(count),
        description:
          'Times that the customer turned to us, by type of contact; 0 where only we turned to the customer.',
      },
      purchaseHours: {
        ...mapOf(count),
        description: 'Orders that stand, in whatever currency, by hour of the day, 00 to 23, UTC.',
      },
      interests: list(text),
    }),
    interactions: object({
      byType: mapOf(
        object({
          count,
          inbound: count,
          outbound: count,
          seconds: { ...number, description: 'The whole seconds of each, added.' },
          last: instant,
          lastOutcome: { ...orNull(text), description: 'The newest that was stated.' },
        }),
      ),
      recent: {
        ...list(object({ at: instant, type: text, channel: text, topic: orNull(text), outcome: orNull(text) })),
        description: 'The ten newest contacts, openings and closings of tickets, the newest first.',
      },
    }),
    tickets: object({
      opened: { ...count, description: 'All tickets, also those that were only told of later.' },
      open: { ...count, description: 'Not closed, or told of again since with another status.' },
      reopened: { ...count, description: 'Updates that say so.' },
      withinSla: orNull({
        ...number,
        description: 'Share of the tickets judged, each by its newest judgement, 0 to 1.',
      }),
    }),
    feedback: object({
      surveys: mapOf(object({ count, average: number, last: number })),
      reviews: orNull(
        object({
          count,
          average: { ...number, description: 'Of the best rating, 0 to 1; each review rounded to a thousandth.' },
        }),
      ),
    }),
    community: object({ posts: count, replies: count, votes: count, follows: count, badges: count }),
    behaviour: object({
      pageViews: count,
      searches: count,
      sessions: count,
      sessionSeconds: {
        ...number,
        description:
          'The whole seconds of each session, added. In the past (`as_of`, `known_at`) an estimate: of sessions that were taken in together and lie on both sides of the moment, a share by their number.',
      },
      labels: {
        ...list(object({ label: text, count, last: instant })),
        description:
          'The ten most frequent, as `type:label`: the category of a page, the app of a session, the name of an event of your own, the level of a badge.',
      },
    }),
    activity: object({
      touchpoints: count,
      first: orNull(instant),
      last: orNull(instant),
      activeDays: count,
      channels: mapOf(object({ count, first: instant, last: instant })),
    }),
  }),
  CustomerPage: object({
    customers: list(
      object({
        customerId,
        name: orNull(text),
        stage: orNull(text),
        buyer: orNull(text),
        tier: orNull(text),
        net: amount,
        currency: orNull(text),
        lastSeen: orNull(instant),
      }),
    ),
    next: orNull(customerId),
  }),
  TimelineEntry: entry,
  TimelinePage: object({ customerId, entries: list(ref('TimelineEntry')), next: orNull(text) }),
  Explanation: object({
    customerId,
    path: text,
    value: {},
    currency: { ...orNull(text), description: 'Of `value`, where that is an amount.' },
    rules: orNull(text),
    steps: list(
      object({
        before: {},
        after: {},
        currencyBefore: { ...orNull(text), description: 'Of `before`, where that is an amount.' },
        currency: {
          ...orNull(text),
          description: 'Of `after`. A customer’s main currency may change: then it is another than before.',
        },
        at: { ...instant, description: 'When the value became so, in event time.' },
        evidence: {
          ...orNull(mapOf({ type: 'number' })),
          description:
            'Of a stage: what the rule looked at and found then, by all that is known of then; as it was decided, if it holds no more. Names ending in `_e4` are amounts in ten-thousandths.',
        },
        evidenceCurrency: {
          ...orNull(text),
          description:
            'Of the amounts in `evidence`: the reporting currency of the rules. `null`: there are none, or they are of earlier rules.',
        },
        cause: {
          ...ref('TimelineEntry'),
          description: 'After which the value was another. A decision on a long history makes many steps at once.',
        },
        because: {
          ...list(ref('TimelineEntry')),
          description:
            'Of a decision: the facts behind it, as far as they can still be read. Of a stage those of its very moment, or the late ones for which it was revised; none where time alone made it so.',
        },
      }),
    ),
    omitted: count,
  }),
  CommandOutcome: {
    type: 'object',
    required: ['commandId', 'status'],
    properties: {
      commandId: text,
      status: { enum: ['done', 'pending'] },
      customers: list(customerId),
      receipt: { type: 'object' },
    },
  },
  ...profileEventSchemas,
};
