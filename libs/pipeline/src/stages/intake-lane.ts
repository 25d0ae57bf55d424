import { decodeBatchTaken } from '@tributary/contracts';
import { type BatchTaken, intakeStream } from '@tributary/domain';
import {
  EngineError,
  type EventStore,
  type Instant,
  type Log,
  type LogBatch,
  partitionName,
  type SeenMark,
  type TopicPartition,
} from '@tributary/kernel';
import { readRange } from '../read-range.js';
import { lastEventOf } from '../stream-tail.js';

/** How far a partition has been taken, by its intake stream. */
export interface Lane {
  /** Of the intake stream; -1: nothing was taken yet. */
  readonly revision: number;
  /** Offset of the last record that was taken. */
  readonly to: number;
  /** When that was. */
  readonly takenAt: Instant;
  /** By which the memory of message ids tells that it still knows that batch; absent: a program took it that set none. */
  readonly mark?: SeenMark;
}

/**
 * Stands with the message ids of a batch, in the memory before anything is said of it: where it is missing, so are they. The mark of the
 * day does not tell of that in a memory that was set back to an older state of the same day (restored from a backup, or without
 * its last second after a crash).
 */
export const batchMark = (at: TopicPartition, to: number): SeenMark => {
  const place = `${partitionName(at)}/${to}`;
  return { key: `taken/${place}`, at: place };
};

/** A batch that somebody said would be taken; whether all of it was done is not known. */
export interface Intention {
  readonly revision: number;
  readonly position: number;
  readonly batch: BatchTaken;
  readonly takenAt: Instant;
}

export const lastIntention = async (events: EventStore, at: TopicPartition): Promise<Intention | undefined> => {
  const last = await lastEventOf(events, intakeStream(at.topic, at.partition));
  if (!last) return undefined;
  const { revision, position, data, metadata } = last;
  return { revision, position, batch: decodeBatchTaken(data), takenAt: metadata.recordedAt };
};

/** The very records that an intention covers, as far as the log still holds them: what its retention dropped is missing at the front. */
export const recordsOf = async (log: Log, { topic, partition, from, to }: BatchTaken): Promise<LogBatch> => {
  const records = await readRange(log, { topic, partition }, from, to + 1);
  if (records[0]?.offset === from && records[records.length - 1]?.offset === to)
    return { topic, partition, records, end: to + 1 };
  const begin = (await log.partitions(topic))[partition]?.begin ?? 0;
  if (begin <= from || (begin <= to && records[records.length - 1]?.offset !== to))
    throw new EngineError('log', 'fatal', `${topic}/${partition} lost ${from}-${to} before that batch was completed`);
  return { topic, partition, records, end: to + 1 };
};
