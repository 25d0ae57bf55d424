import { type CustomerId } from '@tributary/kernel';
import { type CloudEvent, concerns, type ProfileEventType } from './cloud-event.js';

/** What a reader of the feed wants to be told; absent: all. */
export interface FeedFilter {
  readonly types?: ReadonlySet<ProfileEventType>;
  /** Only what `concerns` this customer. */
  readonly customerId?: CustomerId;
}

export const passes = ({ types, customerId }: FeedFilter, event: CloudEvent): boolean =>
  (types?.has(event.type) ?? true) && (customerId === undefined || concerns(event, customerId));
