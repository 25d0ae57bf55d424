import { type CustomerId, type Instant, type SubjectId } from '@tributary/kernel';
import { type ManualLink, type RefusalReason } from './identity/types.js';
import { type Transition } from './lifecycle/types.js';

/**
 * Decisions, in streams `customer-<32 hex>`; plain JSON, without personal data. Facts are in `subject-<32 hex>`, sealed.
 */
export type CustomerEvent =
  | {
      /** The customer's set of subjects grew; `absorbed` are the customers that ceased to stand alone by it. */
      readonly type: 'SubjectsLinked';
      readonly customerId: CustomerId;
      readonly subjects: readonly SubjectId[];
      readonly added: readonly SubjectId[];
      readonly absorbed: readonly CustomerId[];
      readonly at: Instant;
      /** Version of the identity rules that decided, here and below. */
      readonly rules: string;
      /** Touchpoint ids whose identifiers tie them together, newest last; at most 20. */
      readonly evidence: readonly string[];
    }
  | {
      /** Subjects left: an unmerge, a shared identifier found out, or an earlier answer revised by late evidence. */
      readonly type: 'SubjectsReleased';
      readonly customerId: CustomerId;
      readonly subjects: readonly SubjectId[];
      readonly released: readonly { readonly customerId: CustomerId; readonly subjects: readonly SubjectId[] }[];
      readonly at: Instant;
      readonly rules: string;
    }
  | {
      readonly type: 'LinkRefused';
      readonly customerId: CustomerId;
      readonly a: SubjectId;
      readonly b: SubjectId;
      readonly reason: RefusalReason;
      readonly identifierType: string | null;
      readonly touchpoint: string;
      readonly at: Instant;
      readonly rules: string;
    }
  | {
      readonly type: 'ManualLinkMade';
      readonly kind: ManualLink['kind'];
      readonly a: SubjectId;
      readonly b: SubjectId;
      readonly at: Instant;
      readonly commandId: string;
      readonly by: string;
      readonly reason: string;
    }
  | {
      /** The course went on: these transitions came after those already recorded. */
      readonly type: 'CourseAdvanced';
      readonly customerId: CustomerId;
      readonly transitions: readonly Transition[];
      /** Version of the lifecycle rules that decided. */
      readonly rules: string;
      /** Ids of the facts after which it was decided, at most 20; none where time, or a change of its subjects, was the cause. */
      readonly because: readonly string[];
    }
  | {
      /**
       * A late fact, a merge or an unmerge changed what had been recorded: from `since` on, these hold instead. A long one takes
       * several events: those behind the first withdraw nothing, and go on behind it.
       */
      readonly type: 'CourseRevised';
      readonly customerId: CustomerId;
      readonly since: Instant;
      /** How many transitions, the last ones recorded, hold no more. */
      readonly withdrawn: number;
      readonly transitions: readonly Transition[];
      readonly rules: string;
      readonly because: readonly string[];
    };

/** In streams `intake-<topic>-<partition>`: which log records a batch covered, and which of them had no effect. */
export interface BatchTaken {
  readonly type: 'BatchTaken';
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  /** When the platform accepted the record at `to`: another log holds another one there. Absent in events of older programs. */
  readonly toAt?: number;
  readonly accepted: number;
  /** Offsets of records whose message id had been seen before. */
  readonly duplicates: readonly number[];
  /** Offsets of records that could not be understood and went to quarantine. */
  readonly quarantined: readonly number[];
}

/**
 * In a subject's stream, plain: everything before it is gone with its key, as is what others said of the subject and what
 * was decided under its name.
 */
export interface SubjectErased {
  readonly type: 'SubjectErased';
  readonly subject: SubjectId;
  /**
   * All subjects of the customer that was erased. Each has such an event; not in older folders those that had no touchpoints
   * of their own.
   */
  readonly members: readonly SubjectId[];
  readonly at: Instant;
  readonly commandId: string;
}

/**
 * In streams `command-<id>`: what a command comes to, said before its parts are carried out in the streams of those
 * concerned, so that a crash in between is completed and a repeat does nothing. Used where engines share no transaction.
 */
export interface CommandTaken {
  readonly type: 'CommandTaken';
  readonly commandId: string;
  /** JSON of the answer to whoever ordered it. */
  readonly outcome: string;
  readonly links: readonly Extract<CustomerEvent, { type: 'ManualLinkMade' }>[];
  readonly erased: readonly SubjectErased[];
  /** Ids of the keys that go with whom it erases; absent where they went before it was said. */
  readonly keys?: readonly string[];
}
