import { specName } from './shadow.js';
import { type ColumnSpec, type TableSpec } from './table-spec.js';

const at = "DateTime64(3,'UTC')";
const low = 'LowCardinality(String)';
const money = 'Decimal(18,4)';

/** Where a row came from: the log position that makes loading resumable, and the intake event that let it in. */
const position: readonly ColumnSpec[] = [
  { name: 'source_topic', type: low, comment: 'Log topic that the touchpoint was read from', technical: true },
  { name: 'source_partition', type: 'UInt32', comment: 'Partition of the topic', technical: true },
  { name: 'source_offset', type: 'UInt64', comment: 'Offset of the record in the partition', technical: true },
  {
    name: 'intake_position',
    type: 'UInt64',
    comment:
      'Position in the event store of the BatchTaken event that covers the record; the loader resumes after the highest one',
    technical: true,
  },
];

const touchpoint: readonly ColumnSpec[] = [
  {
    name: 'subject_id',
    type: 'String',
    comment: "Subject under which the touchpoint is filed (s_ and 32 hex); '' if nobody is named",
  },
  { name: 'channel', type: low, comment: 'Channel that it came through' },
  { name: 'message_id', type: 'String', comment: "The producer's id of the touchpoint, unique within its channel" },
  { name: 'occurred_at', type: at, comment: 'When it happened (event time, UTC)' },
  { name: 'received_at', type: at, comment: 'When the platform accepted it (processing time, UTC)' },
];

/** Attribution: what the link said that led here. Pages, sessions and orders may state it. */
const campaign: readonly ColumnSpec[] = [
  { name: 'campaign_name', type: low, comment: "Campaign that led here (utm_campaign); '' if not stated" },
  { name: 'campaign_source', type: low, comment: "Where it was seen (utm_source); '' if not stated" },
  {
    name: 'campaign_medium',
    type: low,
    comment: "By which means, such as cpc or email (utm_medium); '' if not stated",
  },
  { name: 'campaign_term', type: 'String', comment: "Search word that was paid for (utm_term); '' if not stated" },
  {
    name: 'campaign_content',
    type: 'String',
    comment: "Which of several links or pictures it was (utm_content); '' if not stated",
  },
];

const bySubject = 'INDEX by_subject subject_id TYPE bloom_filter(0.01) GRANULARITY 4';

export const rawTouchpoints: TableSpec = {
  name: 'raw_touchpoints',
  comment: 'One row per accepted touchpoint, of every type. Duplicates and quarantined records are not here.',
  engine: 'MergeTree',
  orderBy: ['channel', 'type', 'occurred_at'],
  indexes: [bySubject],
  personalBy: 'subject_id',
  columns: [
    { name: 'type', type: low, comment: 'What kind of touchpoint it is, such as order_placed or page_viewed' },
    ...touchpoint,
    {
      name: 'identifier_types',
      type: 'Array(String)',
      comment: 'Types of the identifiers it carried, strongest first; never their values',
    },
    {
      name: 'payload',
      type: 'String',
      comment:
        'What the touchpoint says, as JSON; amounts in ten-thousandths of the currency unit. May hold personal data; purged with its subject',
    },
    ...campaign,
    ...position,
  ],
};

