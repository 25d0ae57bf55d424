/** Today's customer of a subject; one that no mapping names yet is the customer named after it, as everywhere. */
export const customerOf = (fact: string): string =>
  `if(${fact}.subject_id = '', '', if(m.customer_id = '', concat('c_', substring(${fact}.subject_id, 3)), m.customer_id))`;
export const mapping = (fact: string): string =>
  `LEFT ANY JOIN (SELECT subject_id, customer_id FROM customer_subjects FINAL) AS m ON m.subject_id = ${fact}.subject_id`;

/** Orders of nobody are told apart by their channel. */
const order = `${customerOf('f')} AS customer_id, if(f.subject_id = '', f.channel, '') AS shop,
    f.order_id AS order_id, f.event AS event, f.reference_id AS reference_id`;

/** What an order event says, as far as it counts. */
const cells = {
  told_at: ['f.occurred_at', "DateTime64(3, \\'UTC\\')"],
  subject_id: ['f.subject_id', 'String'],
  channel: ['f.channel', 'String'],
  message_id: ['f.message_id', 'String'],
  amount: ['f.amount', 'Decimal(18,4)'],
  paid_amount: ['f.paid_amount', 'Decimal(18,4)'],
  currency: ['f.currency', 'String'],
  whole_order: ['f.whole_order', 'UInt8'],
  line_count: ['f.line_count', 'UInt32'],
  method: ['f.method', 'String'],
  country: ['f.country', 'String'],
} as const;

/** What an order event says besides, for those who ask for it: it decides nothing, and each column costs the others. */
const cellsBesides = {
  tax: ['f.tax', 'Nullable(Decimal(18,4))'],
  shipping: ['f.shipping', 'Nullable(Decimal(18,4))'],
  discount: ['f.discount', 'Nullable(Decimal(18,4))'],
  coupon: ['f.coupon', 'String'],
  campaign_name: ['f.campaign_name', 'String'],
  campaign_source: ['f.campaign_source', 'String'],
  campaign_medium: ['f.campaign_medium', 'String'],
  campaign_term: ['f.campaign_term', 'String'],
  campaign_content: ['f.campaign_content', 'String'],
} as const;
export const saidBesides = Object.keys(cellsBesides);

type Cells = readonly (readonly [name: string, cell: readonly [column: string, type: string]])[];
const named: Cells = Object.entries(cells);
const namedWithAll: Cells = [...named, ...Object.entries(cellsBesides)];

/**
 * By what statements of one instant are told apart: as the profile does it, by the event's id, which is made of the SHA-256
 * of channel and message id (`factIdFrom`). Its first six bytes stand before what makes it a UUID, and suffice.
 */
const idOrder = `substring(SHA256(concat(f.channel, '\\0', f.message_id)), 1, 6)`;

/** Orders that are told once are nearly all, and cost little: what may have been told anew is found by a number first. */
const key = 'sipHash64(f.order_id, f.event, f.reference_id)';
const repeated = `(SELECT ${key} AS key FROM fct_orders AS f GROUP BY key HAVING count() > 1)`;

/** What was told more than once, each by the statement that holds; `told` has its cells. */
const toldAnew = (condition: string, said: Cells): string => `
    SELECT ${order}, min(f.occurred_at) AS first_at,
      argMax(CAST((${said.map(([, [cell]]) => cell).join(', ')}), 'Tuple(${said.map(([name, [, type]]) => `${name} ${type}`).join(', ')})'),
        if(f.event IN ('placed', 'cancelled'),
          (toUnixTimestamp64Milli(f.occurred_at), toDecimal128(0, 4), ${idOrder}),
          (-toUnixTimestamp64Milli(f.occurred_at), toDecimal128(f.paid_amount - f.amount, 4), concat(f.method, ' ', f.currency)))) AS told
    FROM fct_orders AS f ${mapping('f')}
    WHERE ${condition} AND ${key} IN ${repeated}
    GROUP BY customer_id, shop, order_id, event, reference_id`;

/**
 * Each placing, cancelling, payment and refund once, by the statement that holds, as the profile has it: of placings and
 * cancellings the newest, of one payment or refund the first, of the same instant the larger, then the one that says more
 * (`firstStated`). `first_at`: when it was first stated. A condition on facts (`f`) says which are read; `besides`: with what
 * an event says besides.
 */
export const statementsThatHold = (condition: string, besides = false): string =>
  holding(condition, besides ? namedWithAll : named);

const holding = (condition: string, said: Cells): string => `
  SELECT ${order}, f.occurred_at AS first_at,
    ${said.map(([name, [cell, type]]) => `CAST(${cell}, '${type}') AS ${name}`).join(', ')}
  FROM fct_orders AS f ${mapping('f')}
  WHERE ${condition} AND ${key} NOT IN ${repeated}
  UNION ALL
  SELECT customer_id, shop, order_id, event, reference_id, first_at,
    ${said.map(([name]) => `tupleElement(told, '${name}') AS ${name}`).join(', ')}
  FROM (${toldAnew(condition, said)}
  )`;

/** Channel and message id of the few statements with lines that hold no longer. */
export const superseded = `
  SELECT f.channel, f.message_id FROM fct_orders AS f
  WHERE f.event != 'paid' AND ${key} IN ${repeated} AND (f.channel, f.message_id) NOT IN (
    SELECT tupleElement(told, 'channel'), tupleElement(told, 'message_id') FROM (${toldAnew("f.event != 'paid'", named)}
    )
  )`;
