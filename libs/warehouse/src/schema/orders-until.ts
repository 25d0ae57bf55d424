/** Today's customer of a subject; one that no mapping names yet is the customer named after it, as everywhere. */
export const customerOf = (fact: string): string =>
  `if(${fact}.subject_id = '', '', if(m.customer_id = '', concat('c_', substring(${fact}.subject_id, 3)), m.customer_id))`;
export const mapping = (fact: string): string =>
  `LEFT ANY JOIN (SELECT subject_id, customer_id FROM customer_subjects FINAL) AS m ON m.subject_id = ${fact}.subject_id`;

/** A sum as a column shows it: what is beyond its type is the nearest that it holds, as in the table of customers. */
export const clamped = (sum: string): string =>
  `toDecimal64(least(greatest(${sum}, toDecimal128('-99999999999999.9999', 4)), toDecimal128('99999999999999.9999', 4)), 4)`;

/** Sums are counted in 38 digits, which no number of amounts fills. */
const wide = (amount: string): string => `toDecimal128(${amount}, 4)`;

/**
 * By what statements of one instant are told apart: as the profile does it, by the event's id, which is made of the SHA-256
 * of channel and message id (`factIdFrom`). Its first six bytes stand before what makes it a UUID, and suffice.
 */
const idOrder = (fact: string): string => `substring(SHA256(concat(${fact}.channel, '\\0', ${fact}.message_id)), 1, 6)`;

/**
 * Each placing, cancelling, payment and refund once, by the statement that holds, as the profile has it: of placings and
 * cancellings the newest, of one payment or refund the first, of the same instant the larger, then the one that says more
 * (`firstStated`). Orders of nobody are told apart by their channel.
 */
export const statementsThatHold = (where: string): string => `
  SELECT ${customerOf('f')} AS customer_id, if(f.subject_id = '', f.channel, '') AS shop,
    f.order_id AS order_id, f.event AS event, f.reference_id AS reference_id,
    min(f.occurred_at) AS first_at,
    argMax(CAST((f.amount, f.paid_amount, f.currency, f.channel, f.whole_order, f.line_count, f.method, f.country, f.message_id, f.subject_id, f.occurred_at),
      'Tuple(amount Decimal(18,4), paid_amount Decimal(18,4), currency String, channel String, whole_order UInt8, line_count UInt32, method String, country String, message_id String, subject_id String, occurred_at DateTime64(3, \\'UTC\\'))'),
      if(f.event IN ('placed', 'cancelled'),
        (toUnixTimestamp64Milli(f.occurred_at), ${wide('0')}, ${idOrder('f')}),
        (-toUnixTimestamp64Milli(f.occurred_at), ${wide('f.paid_amount - f.amount')}, concat(f.method, ' ', f.currency)))) AS told
  FROM fct_orders AS f ${mapping('f')}
  WHERE ${where}
  GROUP BY customer_id, shop, order_id, event, reference_id`;

/**
 * Orders of known customers as money sees them; as the profile does it: of placings and cancellings the newest holds, each
 * payment and refund counts once, and what was taken back in another currency than the order's takes nothing from it. What so
 * lessens no order, and all that was taken back from one whose placing was never seen (`is_placed` 0), is `unmatched`: by
 * currency, as (currency, gross, net, stands). It lessens the customer's net of that currency, as `unmatchedReturns` has it.
 * Sums are exact, and beyond the type of an amount: show them `clamped`.
 */
export const ordersUntil = (until = 'true'): string => `
SELECT customer_id, order_id,
  countIf(event = 'placed') > 0 AS is_placed,
  countIf(event = 'cancelled') > 0 AS is_cancelled,
  minIf(first_at, event = 'placed') AS placed_at,
  anyIf(told, event = 'placed') AS placing,
  anyIf(told, event = 'cancelled') AS cancelling,
  groupArrayIf(told, event = 'refunded') AS refunds,
  groupArrayIf(told, event = 'paid') AS payments,
  tupleElement(placing, 'channel') AS channel,
  tupleElement(placing, 'line_count') AS line_count,
  tupleElement(placing, 'currency') AS currency,
  tupleElement(placing, 'amount') AS gross,
  is_placed AND is_cancelled AND (tupleElement(cancelling, 'whole_order') = 1
    OR tupleElement(cancelling, 'currency') = '' OR tupleElement(cancelling, 'currency') = currency) AS takes,
  multiIf(NOT takes, ${wide('0')}, tupleElement(cancelling, 'whole_order') = 1, ${wide('gross')}, ${wide("-tupleElement(cancelling, 'amount')")}) AS cancelled,
  arraySum(one -> if(tupleElement(one, 'currency') = currency, ${wide("-tupleElement(one, 'amount')")}, ${wide('0')}), refunds) AS refunded,
  takes AND cancelled >= gross AS is_void,
  if(is_void, ${wide('0')}, gross - cancelled - refunded) AS net,
  arraySum(one -> if(tupleElement(one, 'currency') = currency, ${wide("tupleElement(one, 'paid_amount')")}, ${wide('0')}), payments) AS paid,
  arrayMap(one -> (tupleElement(one, 'currency'), ${wide('0')}, ${wide("tupleElement(one, 'amount')")}, false),
    arrayFilter(one -> tupleElement(one, 'currency') != '' AND tupleElement(one, 'currency') != currency AND tupleElement(one, 'amount') != 0,
      arrayPushBack(refunds, cancelling))) AS unmatched,
  if(tupleElement(placing, 'method') != '', tupleElement(placing, 'method'),
    argMaxIf(tupleElement(told, 'method'), (first_at, reference_id), event = 'paid' AND tupleElement(told, 'method') != '')) AS method,
  tupleElement(placing, 'country') AS country
FROM (${statementsThatHold(`f.subject_id != '' AND ${until}`)}
)
GROUP BY customer_id, order_id`;