export const fctOrders: TableSpec = {
  name: 'fct_orders',
  comment:
    'One row per order event: placed, paid, cancelled, refunded. What an order is worth by them stands in customer_orders: of corrections and cancellations the newest holds there.',
  engine: 'MergeTree',
  orderBy: ['subject_id', 'order_id', 'occurred_at'],
  personalBy: 'subject_id',
  columns: [
    { name: 'event', type: low, comment: 'placed, paid, cancelled or refunded' },
    { name: 'order_id', type: 'String', comment: 'Id of the order in its shop' },
    { name: 'reference_id', type: 'String', comment: "Id of the payment or refund; '' for placed and cancelled" },
    ...touchpoint,
    {
      name: 'amount',
      type: money,
      comment: 'What the event does to the value of the order: placed +, cancelled and refunded −, paid 0',
    },
    { name: 'paid_amount', type: money, comment: 'What was paid; 0 unless the event is paid' },
    {
      name: 'whole_order',
      type: 'UInt8',
      comment: '1: cancelled as a whole, no amount stated; the value of the order is then 0',
    },
    { name: 'currency', type: low, comment: "ISO 4217 code; '' if a cancellation states none" },
    { name: 'line_count', type: 'UInt32', comment: 'How many lines the event lists' },
    { name: 'method', type: low, comment: "Payment method; '' if not stated" },
    { name: 'instalments', type: 'Nullable(UInt16)', comment: 'Number of instalments of a payment' },
    { name: 'store', type: low, comment: "Store or site; '' if not stated" },
    { name: 'country', type: low, comment: "Country of the order; '' if not stated" },
    { name: 'city', type: low, comment: "City of the order; '' if not stated" },
    { name: 'reason', type: 'String', comment: "Reason of a cancellation or refund; '' if not stated" },
    {
      name: 'tax',
      type: 'Nullable(Decimal(18,4))',
      comment: 'Tax on the order placed, told beside amount, which it does not change; NULL if not stated',
    },
    { name: 'shipping', type: 'Nullable(Decimal(18,4))', comment: 'Price of its delivery, likewise' },
    { name: 'discount', type: 'Nullable(Decimal(18,4))', comment: 'Taken off its price, likewise' },
    { name: 'coupon', type: 'String', comment: "Coupon that was redeemed for it; '' if not stated" },
    ...campaign,
    ...position,
  ],
};

export const fctOrderLines: TableSpec = {
  name: 'fct_order_lines',
  comment: 'One row per line of an order event. Quantity and amount are negative where goods or money went back.',
  engine: 'MergeTree',
  orderBy: ['product_id', 'occurred_at'],
  indexes: [bySubject],
  personalBy: 'subject_id',
  columns: [
    { name: 'event', type: low, comment: 'placed, cancelled or refunded' },
    { name: 'order_id', type: 'String', comment: 'Id of the order in its shop' },
    { name: 'line_no', type: 'UInt32', comment: 'Number of the line within its event, from 1' },
    ...touchpoint,
    { name: 'product_id', type: 'String', comment: 'Id of the product' },
    { name: 'product_name', type: 'String', comment: "Name of the product; '' if not stated" },
    { name: 'category', type: low, comment: "Category of the product; '' if not stated" },
    { name: 'quantity', type: 'Float64', comment: 'How many or how much; negative on cancelled and refunded lines' },
    { name: 'unit_price', type: money, comment: 'Price of one unit' },
    { name: 'amount', type: money, comment: 'Amount of the line; negative on cancelled and refunded lines' },
    { name: 'currency', type: low, comment: "ISO 4217 code; '' if a cancellation states none" },
    { name: 'brand', type: low, comment: "Brand of the product; '' if not stated" },
    { name: 'variant', type: 'String', comment: "Variant of the product; '' if not stated" },
    { name: 'coupon', type: 'String', comment: "Coupon that was redeemed for the line; '' if not stated" },
    {
      name: 'discount',
      type: 'Nullable(Decimal(18,4))',
      comment:
        'Taken off the price of the line, told beside amount, which it does not change; negative on cancelled and refunded lines, NULL if not stated',
    },
    ...position,
  ],
};

export const fctInteractions: TableSpec = {
  name: 'fct_interactions',
  comment:
    'One row per contact or utterance: calls, e-mails, chats, SMS, visits, tickets, surveys, reviews, community posts and replies.',
  engine: 'MergeTree',
  orderBy: ['type', 'occurred_at'],
  indexes: [bySubject],
  personalBy: 'subject_id',
  columns: [
    {
      name: 'type',
      type: low,
      comment: 'Touchpoint type: call_held, ticket_opened, survey_answered, review_given, post_created …',
    },
    { name: 'kind', type: low, comment: 'call, email, chat, sms, visit, ticket, review, survey or community' },
    ...touchpoint,
    {
      name: 'reference_id',
      type: 'String',
      comment:
        "Id of the ticket, or of the post or reply itself (what a reply answers is in its payload); '' if it has none",
    },
    {
      name: 'direction',
      type: low,
      comment: "inbound or outbound; of a ticket's opening, a review and a survey inbound; '' where it has none",
    },
    {
      name: 'topic',
      type: 'String',
      comment:
        "Topic of the contact or ticket, title of the post, or what the review or survey is about; '' if not stated",
    },
    {
      name: 'outcome',
      type: low,
      comment: "Outcome of a contact, status of a ticket, or how it was resolved; '' if not stated",
    },
    { name: 'priority', type: low, comment: "Priority of a ticket; '' if not stated" },
    { name: 'agent', type: 'String', comment: "Who spoke for the company; '' if not stated" },
    { name: 'duration_s', type: 'Nullable(Float64)', comment: 'How long it took, in seconds' },
    { name: 'score', type: 'Nullable(Float64)', comment: 'Rating or survey answer' },
    { name: 'max_score', type: 'Nullable(Float64)', comment: 'Best possible rating of a review' },
    { name: 'survey', type: low, comment: "csat, nps or ces; '' otherwise" },
    { name: 'reopened', type: 'UInt8', comment: '1: this update reopened the ticket' },
    {
      name: 'within_sla',
      type: 'Nullable(UInt8)',
      comment: '1: the ticket was closed in the agreed time, 0: too late',
    },
    {
      name: 'text',
      type: 'String',
      comment: "Summary, comment or text; '' if not stated. May hold personal data; purged with its subject",
    },
    ...position,
  ],
};

