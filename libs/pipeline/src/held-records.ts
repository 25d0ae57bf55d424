import {
  activityBytes,
  type CustomerRecord,
  customerText,
  isBlank,
  type SubjectRecord,
  subjectBytes,
} from '@tributary/domain';
import { type CustomerId, type DocumentSaid, type Instant, type SubjectId } from '@tributary/kernel';
import { type Standings } from './census.js';
import { type Remembered } from './generations.js';

/** A subject in memory. */
export interface HeldSubject extends Remembered {
  readonly id: SubjectId;
  /** `null`: there is none. */
  record: SubjectRecord | null;
  /** Of its two documents, and whether each is among those to be written. */
  version: number;
  activityVersion: number;
  isTouched: boolean;
  isActive: boolean;
}

/** A customer in memory. */
export interface HeldCustomer extends Remembered {
  readonly id: CustomerId;
  /** `null`: there is none. */
  record: CustomerRecord | null;
  version: number;
  /** Among those that changed; among those that only want to be looked at at another time. */
  isTouched: boolean;
  isRetimed: boolean;
  /** Where it stood when the last batch was settled: what the census counted. */
  counted: Standings | null;
  /** When it wants to be looked at again, as written down; `undefined`: not known here. */
  due: Instant | null | undefined;
  /** What is to be written down instead. */
  newDue: Instant | null | undefined;
  calm: Calm | null;
}

/** What need not be asked again of a customer while only behaviour comes, in order: see `decideCourse`. */
export interface Calm {
  /** The customer's last touchpoint so far. */
  readonly last: Instant;
  /** Before this instant, no touchpoint without an order can change a stage or tier. */
  readonly until: Instant;
}

/** Who it is, and what its facts say; deleted where nothing is known of it. The bytes change with the next one. */
export const subjectSaid = ({ id: key, record, version }: HeldSubject): DocumentSaid => ({
  kind: 'subject',
  key,
  version,
  body: record && !isBlank(record) ? subjectBytes(record) : null,
});

/** How often, and when; deleted where it has no touchpoint of its own. The bytes change with the next one. */
export const activitySaid = ({ id: key, record, activityVersion: version }: HeldSubject): DocumentSaid => ({
  kind: 'activity',
  key,
  version,
  body: record && record.revision >= 0 ? activityBytes(record) : null,
});

/** What was decided of it, and when it wants to be looked at again; deleted where it stands no more. */
export const customerSaid = ({ id: key, record, version, due, newDue }: HeldCustomer): DocumentSaid =>
  record
    ? {
        kind: 'customer',
        key,
        version,
        body: customerText(record),
        due_ms: (newDue === undefined ? due : newDue) ?? null,
      }
    : { kind: 'customer', key, version, body: null };
