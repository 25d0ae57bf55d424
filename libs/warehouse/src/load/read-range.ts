import { EngineError, type Log, partitionName, type StoredRecord } from '@tributary/kernel';
import { type BatchTaken } from '@tributary/domain';

const READ_AT_ONCE = 10_000;

/**
 * The records that a batch accepted. Some may be gone: the log's retention is bounded. Throws where others lie in their place, since
 * the log was set back to an older state: a row of theirs would tell of what was never taken.
 */
export const readRange = async (
  log: Pick<Log, 'read' | 'partitions'>,
  batch: BatchTaken,
): Promise<readonly StoredRecord[]> => {
  const left = new Set<number>([...batch.duplicates, ...batch.quarantined]);
  const accepted: StoredRecord[] = [];
  let from = batch.from;
  while (from <= batch.to) {
    const records = await log.read(batch, from, Math.min(READ_AT_ONCE, batch.to - from + 1));
    for (const record of records) {
      if (record.offset > batch.to) return accepted;
      if (record.offset === batch.to && (batch.toAt ?? record.timestamp_ms) !== record.timestamp_ms)
        throw notTheRecords(batch);
      if (!left.has(record.offset)) accepted.push(record);
    }
    const last = records[records.length - 1];
    if (last === undefined) {
      // What retention drops leaves the end where it was; a log that has not grown so far again holds others before it.
      const range = (await log.partitions(batch.topic)).find(({ partition }) => partition === batch.partition);
      if (!range || range.end <= batch.to) throw notTheRecords(batch);
      break;
    }
    from = last.offset + 1;
  }
  return accepted;
};

const notTheRecords = (batch: BatchTaken): EngineError =>
  new EngineError('log', 'fatal', `${partitionName(batch)} holds other records up to ${batch.to} than were taken`);
