import { type StoredRecord } from '@tributary/kernel';
import { type RecordBinding, type RecordHeaders } from './record-binding.js';

/** One record as the client decodes it. */
export interface KafkaRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly offset: string;
  readonly headers?: RecordHeaders;
}

export interface FetchedRecord extends KafkaRecord {
  readonly isControlRecord?: boolean;
  readonly batchContext?: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

export interface FetchedPartition {
  readonly highWatermark: string;
  /** Before it all transactions are decided. */
  readonly lastStableOffset: string;
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  readonly messages: readonly FetchedRecord[];
}

export interface Page {
  readonly records: StoredRecord[];
  /** Where the next page begins. */
  readonly next: number;
  /** Up to where all transactions are decided. */
  readonly stable: number;
  /** Behind the newest record of all, decided or not. */
  readonly end: number;
}

/** A record of no value is a tombstone of compaction; the port has no other word for it than empty. */
export const storedRecord = (
  { key, value, timestamp, offset, headers }: KafkaRecord,
  binding?: RecordBinding,
): StoredRecord => ({
  key: key === null ? null : key.toString('utf8'),
  value: valueOf(value, binding, headers),
  timestamp_ms: Number(timestamp),
  offset: Number(offset),
});

/** Always a copy: a few kept records must not hold on to the whole answer they came in. */
const valueOf = (value: Buffer | null, binding?: RecordBinding, headers?: RecordHeaders): Uint8Array => {
  if (value === null) return new Uint8Array(0);
  const isBound = binding && headers && Object.keys(headers).length > 0;
  return new Uint8Array(isBound ? binding.unbind(value, headers) : value);
};

/**
 * What a reader of committed records sees of an answer, and the offset behind all of it. An answer begins with the whole
 * batch that holds `from`, may hold marks of transactions, and may hold nothing to see at all.
 */
export const recordsOf = (fetched: FetchedPartition, from: number, binding?: RecordBinding): Page => {
  const unseen = abortedIn(fetched);
  const records: StoredRecord[] = [];
  let next = from;
  for (const message of fetched.messages) {
    const { batchContext: batch } = message;
    const offset = Number(message.offset);
    next = Math.max(next, offset + 1, batch ? Number(batch.firstOffset) + batch.lastOffsetDelta + 1 : 0);
    const aborted = unseen(message);
    if (offset >= from && !message.isControlRecord && !aborted) records.push(storedRecord(message, binding));
  }
  return { records, next, stable: Number(fetched.lastStableOffset), end: Number(fetched.highWatermark) };
};

/** Kafka names the aborted transactions of an answer by producer and first offset; each ends at its mark. */
const abortedIn = ({ abortedTransactions }: FetchedPartition): ((message: FetchedRecord) => boolean) => {
  const ahead = [...(abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const open = new Set<string>();
  return ({ offset, batchContext, isControlRecord }) => {
    while (ahead.length > 0 && Number(offset) >= Number(ahead[0]!.firstOffset)) open.add(ahead.shift()!.producerId);
    if (!batchContext || !open.has(batchContext.producerId)) return false;
    if (isControlRecord) open.delete(batchContext.producerId);
    return batchContext.inTransaction;
  };
};
