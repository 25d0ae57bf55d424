import { type Log, type StoredRecord, type TopicPartition } from '@tributary/kernel';

/** All records of a partition from an offset on and before another. A log may answer fewer than it is asked for: it bounds a read in bytes. */
export const readRange = async (
  log: Pick<Log, 'read'>,
  { topic, partition }: TopicPartition,
  from: number,
  to: number,
): Promise<readonly StoredRecord[]> => {
  const records: StoredRecord[] = [];
  for (let next = from; next < to;) {
    const page = await log.read({ topic, partition }, next, to - next);
    const last = page[page.length - 1];
    if (!last) break;
    for (const record of page) if (record.offset < to) records.push(record);
    next = last.offset + 1;
  }
  return records;
};
