import { saidBesides, statementsThatHold } from './statements-that-hold.js';

/** A sum as a column shows it: what is beyond its type is the nearest that it holds, as in the table of customers. */
export const clamped = (sum: string): string =>
  `toDecimal64(least(greatest(${sum}, toDecimal128('-99999999999999.9999', 4)), toDecimal128('99999999999999.9999', 4)), 4)`;

/** Sums are counted in 38 digits, which no number of amounts fills. */
const wide = (amount: string): string => `toDecimal128(${amount}, 4)`;

/** Sum of those amounts of a list of (currency, amount) that are in the currency of the order. */
const ownOf = (list: string): string =>
  `arraySum(one -> if(tupleElement(one, 1) = currency, ${wide('tupleElement(one, 2)')}, ${wide('0')}), ${list})`;

/**
 * Orders of known customers as money sees them; as the profile does it: of placings and cancellings the newest holds, each
 * payment and refund counts once, and what was taken back in another currency than the order's takes nothing from it. What so
 * lessens no order, and all that was taken back from one whose placing was never seen (`is_placed` 0), is `unmatched`: by
 * currency, as (currency, gross, net, stands). It lessens the customer's net of that currency, as `unmatchedReturns` has it.
 * Sums are exact, and may be beyond the type of an amount: show them `clamped`. `besides`: with what the placing says besides.
 */
export const ordersUntil = (until = 'true', besides = false): string => `
SELECT customer_id, order_id,
  countIf(event = 'placed') > 0 AS is_placed,
  countIf(event = 'cancelled') > 0 AS is_cancelled,
  minIf(first_at, event = 'placed') AS placed_at,
  anyIf(s.channel, event = 'placed') AS channel,
  anyIf(s.line_count, event = 'placed') AS line_count,
  anyIf(s.currency, event = 'placed') AS currency,
  anyIf(s.amount, event = 'placed') AS gross,
  anyIf(s.country, event = 'placed') AS country,
  ${besides ? saidBesides.map((name) => `anyIf(s.${name}, event = 'placed') AS ${name},`).join(' ') : ''}
  anyIf(s.method, event = 'placed') AS stated_method,
  if(stated_method != '', stated_method, argMaxIf(s.method, (first_at, reference_id), event = 'paid' AND s.method != '')) AS method,
  anyIf(s.currency, event = 'cancelled') AS cancelled_currency,
  anyIf(s.amount, event = 'cancelled') AS cancelled_amount,
  anyIf(s.whole_order, event = 'cancelled') AS is_whole,
  groupArrayIf((s.currency, s.amount), event = 'refunded') AS refunds,
  groupArrayIf((s.currency, s.paid_amount), event = 'paid') AS payments,
  is_placed AND is_cancelled AND (is_whole = 1 OR cancelled_currency = '' OR cancelled_currency = currency) AS takes,
  multiIf(NOT takes, ${wide('0')}, is_whole = 1, ${wide('gross')}, ${wide('-cancelled_amount')}) AS cancelled,
  -${ownOf('refunds')} AS refunded,
  takes AND cancelled >= gross AS is_void,
  if(is_void, ${wide('0')}, gross - cancelled - refunded) AS net,
  ${ownOf('payments')} AS paid,
  arrayMap(one -> (tupleElement(one, 1), ${wide('0')}, ${wide('tupleElement(one, 2)')}, false),
    arrayFilter(one -> tupleElement(one, 1) != '' AND tupleElement(one, 1) != currency AND tupleElement(one, 2) != 0,
      arrayPushBack(refunds, (cancelled_currency, cancelled_amount)))) AS unmatched
FROM (${statementsThatHold(`f.subject_id != '' AND ${until}`, besides)}
) AS s
GROUP BY customer_id, order_id`;
