import { type CustomerId } from '@tributary/kernel';

/** What may be subscribed to. */
export const profileEventTypes = [
  'tributary.profile.updated.v1',
  'tributary.stage.entered.v1',
  'tributary.tier.entered.v1',
  'tributary.customer.linked.v1',
  'tributary.customer.released.v1',
  'tributary.link.refused.v1',
  'tributary.course.revised.v1',
  'tributary.customer.erased.v1',
] as const;
export type ProfileEventType = (typeof profileEventTypes)[number];
export const isProfileEventType = (text: string): text is ProfileEventType =>
  (profileEventTypes as readonly string[]).includes(text);

/** A message of the topic `profile-events`, as JSON text. Without personal data. */
export interface ProfileEventMessage {
  readonly id: string;
  readonly type: ProfileEventType;
  readonly customerId: CustomerId;
  /** When it became true, ISO 8601. */
  readonly at: string;
  /** Rises per customer. */
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** CloudEvents 1.0 in JSON, with the extensions Partitioning and Sequence. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: '/tributary';
  readonly type: ProfileEventType;
  /** The customer's id. */
  readonly subject: CustomerId;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly partitionkey: CustomerId;
  /** Sixteen digits: the extension asks for text whose order is that of the events. */
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const cloudEventOf = ({ id, type, customerId, at, sequence, data }: ProfileEventMessage): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/tributary',
  type,
  subject: customerId,
  time: at,
  datacontenttype: 'application/json',
  partitionkey: customerId,
  sequence: String(sequence).padStart(16, '0'),
  data,
});