export const customers: TableSpec = {
  name: 'customers',
  comment: 'The newest profile of each customer. Read it with FINAL, or through dim_customer.',
  engine: 'ReplacingMergeTree(version, is_deleted)',
  orderBy: ['customer_id'],
  personalBy: 'customer_id',
  columns: [
    {
      name: 'customer_id',
      type: 'String',
      comment: 'c_ and 32 hex digits; ids of merged customers stay resolvable through customer_subjects',
    },
    { name: 'version', type: 'UInt64', comment: 'Position of the last event that the profile reflects' },
    { name: 'is_deleted', type: 'UInt8', comment: '1: the customer no longer stands alone (merged) or was erased' },
    { name: 'name', type: 'String', comment: "Full name; '' if not stated" },
    { name: 'gender', type: low, comment: "Gender as stated; '' if not stated" },
    {
      name: 'birthday',
      type: 'String',
      comment: "Birthday as stated, ISO 8601 where it could be told; '' if not stated",
    },
    { name: 'trait_names', type: 'Array(String)', comment: 'Names of all traits stated, in the order of trait_values' },
    { name: 'trait_values', type: 'Array(String)', comment: 'Values of the traits' },
    {
      name: 'identifier_types',
      type: 'Array(String)',
      comment: 'Types of the identifiers, in the order of identifier_values',
    },
    {
      name: 'identifier_values',
      type: 'Array(String)',
      comment: 'Normalised identifiers: phones in E.164, e-mail in lower case …',
    },
    { name: 'subjects', type: 'Array(String)', comment: 'Every subject that is this customer' },
    { name: 'country', type: low, comment: "Country last seen; '' if none" },
    { name: 'city', type: low, comment: "City last seen; '' if none" },
    { name: 'store', type: low, comment: "Store last seen; '' if none" },
    {
      name: 'stage',
      type: low,
      comment: "Relationship stage: acquisition, growth, maturity, decline or exit; '' if none yet",
    },
    { name: 'stage_since', type: `Nullable(${at})`, comment: 'When that stage began' },
    { name: 'buyer_type', type: low, comment: "prospect, first_time, repeat or loyal; '' if none yet" },
    { name: 'buyer_type_since', type: `Nullable(${at})`, comment: 'When that began' },
    { name: 'tier', type: low, comment: "Tier by value; '' if none yet" },
    { name: 'tier_since', type: `Nullable(${at})`, comment: 'When that began' },
    {
      name: 'rules',
      type: low,
      comment: "Version of the rules that decided stage, buyer type and tier; '' if none did",
    },
    { name: 'course_track', type: 'Array(String)', comment: 'Every change of stage: relationship, buyer or tier' },
    { name: 'course_from', type: 'Array(String)', comment: "What it was before; '' if nothing" },
    { name: 'course_to', type: 'Array(String)', comment: 'What it became' },
    { name: 'course_at', type: `Array(${at})`, comment: 'When, in event time' },
    {
      name: 'currency',
      type: low,
      comment:
        "Currency of most purchases (of as many, the first by its code), and of the amounts here; of what was taken back where nothing was bought, '' without either",
    },
    {
      name: 'purchases',
      type: 'UInt32',
      comment: 'Orders that stand: placed, in that currency, and not cancelled as a whole',
    },
    { name: 'purchase_days', type: 'UInt32', comment: 'Distinct UTC days with a purchase, in whatever currency' },
    {
      name: 'gross',
      type: money,
      comment:
        'Sum of all orders placed in that currency, cancelled ones among them; what is beyond the type is its largest value',
    },
    {
      name: 'net',
      type: money,
      comment:
        'Gross less all cancellations and refunds in that currency, also of orders in another one or whose placing was never seen; what is beyond the type is its largest or smallest value',
    },
    {
      name: 'average_order',
      type: money,
      comment: 'Gross of the orders that stand, per order, rounded to a ten-thousandth; 0 without one',
    },
    { name: 'first_purchase', type: `Nullable(${at})`, comment: 'First purchase that stands, in whatever currency' },
    { name: 'last_purchase', type: `Nullable(${at})`, comment: 'Last purchase that stands, in whatever currency' },
    {
      name: 'mean_gap_days',
      type: 'Nullable(Float64)',
      comment: 'Mean days between purchase days, rounded to a hundredth; NULL with fewer than two',
    },
    { name: 'refunds', type: 'UInt32', comment: 'Number of refunds' },
    { name: 'cancelled_orders', type: 'UInt32', comment: 'Number of orders cancelled, in part or whole' },
    { name: 'tickets', type: 'UInt32', comment: 'Tickets, also those that were only told of later' },
    { name: 'open_tickets', type: 'UInt32', comment: 'Tickets not closed, or told of again since with another status' },
    { name: 'touchpoints', type: 'UInt64', comment: 'Touchpoints on every channel' },
    { name: 'active_days', type: 'UInt32', comment: 'Distinct UTC days with a touchpoint' },
    { name: 'first_touchpoint', type: `Nullable(${at})`, comment: 'First touchpoint' },
    { name: 'last_touchpoint', type: `Nullable(${at})`, comment: 'Last touchpoint' },
    { name: 'channels', type: 'Array(String)', comment: 'Channels that the customer was seen on' },
    {
      name: 'feed_partition',
      type: 'UInt32',
      comment: 'Partition of profile-events that called for this row',
      technical: true,
    },
    {
      name: 'feed_offset',
      type: 'UInt64',
      comment: 'Offset in that partition; the loader resumes after the highest one',
      technical: true,
    },
  ],
};

