import { type AnyTouchpoint, type BatchTaken, orderPlaced, plainLine } from '@tributary/domain';
import { type Log, type RecordedEvent, type StoredRecord, SubjectId } from '@tributary/kernel';
import { type FactSources } from '../load/load-facts.js';

/** The subject of a number, for tests: `s_` and the number in 32 hex digits. */
export const subjectOf = (n: number): SubjectId => SubjectId(`s_${n.toString(16).padStart(32, '0')}`);

/** One touchpoint of subject `i % subjects`, of a type that changes with `i`. */
export const touchpointOf = (i: number, subjects = 50): AnyTouchpoint => {
  const n = i % subjects;
  const base = {
    channel: 'shop',
    messageId: `m-${i}`,
    occurredAt: Date.UTC(2026, 0, 1) + i * 60_000,
    receivedAt: Date.UTC(2026, 0, 1) + i * 60_000 + 500,
    identifiers: i % 13 === 12 ? [] : [{ type: 'member_no', value: `M${n}`, subject: subjectOf(n) }],
  };
  const line = {
    productId: `p${i % 7}`,
    name: 'Ärmel\n\n„weiß“ 茶',
    category: null,
    quantity: 2,
    unitPrice: 12_500,
    amount: 25_000,
    ...plainLine,
  };
  switch (i % 6) {
    case 0:
      return {
        ...base,
        type: 'order_placed',
        payload: { ...orderPlaced(`o${i}`, 50_000, 'EUR'), lines: [line, line], method: 'card', country: 'DE' },
      };
    case 1:
      return {
        ...base,
        type: 'order_refunded',
        payload: { orderId: `o${i - 1}`, refundId: `r${i}`, amount: 10_000, currency: 'EUR', lines: [], reason: null },
      };
    case 2:
      return {
        ...base,
        type: 'call_held',
        payload: {
          direction: 'inbound',
          topic: 'delivery',
          duration_s: 61.5,
          outcome: 'solved',
          agent: 'a1',
          summary: `summary ${i}`,
        },
      };
    case 3:
      return { ...base, type: 'survey_answered', payload: { survey: 'nps', score: 9, about: null, comment: null } };
    case 4:
      return { ...base, type: 'traits_stated', payload: { traits: { name: `Person ${n}` }, interests: [] } };
    default:
      return {
        ...base,
        type: 'page_viewed',
        payload: { path: '/', title: null, productId: null, category: 'tea', campaign: null },
      };
  }
};

/** A log and an event store that hold `n` touchpoints in two partitions, taken in batches; some were seen before. */
export const recordedIntake = (
  n: number,
  batch = 50,
): Omit<FactSources, 'warehouse'> & { readonly accepted: number } => {
  const partitions: StoredRecord[][] = [[], []];
  for (let i = 0; i < n; i++) {
    const records = partitions[i % 2] as StoredRecord[];
    // Offsets with gaps, as a log may have them.
    const offset = records.length * 3;
    records.push({ key: null, value: Buffer.from(JSON.stringify(touchpointOf(i))), timestamp_ms: 0, offset });
  }
  const events: RecordedEvent[] = [];
  let accepted = 0;
  for (let from = 0; from * 2 < n; from += batch)
    for (const partition of [0, 1]) {
      const records = (partitions[partition] as StoredRecord[]).slice(from, from + batch);
      if (records.length === 0) continue;
      const duplicates = records.filter((_, i) => i % 17 === 16).map(({ offset }) => offset);
      const quarantined = records.filter((_, i) => i % 19 === 18).map(({ offset }) => offset);
      const left = new Set([...duplicates, ...quarantined]);
      accepted += records.length - left.size;
      const taken: BatchTaken = {
        type: 'BatchTaken',
        topic: 'touchpoints.shop',
        partition,
        from: (records[0] as StoredRecord).offset,
        to: (records[records.length - 1] as StoredRecord).offset,
        accepted: records.length - left.size,
        duplicates,
        quarantined,
      };
      const position = events.length * 7 + 3;
      const stream = `intake-touchpoints.shop-${partition}`;
      events.push({
        id: String(position),
        type: taken.type,
        data: Buffer.from(JSON.stringify(taken)),
        metadata: { recordedAt: 0 },
        stream,
        revision: 0,
        position,
      });
    }
  const log: Pick<Log, 'read' | 'partitions'> = {
    partitions: async (topic) =>
      partitions.map((records, partition) => ({ topic, partition, begin: 0, end: (records.at(-1)?.offset ?? -1) + 1 })),
    read: ({ partition }, from, max) =>
      Promise.resolve((partitions[partition] as StoredRecord[]).filter(({ offset }) => offset >= from).slice(0, max)),
  };
  return {
    log,
    events: {
      readAll: (after, max) => Promise.resolve(events.filter(({ position }) => position > after).slice(0, max)),
    },
    catalogue: { decode: (value) => JSON.parse(Buffer.from(value).toString()) as AnyTouchpoint },
    accepted,
  };
};
