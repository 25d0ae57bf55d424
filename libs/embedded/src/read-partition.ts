import { type StoredRecord } from '@tributary/kernel';
import { readRecords } from './segment.js';
import { type Reads } from './store-reader.js';

/** The records of a partition from an offset on, at most so many; an offset below the first that is kept: from there. */
export const readPartition = async (
  reads: Reads,
  id: number,
  from: number,
  maxRecords: number,
): Promise<readonly StoredRecord[]> => {
  const records: StoredRecord[] = [];
  if (maxRecords <= 0) return records;
  const begin = Math.max(0, from);
  for (const segment of await reads.segments(id, begin, maxRecords)) {
    if (records.length >= maxRecords) break;
    readRecords(segment, begin, maxRecords - records.length, records);
  }
  return records;
};