export const customerSubjects: TableSpec = {
  name: 'customer_subjects',
  comment:
    'Which customer each subject is today. Facts carry the subject and never change; a merge changes only this. Read it with FINAL.',
  engine: 'ReplacingMergeTree(version)',
  orderBy: ['subject_id'],
  personalBy: 'subject_id',
  columns: [
    { name: 'subject_id', type: 'String', comment: 's_ and 32 hex digits' },
    { name: 'customer_id', type: 'String', comment: 'The customer that it belongs to' },
    {
      name: 'version',
      type: 'UInt64',
      comment: 'Position of the event since which that is so, or a later one; the highest holds',
    },
  ],
};

export const loaderFences: TableSpec = {
  name: 'loader_fences',
  comment:
    'Positions below which everything is loaded, written down before rows are erased: resuming must not bring them back. And up to where erasures were carried out.',
  engine: 'ReplacingMergeTree(position)',
  orderBy: ['table_name', 'feed_partition'],
  personalBy: 'subject_id',
  columns: [
    { name: 'table_name', type: low, comment: "Table that was loaded, or 'erasures'" },
    { name: 'feed_partition', type: 'UInt32', comment: 'Partition of the feed; 0 for the facts, which have one order' },
    { name: 'position', type: 'UInt64', comment: 'Intake position or feed offset' },
  ],
};

/** Filled from the log, in this order: raw_touchpoints comes last, so what it holds, all hold. */
export const factTables: readonly TableSpec[] = [fctOrders, fctOrderLines, fctInteractions, rawTouchpoints];
/** Filled from the feed, in this order: customers comes last. */
export const customerTables: readonly TableSpec[] = [customerSubjects, customers];
export const tables: readonly TableSpec[] = [...factTables, ...customerTables, loaderFences];

const byName = new Map(tables.map((table) => [table.name, table]));

/** By its name, or that of its shadow. */
export const tableNamed = (name: string): TableSpec => {
  const table = byName.get(specName(name));
  if (table === undefined)
    throw new TypeError(`the warehouse has no table ${name}; it has ${[...byName.keys()].join(', ')}`);
  return table;
};
