/** Today's customer of a subject; one that no mapping names yet is the customer named after it, as everywhere. */
export const customerOf = (fact: string): string =>
  `if(${fact}.subject_id = '', '', if(m.customer_id = '', concat('c_', substring(${fact}.subject_id, 3)), m.customer_id))`;
export const mapping = (fact: string): string =>
  `LEFT ANY JOIN (SELECT subject_id, customer_id FROM customer_subjects FINAL) AS m ON m.subject_id = ${fact}.subject_id`;

/**
 * By what statements of one instant are told apart: as the profile does it, by the event's id, which is made of the SHA-256
 * of channel and message id (`factIdFrom`). Its first six bytes stand before what makes it a UUID, and suffice.
 */
const idOrder = (fact: string): string => `substring(SHA256(concat(${fact}.channel, '\\0', ${fact}.message_id)), 1, 6)`;

/**
 * Orders as money sees them, told by their events up to an instant; as the profile does it: of placings and cancellings
 * the newest holds, each payment and refund counts once, as first told, and what was taken back in another currency than the
 * order's takes nothing from it. An order whose placing was never seen still has what was taken back (`is_placed` 0).
 */
export const ordersUntil = (until: string): string => `
SELECT customer_id, order_id,
  countIf(event = 'placed') > 0 AS is_placed,
  countIf(event = 'cancelled') > 0 AS is_cancelled,
  minIf(first_at, event = 'placed') AS placed_at,
  anyIf(newest, event = 'placed') AS placing,
  anyIf(newest, event = 'cancelled') AS cancelling,
  tupleElement(placing, 'channel') AS channel,
  tupleElement(placing, 'line_count') AS line_count,
  if(is_placed, tupleElement(placing, 'currency'), anyIf(tupleElement(newest, 'currency'), tupleElement(newest, 'currency') != '')) AS currency,
  tupleElement(placing, 'amount') AS gross,
  multiIf(tupleElement(cancelling, 'whole_order') = 1, gross,
    is_placed AND tupleElement(cancelling, 'currency') != '' AND tupleElement(cancelling, 'currency') != currency, toDecimal64(0, 4),
    toDecimal64(-tupleElement(cancelling, 'amount'), 4)) AS cancelled,
  groupArrayIf(earliest, event = 'refunded') AS refunds,
  toDecimal64(-arraySum(one -> tupleElement(one, 'amount'),
    arrayFilter(one -> NOT is_placed OR tupleElement(one, 'currency') = currency, refunds)), 4) AS refunded,
  if(is_placed AND is_void, toDecimal64(0, 4), toDecimal64(gross - cancelled - refunded, 4)) AS net,
  sumIf(tupleElement(earliest, 'paid_amount'), event = 'paid') AS paid,
  is_cancelled AND cancelled >= gross AS is_void,
  anyIf(tupleElement(newest, 'method'), tupleElement(newest, 'method') != '') AS method,
  tupleElement(placing, 'country') AS country
FROM (
  SELECT ${customerOf('f')} AS customer_id, f.order_id AS order_id, f.event AS event, f.reference_id AS reference_id,
    min(f.occurred_at) AS first_at,
    argMax(CAST((f.amount, f.currency, f.channel, f.whole_order, f.line_count, f.method, f.country),
      'Tuple(amount Decimal(18,4), currency String, channel String, whole_order UInt8, line_count UInt32, method String, country String)'),
      (f.occurred_at, ${idOrder('f')})) AS newest,
    argMin(CAST((f.amount, f.paid_amount, f.currency), 'Tuple(amount Decimal(18,4), paid_amount Decimal(18,4), currency String)'),
      (f.occurred_at, f.amount, -f.paid_amount)) AS earliest
  FROM fct_orders AS f ${mapping('f')}
  WHERE f.subject_id != '' AND f.occurred_at < ${until}
  GROUP BY customer_id, order_id, event, reference_id
)
GROUP BY customer_id, order_id`;
