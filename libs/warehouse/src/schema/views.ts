import { clamped, ordersUntil } from './orders-until.js';
import { customerOf, mapping, saidBesides, statementsThatHold, superseded } from './statements-that-hold.js';
import { type ViewSpec } from './table-spec.js';

const customerId = ['customer_id', "The customer today; '' if the touchpoint names nobody"] as const;

const campaignColumns = [
  ['campaign_name', "Campaign that led here (utm_campaign); '' if not stated"],
  ['campaign_source', "Where it was seen (utm_source); '' if not stated"],
  ['campaign_medium', "By which means (utm_medium); '' if not stated"],
  ['campaign_term', "Search word that was paid for (utm_term); '' if not stated"],
  ['campaign_content', "Which of several links or pictures it was (utm_content); '' if not stated"],
] as const;
const ofFact = (names: readonly string[]): string => names.map((name) => `f.${name} AS ${name}`).join(', ');

const standing = `
  purchases, purchase_days, gross, net, currency, first_purchase, last_purchase, mean_gap_days`;

/**
 * 1 to 5: five times the share of customers who come worse, half of one's equals and oneself counted among them, rounded up:
 * the mid-distribution (E. Parzen, Quantile Probability and Statistical Data Modeling, 2004). Equals score alike, and so many
 * equals that they are most are in the middle: neither are the many who bought once frequent buyers, nor is a lone one the worst.
 * Where no two are equal, these are the fifths that RFM is made of (A. M. Hughes, Strategic Database Marketing, 1994).
 */
