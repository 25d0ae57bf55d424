import { type CustomerId, type SubjectId, type TopicPartition } from '@tributary/kernel';
import { channelOf } from './topics.js';

/*
 * Streams of the event store by name: the one place that says them, since who appends and who reads must agree. A name
 * begins with its kind; all streams of a kind can be read together, in the order of positions (`EventStore.readAll`).
 */

/** Facts of one subject, sealed. */
export const SUBJECT_STREAMS = 'subject-';
/** Decisions on one customer, plain. */
export const CUSTOMER_STREAMS = 'customer-';
/** Facts of a partition that name nobody, sealed. */
export const ANONYMOUS_STREAMS = 'anonymous-';
/** What was taken of a partition of the log: `BatchTaken`. */
export const INTAKE_STREAMS = 'intake-';
/** What a command comes to: `CommandTaken`. */
export const COMMAND_STREAMS = 'command-';

export const subjectStream = (subject: SubjectId): string => `${SUBJECT_STREAMS}${subject.slice(2)}`;
export const customerStream = (customer: CustomerId): string => `${CUSTOMER_STREAMS}${customer.slice(2)}`;
export const intakeStream = (topic: string, partition: number): string => `${INTAKE_STREAMS}${topic}-${partition}`;
/** Only the partition's own batches write there. */
export const anonymousStream = ({ topic, partition }: TopicPartition): string =>
  `${ANONYMOUS_STREAMS}${channelOf(topic)}-${partition}`;
/** `CommandTaken`, alone. */
export const commandStream = (commandId: string): string => `${COMMAND_STREAMS}${commandId}`;

/** Whose facts a stream holds; `null`: nobody's. */
export const subjectOfStream = (stream: string): SubjectId | null =>
  stream.startsWith(SUBJECT_STREAMS) ? (`s_${stream.slice(SUBJECT_STREAMS.length)}` as SubjectId) : null;
/** On whom a stream's decisions are; `null`: it holds none. */
export const customerOfStream = (stream: string): CustomerId | null =>
  stream.startsWith(CUSTOMER_STREAMS) ? (`c_${stream.slice(CUSTOMER_STREAMS.length)}` as CustomerId) : null;
