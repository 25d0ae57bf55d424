import { statementsThatHold } from './statements-that-hold.js';
import { type ViewSpec } from './table-spec.js';

export const dailyViews: readonly ViewSpec[] = [
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
