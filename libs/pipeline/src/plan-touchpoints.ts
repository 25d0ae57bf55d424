import { behaviourSummed, encodeBehaviourSum, seal } from '@tributary/contracts';
import {
  type EventMetadata,
  type Instant,
  type LogAppend,
  type LogRecord,
  type SubjectId,
  type SubjectKey,
  type TopicPartition,
} from '@tributary/kernel';
import { channelOf, quarantineTopic } from './ports.js';
import { type BehaviourSums, type SubjectShare, type Taken, type Unreadable } from './take-batch.js';
import { decisionId, type PlannedEvent } from './unit.js';

/** What an event's data becomes before it is stored, and what its metadata then says of that. */
export interface Sealed {
  readonly seal: (plain: Uint8Array) => Uint8Array;
  readonly says: Pick<EventMetadata, 'keyId'>;
}

export const sealedWith = (key: SubjectKey): Sealed => ({
  seal: (plain) => seal(key, plain),
  says: { keyId: key.keyId },
});

/** By the engine, which knows the key. */
export const sealedLater: Sealed = { seal: (plain) => plain, says: {} };

/** Facts as they came, then one event for all the rest. The same records give the same event ids. */
export const shareEvents = (
  subject: SubjectId,
  { facts, behaviour }: SubjectShare,
  sealed: Sealed,
  from: TopicPartition,
): PlannedEvent[] => {
  const events = facts.map((taken) => factEvent(taken, sealed, from));
  if (behaviour) events.push(sumEvent(subject, behaviour, sealed, from));
  return events;
};

export const factEvent = (
  { touchpoint, id, record }: Taken,
  { seal, says }: Sealed,
  { topic, partition }: TopicPartition,
): PlannedEvent => ({
  event: {
    id,
    type: touchpoint.type,
    data: seal(record.value),
    metadata: {
      recordedAt: touchpoint.receivedAt,
      ...says,
      source: { topic, partition, offset: record.offset },
    },
  },
  content: { kind: 'fact', touchpoint },
});

const sumEvent = (
  subject: SubjectId,
  sums: BehaviourSums,
  { seal, says }: Sealed,
  { topic, partition }: TopicPartition,
): PlannedEvent => {
  const sum = sums.sum();
  return {
    event: {
      id: decisionId(`${subject}/${topic}/${partition}/${sum.firstOffset}`, sum.lastOffset),
      type: behaviourSummed,
      data: seal(encodeBehaviourSum(sum)),
      metadata: {
        recordedAt: sums.receivedAt,
        ...says,
        source: { topic, partition, offset: sum.lastOffset },
      },
    },
    content: { kind: 'sum', sum },
  };
};

/** `topic/partition/offset` of the record: by it a quarantined one is known again. */
export const placeOf = ({ topic, partition }: TopicPartition, offset: number): string =>
  `${topic}/${partition}/${offset}`;

/** What could not be understood, with its bytes, for whoever repairs it. */
export const quarantineOf = (
  from: TopicPartition,
  unreadable: readonly Unreadable[],
  now: Instant,
): readonly LogAppend[] =>
  unreadable.length === 0
    ? []
    : [
        {
          topic: quarantineTopic(channelOf(from.topic)),
          records: unreadable.map(({ record, reason }) => quarantineRecord(from, record, reason, now)),
        },
      ];

const quarantineRecord = (
  from: TopicPartition,
  record: Unreadable['record'],
  reason: string,
  now: Instant,
): LogRecord => ({
  key: null,
  timestamp_ms: now,
  value: new TextEncoder().encode(
    JSON.stringify({
      reason: {
        code: 'undecodable',
        field: '',
        found: `a log record of ${record.value.length} bytes: ${reason}`,
        expected: 'a touchpoint in the wire format of the catalogue',
        remedy: 'register its schema, or have the producer send it through a door',
      },
      receivedAt: new Date(record.timestamp_ms).toISOString(),
      origin: 'log',
      position: placeOf(from, record.offset),
      bytes: Buffer.from(record.value).toString('base64'),
    }),
  ),
});
