import { at, low, money } from './columns.js';
import { type TableSpec } from './table-spec.js';

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

/** Filled from the feed, in this order: customers comes last. */
export const customerTables: readonly TableSpec[] = [customerSubjects, customers];
