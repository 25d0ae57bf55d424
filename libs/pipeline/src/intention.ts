import { encodeDecision } from '@tributary/contracts';
import { type BatchTaken } from '@tributary/domain';
import { type Instant, type LogBatch, type NewEvent, type StoredRecord } from '@tributary/kernel';
import { type TakenBatch } from './take-batch.js';

/** What an intake stream says of a batch: which records it covers, and what became of those that have no effect. */
export const intentionOf = ({ topic, partition, records }: LogBatch, taken: TakenBatch): BatchTaken => ({
  type: 'BatchTaken',
  topic,
  partition,
  from: (records[0] as StoredRecord).offset,
  to: (records[records.length - 1] as StoredRecord).offset,
  accepted: taken.accepted,
  duplicates: taken.duplicates,
  quarantined: taken.unreadable.map(({ record }) => record.offset),
});

/**
 * The event that says so. Where several processors may take a partition, its id belongs to one attempt of one of them:
 * the same batch said by another must be a conflict, since what was read of the streams before it counts only for
 * whoever said it first.
 */
export const intakeEvent = (batch: BatchTaken, id: string, takenAt: Instant): NewEvent => ({
  id,
  type: batch.type,
  data: encodeDecision(batch),
  metadata: { recordedAt: takenAt },
});
