import { type BatchTaken, type CommandTaken, type CustomerEvent, type SubjectErased } from '@tributary/domain';

/** What streams hold beside facts: plain JSON, without personal data. */
export type Decision = CustomerEvent | BatchTaken | SubjectErased | CommandTaken;

const types: ReadonlySet<unknown> = new Set<Decision['type']>([
  'SubjectsLinked',
  'SubjectsReleased',
  'LinkRefused',
  'ManualLinkMade',
  'CourseAdvanced',
  'CourseRevised',
  'BatchTaken',
  'SubjectErased',
  'CommandTaken',
]);

export const encodeDecision = (decision: Decision): Uint8Array => Buffer.from(JSON.stringify(decision));

/** Throws where the bytes are no decision: the event store is the truth, so that is a fault of ours and never skipped. */
export const decodeDecision = (bytes: Uint8Array): Decision => {
  const decision = JSON.parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
  ) as Decision;
  if (!types.has(decision?.type)) throw new TypeError('an event of unknown type was read as a decision');
  return decision;
};

/** What an intake stream holds: nothing else. Throws where the bytes are anything else. */
export const decodeBatchTaken = (bytes: Uint8Array): BatchTaken => {
  const decision = decodeDecision(bytes);
  if (decision.type !== 'BatchTaken') throw new TypeError(`an intake stream holds ${decision.type}`);
  return decision;
};
