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
  /** Never falls for a customer; the messages of one decision share it, so `id` alone tells them apart. */
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** CloudEvents 1.0 in JSON, with the extensions Partitioning and Sequence. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: typeof SOURCE;
  readonly type: ProfileEventType;
  /** The customer's id. */
  readonly subject: CustomerId;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly partitionkey: CustomerId;
  /** As `sequenceText` writes it. */
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const SOURCE = '/tributary';

/** Sixteen digits: the extension Sequence asks for text whose order is that of the events. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(16, '0');

export const cloudEventOf = ({ id, type, customerId, at, sequence, data }: ProfileEventMessage): CloudEvent => ({
  specversion: '1.0',
  id,
  source: SOURCE,
  type,
  subject: customerId,
  time: at,
  datacontenttype: 'application/json',
  partitionkey: customerId,
  sequence: sequenceText(sequence),
  data,
});

/** Whether it concerns a customer: what is told of it, and that another takes it in or lets it go, which that one is told. */
export const concerns = ({ type, subject, data }: CloudEvent, id: CustomerId): boolean => {
  if (subject === id) return true;
  if (type === 'tributary.customer.linked.v1') return (data['absorbed'] as readonly CustomerId[]).includes(id);
  if (type === 'tributary.customer.released.v1')
    return (data['released'] as readonly { customerId: CustomerId }[]).some((group) => group.customerId === id);
  return false;
};
