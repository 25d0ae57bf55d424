import { campaign } from './columns.js';
import { clamped, ordersUntil } from './orders-until.js';
import { customerOf, mapping, saidBesides, superseded } from './statements-that-hold.js';
import { type ViewSpec } from './table-spec.js';

const customerId = ['customer_id', "The customer today; '' if the touchpoint names nobody"] as const;

const campaignColumns = campaign.map(({ name, comment }) => [name, comment] as const);
const ofFact = (names: readonly string[]): string => names.map((name) => `f.${name} AS ${name}`).join(', ');

/** Of the facts, with the customers of today. */
export const factViews: readonly ViewSpec[] = [
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
];
