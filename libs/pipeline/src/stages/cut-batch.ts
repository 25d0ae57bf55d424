import { type StoredRecord } from '@tributary/kernel';

/** Event stores bound an append (EventStoreDB: 1 MiB by default), and all that a batch has of one subject is one append. */
const SHARE_BYTES = 512 * 1024;

/** The first records of a batch, as many as leave every key's share small enough for one append. Never none. */
export const firstPart = (records: readonly StoredRecord[]): readonly StoredRecord[] => {
  const bytes = new Map<string | null, number>();
  for (let i = 0; i < records.length; i++) {
    const { key, value } = records[i] as StoredRecord;
    const sum = (bytes.get(key) ?? 0) + value.length;
    if (i > 0 && sum > SHARE_BYTES) return records.slice(0, i);
    bytes.set(key, sum);
  }
  return records;
};
