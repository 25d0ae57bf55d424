import { type BehaviourSum } from '@tributary/contracts';
import {
  type AnyTouchpoint,
  type BatchTaken,
  type CommandTaken,
  type CustomerEvent,
  type SubjectErased,
} from '@tributary/domain';
import { type Instant } from '@tributary/kernel';

/** What an event says, in clear. */
export type Content =
  | { readonly kind: 'fact'; readonly touchpoint: AnyTouchpoint }
  | { readonly kind: 'sum'; readonly sum: BehaviourSum }
  | { readonly kind: 'decision'; readonly decision: CustomerEvent }
  | { readonly kind: 'intake'; readonly batch: BatchTaken }
  | { readonly kind: 'command'; readonly command: CommandTaken }
  | { readonly kind: 'erased'; readonly erased: SubjectErased }
  /** Sealed with a key that is not there: where that was destroyed it says nothing any more. */
  | { readonly kind: 'unreadable'; readonly keyId: string };

export interface DecodedEvent {
  readonly id: string;
  readonly revision: number;
  readonly position: number;
  readonly recordedAt: Instant;
  readonly content: Content;
}

/** One append (all its events share a stream) as a projection sees it: from the pipeline's hands, or read back. */
export interface DecodedAppend {
  readonly stream: string;
  readonly events: readonly DecodedEvent[];
}
