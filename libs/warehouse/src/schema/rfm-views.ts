import { clamped, ordersUntil } from './orders-until.js';
import { type ViewSpec } from './table-spec.js';

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

export const rfmViews: readonly ViewSpec[] = [
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
];
