import { encodeDecision } from '@tributary/contracts';
import { type BatchTaken } from '@tributary/domain';
import { type Instant, type LogBatch, type NewEvent, type StoredRecord } from '@tributary/kernel';
import { type TakenTally } from './take-batch.js';

/** What an intake stream says of a batch: which records it covers, and what became of those that have no effect. */
export const intentionOf = (batch: LogBatch, { duplicates, unreadable }: TakenTally): BatchTaken =>
  said(
    batch,
    duplicates,
    unreadable.map(({ record }) => record.offset),
  );

/**
 * So many records are said together, at most, where a batch is committed in one step and may be a large one: what is said
 * together is also loaded into the warehouse as one, and held in memory for it.
 */
const SAID_RECORDS = 20_000;

/** As `intentionOf`, in parts. */
export const intentionsOf = (batch: LogBatch, { duplicates, unreadable }: TakenTally): BatchTaken[] => {
  const quarantined = unreadable.map(({ record }) => record.offset);
  const parts: BatchTaken[] = [];
  for (let from = 0; from < batch.records.length; from += SAID_RECORDS) {
    const records = batch.records.slice(from, from + SAID_RECORDS);
    const [first, last] = endsOf(records);
    const isHere = (offset: number): boolean => offset >= first && offset <= last;
    parts.push(said({ ...batch, records }, duplicates.filter(isHere), quarantined.filter(isHere)));
  }
  return parts;
};

const said = (
  { topic, partition, records }: LogBatch,
  duplicates: readonly number[],
  quarantined: readonly number[],
): BatchTaken => {
  const [from, to] = endsOf(records);
  const toAt = (records[records.length - 1] as StoredRecord).timestamp_ms;
  const accepted = records.length - duplicates.length - quarantined.length;
  return { type: 'BatchTaken', topic, partition, from, to, toAt, accepted, duplicates, quarantined };
};

const endsOf = (records: readonly StoredRecord[]): [first: number, last: number] => [
  (records[0] as StoredRecord).offset,
  (records[records.length - 1] as StoredRecord).offset,
];

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
