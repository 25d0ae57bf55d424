import { EngineError } from '../errors.js';

/**
 * The log: partitioned, append-only, ordered within a partition, re-readable, of bounded retention.
 * Kafka is the measure: what it cannot promise (a transaction with other stores, an offset known in advance, a record
 * deleted by key at once) is not asked of anyone. Offsets rise within a partition and may have gaps.
 */
export interface LogRecord {
  /** Same key, same partition; `null` spreads. */
  readonly key: string | null;
  readonly value: Uint8Array;
  /** Milliseconds; the time at which the platform accepted the record. */
  readonly timestamp_ms: number;
}

export interface StoredRecord extends LogRecord {
  readonly offset: number;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** How long a record is kept at least; absent: for ever. */
  readonly retention_ms?: number;
  /** Keep only the newest record of each key. */
  readonly compacted?: boolean;
}

export interface LogAppend {
  readonly topic: string;
  readonly records: readonly LogRecord[];
}

/** A run of records of one partition, in order. Never empty. */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  /** The offset after the partition's last record, when this batch was read. */
  readonly end: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `topic/partition`: by it a partition is told from all others, in maps and in messages to people. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export interface PartitionRange extends TopicPartition {
  /** First offset still held. */
  readonly begin: number;
  /** Offset after the last record. */
  readonly end: number;
}

/** Offsets that may have been records; nobody can tell any more how many were. */
export interface GoneRecords extends TopicPartition {
  readonly from: number;
  /** The first that is still held. */
  readonly to: number;
}

/** A batch whose handler is done with it, and whose effect is on its way. */
export interface OnItsWay {
  /** Rejects when the effect was refused: the consumption ends as if the handler had thrown that. */
  readonly durable: Promise<void>;
}

export interface Consumption {
  /** Names the consumer group: each partition goes to one member of it at a time. */
  readonly group: string;
  readonly topics: readonly string[];
  /** At most so many records in a batch. */
  readonly maxRecords: number;
  /**
   * At most so many, of all partitions together, are read and not yet done with; others wait for their turn. Absent: as many as
   * the partitions hold batches. An engine that bounds in bytes what it reads ahead need not look at it.
   */
  readonly maxInHand?: number;
  /**
   * Where to begin on a partition that was just assigned: the sink's own position, which is the truth.
   * `undefined`: the group's committed offset, else the beginning. Beyond the partition's end it is another log's: then the
   * consumption fails for good, and no offset moves. What comes in up to there would else be passed over in silence.
   */
  startAt?(partition: TopicPartition): Promise<number | undefined>;
  /** Told when what was to be read next is no longer held: retention was quicker, and reading goes on behind it. */
  onGone?(gone: GoneRecords): void;
  /**
   * Called with one batch at a time per partition. When it resolves, the batch has had its durable effect and the
   * group's offset may move past it. When it rejects, the consumption stops and `done` rejects with the same error.
   *
   * It may resolve to what is on its way: then the next batch may be handed over at once (or later: an engine is free to
   * wait), the offset moves when that is durable, and nothing is given back or stopped before.
   */
  onBatch(batch: LogBatch): Promise<void | OnItsWay>;
}

export interface RunningConsumption {
  /** Resolves after `stop`; rejects when the handler or the engine failed for good. */
  readonly done: Promise<void>;
  /** Finishes the batch in hand, then stops. */
  stop(): Promise<void>;
}

export interface Log {
  /** Creates what is missing; raises nothing for what exists. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Resolves when every record is durable. Order is kept among the records of one call with the same key. */
  append(appends: readonly LogAppend[]): Promise<void>;
  /** At most `maxRecords` from `from` on (or from the first still held); empty at the end. */
  read(at: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]>;
  partitions(topic: string): Promise<readonly PartitionRange[]>;
  /** The group's committed offset (the next to read), if any. */
  committed(group: string, at: TopicPartition): Promise<number | undefined>;
  consume(consumption: Consumption): RunningConsumption;
  /** Drops what lies before `offset`, for good: its bytes are gone from the engine's files when this resolves (embedded). */
  truncate(at: TopicPartition, before: number): Promise<void>;
}

/** For engines that hand over the next batch only then. */
export const untilDurable = async (handled: Promise<void | OnItsWay>): Promise<void> => (await handled)?.durable;

/** Why a consumption does not begin behind the partition's end. */
export const neverReached = (engine: string, at: TopicPartition, end: number, position: number): EngineError =>
  new EngineError(
    engine,
    'fatal',
    `${partitionName(at)} ends at ${end}, but was read up to ${position}: records were lost, or this is another log`,
  );
