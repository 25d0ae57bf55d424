import { type ViewSpec } from './table-spec.js';

/** Of the rows that the profiles are. */
export const customerViews: readonly ViewSpec[] = [
  {
    name: 'dim_customer',
    comment: 'One row per customer who stands today: who it is, where in the lifecycle, worth what',
    columns: [
      ['customer_id', 'The customer'],
      ['version', 'Position of the last event that the row reflects'],
      ['name', "Full name; '' if not stated"],
      ['gender', "Gender as stated; '' if not stated"],
      ['birthday', "Birthday as stated; '' if not stated"],
      ['traits', 'All traits stated, by name'],
      ['identifiers', 'Identifiers as (type, value)'],
      ['subjects', 'Every subject that is this customer'],
      ['country', "Country last seen; '' if none"],
      ['city', "City last seen; '' if none"],
      ['store', "Store last seen; '' if none"],
      ['stage', 'Relationship stage'],
      [
        'stage_since',
        'When it began; of silence, counted from the first touchpoint of the last active day or a later purchase',
      ],
      ['buyer_type', 'prospect, first_time, repeat or loyal'],
      ['tier', 'Tier by value'],
      ['rules', 'Version of the rules that decided them'],
      ['purchases', 'Orders that stand, in the currency here; those in others are in customer_orders'],
      ['purchase_days', 'Distinct UTC days with a purchase, in whatever currency'],
      ['gross', 'Sum of all orders placed, in the currency here'],
      ['net', 'Gross less cancellations and refunds, in the currency here'],
      [
        'currency',
        "Currency of most purchases (of as many, the first by its code), and of the amounts; of what was taken back where nothing was bought, '' without either",
      ],
      ['first_purchase', 'First purchase that stands, in whatever currency'],
      ['last_purchase', 'Last purchase that stands, in whatever currency'],
      ['mean_gap_days', 'Mean days between purchase days, rounded to a hundredth; NULL with fewer than two'],
      ['refunds', 'Number of refunds'],
      ['cancelled_orders', 'Number of orders cancelled'],
      ['tickets', 'Tickets, also those that were only told of later'],
      ['open_tickets', 'Tickets not closed, or told of again since with another status'],
      ['touchpoints', 'Touchpoints on every channel'],
      ['active_days', 'Distinct UTC days with a touchpoint'],
      ['first_touchpoint', 'First touchpoint'],
      ['last_touchpoint', 'Last touchpoint'],
      ['channels', 'Channels that the customer was seen on'],
    ],
    sql: `SELECT customer_id, version, name, gender, birthday,
  mapFromArrays(trait_names, trait_values) AS traits,
  arrayZip(identifier_types, identifier_values) AS identifiers,
  subjects, country, city, store, stage, stage_since, buyer_type, tier, rules,
  purchases, purchase_days, gross, net, currency, first_purchase, last_purchase, mean_gap_days,
  refunds, cancelled_orders, tickets, open_tickets, touchpoints, active_days, first_touchpoint, last_touchpoint, channels
FROM customers FINAL`,
  },
  {
    name: 'customer_stage_history',
    comment: 'Every change of relationship stage, buyer type and tier, dated when it became true',
    columns: [
      ['customer_id', 'The customer'],
      ['track', 'relationship, buyer or tier'],
      ['from_stage', "What it was; '' if nothing"],
      ['to_stage', 'What it became'],
      [
        'at',
        'When, in event time (UTC); still to come where a touchpoint is dated ahead (the doors take up to a day). Silence counts from the first touchpoint of the last active UTC day or a later purchase, so up to a day before the last touchpoint alone would say',
      ],
      [
        'until',
        'When the next one of its track came or will; NULL: none follows, so it holds today, or from at on if that is still to come',
      ],
    ],
    sql: `SELECT customer_id, track, from_stage, to_stage, at,
  if(last, NULL, next) AS until
FROM (
  SELECT customer_id, track, from_stage, to_stage, at, place,
    leadInFrame(at) OVER w AS next, row_number() OVER w = count() OVER (PARTITION BY customer_id, track) AS last
  FROM (
    SELECT customer_id, course_track AS track, course_from AS from_stage, course_to AS to_stage, course_at AS at, num AS place
    FROM customers FINAL
    ARRAY JOIN course_track, course_from, course_to, course_at, arrayEnumerate(course_track) AS num
  )
  WINDOW w AS (PARTITION BY customer_id, track ORDER BY at, place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)`,
  },
  {
    name: 'customer_value',
    comment: 'What each customer is worth, as of now',
    columns: [
      ['customer_id', 'The customer'],
      [
        'currency',
        "Currency of most purchases (of as many, the first by its code), and of the amounts; of what was taken back where nothing was bought, '' without either",
      ],
      ['purchases', 'Orders that stand, in the currency here; those in others are in customer_orders'],
      ['purchase_days', 'Distinct UTC days with a purchase, in whatever currency'],
      ['gross', 'Sum of all orders placed, in the currency here'],
      ['net', 'Gross less cancellations and refunds, in the currency here'],
      ['average_order', 'Gross of the orders that stand, per order, rounded to a ten-thousandth; 0 without one'],
      ['first_purchase', 'First purchase that stands, in whatever currency'],
      ['last_purchase', 'Last purchase that stands, in whatever currency'],
      ['recency_days', 'Whole UTC days since the last purchase; NULL without one'],
      ['mean_gap_days', 'Mean days between purchase days, rounded to a hundredth; NULL with fewer than two'],
      ['tier', 'Tier by value'],
      ['stage', 'Relationship stage'],
      ['buyer_type', 'prospect, first_time, repeat or loyal'],
    ],
    sql: `SELECT customer_id, currency, purchases, purchase_days, gross, net, average_order,
  first_purchase, last_purchase,
  if(last_purchase IS NULL, NULL, greatest(0, dateDiff('day', last_purchase, now64(3, 'UTC'), 'UTC'))) AS recency_days,
  mean_gap_days, tier, stage, buyer_type
FROM customers FINAL`,
  },
];
