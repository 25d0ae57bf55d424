import { type ProfileSummary } from '@tributary/domain';
import { type Cell, type RowBatch } from '@tributary/kernel';
import { type ColumnType } from '../schema/column-type.js';
import { customers, customerSubjects } from '../schema/tables.js';
import { type FeedPosition } from './load-customers.js';

/** A customer that no longer stands alone, or was erased. */
export interface GoneCustomer {
  readonly customerId: string;
  readonly version: number;
}

const instant = (iso: string | null | undefined): number | null => (iso == null ? null : Date.parse(iso));

/** Ten-thousandths of an exact decimal text such as `-12.3456`; of a sum they need not fit into a number. */
export const e4 = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(4, '0').slice(0, 4));
};

const row = (profile: ProfileSummary, feed: FeedPosition): readonly Cell[] => {
  const { traits, lifecycle, value, orders, tickets, activity, place } = profile;
  const { history } = lifecycle;
  const names = Object.keys(traits);
  const cells: Record<string, Cell> = {
    customer_id: profile.customerId,
    version: profile.version,
    is_deleted: 0,
    name: traits['name'] ?? [traits['first_name'], traits['last_name']].filter(Boolean).join(' '),
    gender: traits['gender'] ?? '',
    birthday: traits['birthday'] ?? '',
    trait_names: names,
    trait_values: names.map((name) => traits[name] ?? ''),
    identifier_types: profile.identifiers.map(({ type }) => type),
    identifier_values: profile.identifiers.map((identifier) => identifier.value),
    subjects: profile.subjects,
    country: place.country ?? '',
    city: place.city ?? '',
    store: place.store ?? '',
    stage: lifecycle.relationship?.stage ?? '',
    stage_since: instant(lifecycle.relationship?.since),
    buyer_type: lifecycle.buyer?.stage ?? '',
    buyer_type_since: instant(lifecycle.buyer?.since),
    tier: lifecycle.tier?.stage ?? '',
    tier_since: instant(lifecycle.tier?.since),
    rules: lifecycle.rules ?? '',
    course_track: history.map(({ track }) => track),
    course_from: history.map(({ from }) => from ?? ''),
    course_to: history.map(({ to }) => to),
    course_at: history.map(({ at }) => at),
    currency: value.currency ?? '',
    purchases: value.purchases,
    purchase_days: value.purchaseDays,
    gross: e4(value.gross),
    net: e4(value.net),
    average_order: e4(value.averageOrder),
    first_purchase: instant(value.firstPurchase),
    last_purchase: instant(value.lastPurchase),
    mean_gap_days: value.meanGapDays,
    refunds: orders.refunds,
    cancelled_orders: orders.cancelled,
    tickets: tickets.opened,
    open_tickets: tickets.open,
    touchpoints: activity.touchpoints,
    active_days: activity.activeDays,
    first_touchpoint: instant(activity.first),
    last_touchpoint: instant(activity.last),
    channels: Object.keys(activity.channels),
    feed_partition: feed.partition,
    feed_offset: feed.offset,
  };
  return customers.columns.map(({ name }) => cells[name] as Cell);
};

const nothing = (type: ColumnType): Cell => {
  if (type.startsWith('Nullable')) return null;
  if (type.startsWith('Array')) return [];
  return type.includes('String') ? '' : 0;
};

const goneRow = ({ customerId, version }: GoneCustomer, feed: FeedPosition): readonly Cell[] => {
  const cells: Record<string, Cell> = {
    customer_id: customerId,
    version,
    is_deleted: 1,
    feed_partition: feed.partition,
    feed_offset: feed.offset,
  };
  return customers.columns.map(({ name, type }) => cells[name] ?? nothing(type));
};

/** Rows of customers as they are now, and of those that are gone; in the order in which they are to be written. */
export const customerBatches = (
  profiles: readonly ProfileSummary[],
  gone: readonly GoneCustomer[],
  feed: FeedPosition,
): readonly RowBatch[] => [
  {
    table: customerSubjects.name,
    columns: ['subject_id', 'customer_id', 'version'],
    rows: profiles.flatMap(({ subjects, customerId, version }) =>
      subjects.map((subject) => [subject, customerId, version]),
    ),
  },
  {
    // One batch for both: the position that they carry must not be there before all of them are.
    table: customers.name,
    columns: customers.columns.map(({ name }) => name),
    rows: [...gone.map((one) => goneRow(one, feed)), ...profiles.map((profile) => row(profile, feed))],
  },
];
