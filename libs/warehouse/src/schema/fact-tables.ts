import { campaign, low, money, position, touchpoint } from './columns.js';
import { type TableSpec } from './table-spec.js';

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

/** Filled from the log, in this order: raw_touchpoints comes last, so what it holds, all hold. */
export const factTables: readonly TableSpec[] = [fctOrders, fctOrderLines, fctInteractions, rawTouchpoints];