const score = (among: string, worstFirst: string): string => {
  const worse = `(rank() OVER (${among} ORDER BY ${worstFirst}) - 1)`;
  const noBetter = `count() OVER (${among} ORDER BY ${worstFirst} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const all = `count() OVER (${among})`;
  return `toUInt8(intDiv(5 * (${worse} + ${noBetter}) + 2 * ${all} - 1, 2 * ${all}))`;
};

/** Days compare with all, money only with money of the same currency, and how often with those who pay in it. */
const scored = `
  ${score('', 'recency_days DESC')} AS r,
  ${score('PARTITION BY currency', 'frequency')} AS f,
  ${score('PARTITION BY currency', 'net')} AS m`;

const rfmColumns = [
  ['customer_id', 'The customer'],
  ['recency_days', 'Whole UTC days since the last purchase'],
  ['frequency', 'Orders that stand, in the currency here'],
  ['gross', 'Sum of all orders placed, in the currency here; what is beyond the type is its largest value'],
  [
    'net',
    'Gross less all cancellations and refunds in the currency here, also of orders in another one or whose placing was never seen: the money of RFM; what is beyond the type is its largest or smallest value',
  ],
  ['currency', 'Currency of most purchases; those in others are left out, except from recency_days'],
  [
    'r',
    'Recency score, 1 to 5: 5 times the share of customers who bought longer ago, half of those of the same day counted, rounded up',
  ],
  ['f', 'Frequency score, likewise: of those of the same currency who bought less often, and half of the equals'],
  ['m', 'Money score, likewise: of those of the same currency who brought less net, and half of the equals'],
  ['rfm', 'The three scores as one number, 111 to 555'],
] as const;

export const views: readonly ViewSpec[] = [
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
  subjects, country, city, store, stage, stage_since, buyer_type, tier, rules,${standing},
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
  {
    name: 'customer_orders',
    comment:
      'One row per order of a known customer, with all that happened to it since, in the currency of its placing. What was paid or taken back in another one, or for an order whose placing was never seen, has no place here: it stands in fct_orders, and what was taken back lessens net of that currency in the profile, rfm and rfm_at.',
    columns: [
      ['customer_id', 'The customer today'],
      ['order_id', 'Id of the order'],
      ['placed_at', 'When it was first placed'],
      ['channel', 'Channel that it came through'],
      ['currency', 'Currency of the amounts'],
      ['line_count', 'How many lines it has'],
      ['gross', 'What it was placed for'],
      [
        'cancelled',
        'What cancelling took away; of several cancellations the newest holds, 0 if it is in another currency',
      ],
      [
        'refunded',
        'What was refunded in the currency of the order; beyond the type, as cancelled, net and paid: its largest or smallest value',
      ],
      ['net', 'Gross less both; 0 if it is void, whatever was refunded'],
      ['paid', 'What was paid in the currency of the order'],
      ['is_cancelled', '1: cancelled, in part or whole, or in another currency, which takes nothing'],
      ['is_void', '1: cancelled as a whole, or of an amount that is no less than the order; it counts as no purchase'],
      ['method', "Payment method: of the placing, else of the newest payment that states one; '' if none does"],
      ['country', "Country of the order; '' if none was stated"],
      ['tax', 'Tax on it, told beside gross, which it does not change; NULL if not stated'],
      ['shipping', 'Price of its delivery, likewise'],
      ['discount', 'Taken off its price, likewise'],
      ['coupon', "Coupon that was redeemed for it; '' if not stated"],
      ...campaignColumns,
    ],
    sql: `SELECT o.customer_id AS customer_id, o.order_id AS order_id, o.placed_at AS placed_at, o.channel AS channel,
  o.currency AS currency, o.line_count AS line_count, o.gross AS gross,
  ${clamped('o.cancelled')} AS cancelled, ${clamped('o.refunded')} AS refunded, ${clamped('o.net')} AS net, ${clamped('o.paid')} AS paid,
  o.is_cancelled AS is_cancelled, o.is_void AS is_void, o.method AS method, o.country AS country,
  ${saidBesides.map((name) => `o.${name} AS ${name}`).join(', ')}
FROM (${ordersUntil('true', true)}
) AS o WHERE o.is_placed`,
  },
  {
    name: 'customer_order_lines',
    comment:
      'Order lines with the customer of today, of what holds: the newest placing and cancelling of an order, and each refund as first told. Lines that a correction superseded are in fct_order_lines.',
    columns: [
      customerId,
      ['event', 'placed, cancelled or refunded'],
      ['order_id', 'Id of the order'],
      ['line_no', 'Number of the line'],
      ['channel', 'Channel'],
      ['occurred_at', 'When (UTC)'],
      ['product_id', 'Product'],
      ['product_name', 'Its name'],
      ['category', 'Its category'],
      ['quantity', 'Quantity; negative where goods went back'],
      ['unit_price', 'Price of one'],
      ['amount', 'Amount; negative where money went back'],
      ['currency', 'Currency'],
      ['brand', "Brand of the product; '' if not stated"],
      ['variant', "Its variant; '' if not stated"],
      ['coupon', "Coupon that was redeemed for the line; '' if not stated"],
      [
        'discount',
        'Taken off the price of the line, told beside amount, which it does not change; negative where goods went back, NULL if not stated',
      ],
    ],
    sql: `SELECT ${customerOf('f')} AS customer_id, f.event AS event, f.order_id AS order_id, f.line_no AS line_no, f.channel AS channel, f.occurred_at AS occurred_at,
  f.product_id AS product_id, f.product_name AS product_name, f.category AS category, f.quantity AS quantity, f.unit_price AS unit_price, f.amount AS amount, f.currency AS currency,
  ${ofFact(['brand', 'variant', 'coupon', 'discount'])}
FROM fct_order_lines AS f ${mapping('f')}
WHERE (f.channel, f.message_id) NOT IN (${superseded}
)`,
  },
  {
    name: 'customer_interactions',
    comment: 'Contacts and utterances with the customer of today',
    columns: [
      customerId,
      ['kind', 'call, email, chat, sms, visit, ticket, review, survey or community'],
      ['type', 'Touchpoint type'],
      ['channel', 'Channel'],
      ['occurred_at', 'When (UTC)'],
      ['direction', "inbound or outbound; of a ticket's opening, a review and a survey inbound; '' where it has none"],
      ['topic', 'Topic'],
      ['outcome', 'Outcome or status'],
      ['duration_s', 'Seconds'],
      ['score', 'Rating or survey answer'],
      ['survey', 'csat, nps or ces'],
    ],
    sql: `SELECT ${customerOf('f')} AS customer_id, f.kind AS kind, f.type AS type, f.channel AS channel, f.occurred_at AS occurred_at, f.direction AS direction,
  f.topic AS topic, f.outcome AS outcome, f.duration_s AS duration_s, f.score AS score, f.survey AS survey
FROM fct_interactions AS f ${mapping('f')}`,
  },
  {
    name: 'customer_touchpoints',
    comment: 'Every touchpoint with the customer of today: the raw timeline',
    columns: [
      customerId,
      ['subject_id', 'Subject under which it is filed'],
      ['channel', 'Channel'],
      ['type', 'Touchpoint type'],
      ['occurred_at', 'When (UTC)'],
      ['received_at', 'When it was accepted (UTC)'],
      ['message_id', "The producer's id"],
      ['payload', 'What it says, as JSON'],
      ...campaignColumns,
    ],
    sql: `SELECT ${customerOf('f')} AS customer_id, f.subject_id AS subject_id, f.channel AS channel, f.type AS type, f.occurred_at AS occurred_at, f.received_at AS received_at, f.message_id AS message_id, f.payload AS payload,
  ${ofFact(campaignColumns.map(([name]) => name))}
FROM raw_touchpoints AS f ${mapping('f')}`,
  },
  {
    name: 'rfm',
    comment:
      'Recency, frequency and money of every customer with a purchase, as of now, each scored 1 to 5: equals alike',
    columns: rfmColumns,
    sql: `SELECT *, toUInt16(r * 100 + f * 10 + m) AS rfm FROM (
  SELECT customer_id, toUInt32(assumeNotNull(recency_days)) AS recency_days, purchases AS frequency, gross, net, currency,${scored}
  FROM customer_value WHERE purchases > 0
)`,
  },
  {
    name: 'rfm_at',
    comment:
      "Recency, frequency and money as of the first instant of a day (UTC), what happened at that very instant included, from the facts and with the customers of today: SELECT * FROM rfm_at(as_of = '2011-12-10') is the API's ?as_of=2011-12-10T00:00:00Z (there a date alone is the end of its day)",
    parameters: ['as_of: Date32'],
    columns: rfmColumns,
    sql: `SELECT *, toUInt16(r * 100 + f * 10 + m) AS rfm FROM (
  SELECT customer_id, recency_days, frequency, gross, net, currency,${scored}
  FROM (
    SELECT customer_id, currency, frequency, gross, net,
      toUInt32(assumeNotNull(dateDiff('day', max(last) OVER (PARTITION BY customer_id), toDateTime64({as_of:Date32}, 3, 'UTC'), 'UTC'))) AS recency_days
    FROM (
      SELECT o.customer_id AS customer_id, tupleElement(money, 1) AS currency,
        toUInt32(countIf(tupleElement(money, 4))) AS frequency, maxOrNullIf(o.placed_at, tupleElement(money, 4)) AS last,
        ${clamped('sum(tupleElement(money, 2))')} AS gross, ${clamped('sum(tupleElement(money, 3))')} AS net
      FROM (${ordersUntil("f.occurred_at <= toDateTime64({as_of:Date32}, 3, 'UTC')")}
      ) AS o
      ARRAY JOIN arrayConcat(if(o.is_placed, [(o.currency, toDecimal128(o.gross, 4), o.net, NOT o.is_void)], []), o.unmatched) AS money
      GROUP BY customer_id, currency
    )
    ORDER BY frequency DESC, currency
    LIMIT 1 BY customer_id
  )
  WHERE frequency > 0
)`,
  },
  {
    name: 'agg_touchpoints_daily',
    comment: 'Touchpoints by UTC day, channel and type',
    columns: [
      ['day', 'UTC day of occurred_at'],
      ['channel', 'Channel'],
      ['type', 'Touchpoint type'],
      ['touchpoints', 'How many'],
      ['subjects', 'How many different subjects'],
      ['anonymous', 'How many name nobody'],
    ],
    sql: `SELECT toDate32(occurred_at, 'UTC') AS day, channel, type, count() AS touchpoints,
  uniqExactIf(subject_id, subject_id != '') AS subjects, countIf(subject_id = '') AS anonymous
FROM raw_touchpoints GROUP BY day, channel, type`,
  },
  {
    name: 'agg_orders_daily',
    comment:
      'Orders, money and buyers by UTC day, channel and currency, anonymous buyers among them. An order counts once, on the day on which it was first placed, by its newest placing; a cancellation by the newest, a refund as first told, each on its own day. An order that was cancelled as a whole stays in orders and gross, and takes nothing back here; what was paid has no row. Orders of nobody are told apart by channel and id.',
    columns: [
      ['day', 'UTC day of occurred_at'],
      ['channel', 'Channel'],
      ['currency', 'Currency of the amounts'],
      ['orders', 'Orders placed'],
      ['buyers', 'Different subjects that placed one'],
      ['gross', 'Sum of what was placed'],
      ['taken_back', 'Cancellations with an amount, and refunds (negative)'],
    ],
    sql: `SELECT toDate32(if(event = 'placed', first_at, told_at), 'UTC') AS day, channel, currency,
  countIf(event = 'placed') AS orders, uniqExactIf(subject_id, event = 'placed' AND subject_id != '') AS buyers,
  sumIf(amount, event = 'placed') AS gross, sumIf(amount, amount < 0) AS taken_back
FROM (${statementsThatHold('true')}
) WHERE event = 'placed' OR amount < 0 GROUP BY day, channel, currency`,
  },
];
