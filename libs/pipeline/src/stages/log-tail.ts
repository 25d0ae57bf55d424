import { type Log, type PartitionRange, type StoredRecord } from '@tributary/kernel';
import { readRange } from '../read-range.js';

/** Each may be large. */
const PAGE = 200;

/**
 * Records of a partition from its end backwards, newest first, until `enough` says so. The partition's end may be
 * followed by offsets that hold no record (markers of transactions), so it is read by ranges.
 */
export const readBack = async (
  log: Log,
  { topic, partition, begin, end }: PartitionRange,
  enough: (record: StoredRecord) => boolean,
): Promise<readonly StoredRecord[]> => {
  const found: StoredRecord[] = [];
  for (let until = end; until > begin; until = Math.max(begin, until - PAGE)) {
    const from = Math.max(begin, until - PAGE);
    const records = await readRange(log, { topic, partition }, from, until);
    for (let i = records.length - 1; i >= 0; i--) {
      const record = records[i] as StoredRecord;
      if (enough(record)) return found;
      found.push(record);
    }
  }
  return found;
};
