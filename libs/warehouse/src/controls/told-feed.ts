import { type Profile } from '@tributary/domain';
import {
  type CustomerId,
  customerNamedAfter,
  type Log,
  namesakeOf,
  type StoredRecord,
  type Warehouse,
} from '@tributary/kernel';
import { customerBatches } from '../load/customer-rows.js';
import { type CustomerRows, loadCustomers } from '../load/load-customers.js';
import { subjectOf } from './recorded-intake.js';

/** The customer of a number, for tests. */
export const idOf = (n: number): CustomerId => customerNamedAfter(subjectOf(n));

/** A customer with a bit of everything. */
export const profileOf = (customerId: CustomerId, version: number, subjects: readonly string[] = [namesakeOf(customerId)]): Profile => ({
  customerId,
  subjects,
  version,
  identifiers: [{ type: 'phone', value: `+49301${customerId.slice(-6)}`, firstSeen: '' }],
  traits: { first_name: 'Änne', last_name: `Nr ${customerId.slice(-6)}`, gender: 'f' },
  place: { country: 'DE', city: null, store: null },
  lifecycle: {
    relationship: { stage: 'growth', since: '2026-01-02T00:00:00.000Z' },
    buyer: { stage: 'first_time', since: '2026-01-01T00:00:00.000Z' },
    tier: null,
    history: [
      { track: 'relationship', from: null, to: 'acquisition', at: '2026-01-01T00:00:00.000Z' },
      { track: 'buyer', from: null, to: 'first_time', at: '2026-01-01T00:00:00.000Z' },
      { track: 'relationship', from: 'acquisition', to: 'growth', at: '2026-01-02T00:00:00.000Z' },
    ],
    omitted: 0,
    rules: 'v1',
  },
  value: {
    currency: 'EUR', purchases: 2, purchaseDays: 1, gross: '30.00', net: '-12.3456', averageOrder: '15.00',
    firstPurchase: '2026-01-01T00:00:00.000Z', lastPurchase: '2026-01-01T10:00:00.000Z', recencyDays: 3, meanGapDays: null, others: {},
  },
  orders: { placed: 2, cancelled: 0, refunds: 1, recent: [] },
  preferences: { categories: [], methods: {}, contactChannels: {}, purchaseHours: {}, interests: [] },
  interactions: { byType: {}, recent: [] },
  tickets: { opened: 1, open: 1, reopened: 0, withinSla: null },
  feedback: { surveys: {}, reviews: null },
  community: { posts: 0, replies: 0, votes: 0, follows: 0, badges: 0 },
  behaviour: { pageViews: 0, searches: 0, sessions: 0, sessionSeconds: 0, labels: [] },
  activity: { touchpoints: 5, first: '2026-01-01T00:00:00.000Z', last: '2026-01-03T00:00:00.000Z', activeDays: 3, channels: { shop: { count: 5, first: '', last: '' } } },
}); // prettier-ignore

/** A feed of one partition, and the customers as they are "now". */
export const feedOf = (warehouse: Warehouse, rendering_ms = 0) => {
  const records: StoredRecord[] = [];
  const now = new Map<string, Profile>();
  const asked: string[][] = [];
  let read = 0;
  const tell = (customerId: string, sequence: number, data: object = {}): void =>
    void records.push({
      key: customerId,
      value: Buffer.from(JSON.stringify({ customerId, sequence, data })),
      timestamp_ms: 0,
      offset: records.length,
    });
  const log: Pick<Log, 'read' | 'partitions'> = {
    read: (_, from, max) => {
      const some = records.slice(from, from + max);
      read = Math.max(read, from + some.length);
      return Promise.resolve(some);
    },
    partitions: (topic) => Promise.resolve([{ topic, partition: 0, begin: 0, end: records.length }]),
  };
  const customerRows: CustomerRows = async (ids, feed, sequences) => {
    asked.push([...ids]);
    if (rendering_ms > 0) await new Promise((resolve) => setTimeout(resolve, rendering_ms));
    const here = ids.map((id) => now.get(id)).filter((profile) => profile !== undefined);
    const gone = ids
      .filter((id) => !now.has(id))
      .map((customerId) => ({ customerId, version: sequences.get(customerId) ?? 0 }));
    return customerBatches(here, gone, feed);
  };
  const load = () => loadCustomers({ log, warehouse, customerRows, once: true, signal: new AbortController().signal });
  /** Follows the feed, looking every few milliseconds, until told to stop. */
  const follow = (moreComes: () => boolean) => {
    const stopping = new AbortController();
    const every_ms = 20;
    const done = loadCustomers({
      log,
      warehouse,
      customerRows,
      every_ms,
      moreComes: async () => moreComes(),
      signal: stopping.signal,
    });
    return {
      stop: async () => {
        stopping.abort();
        await done;
      },
    };
  };
  /** Whether all that was told was read, too. */
  const isRead = (): boolean => read === records.length;
  return { tell, now, load, follow, asked, isRead };
};
