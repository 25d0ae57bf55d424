import { type CustomerId, type Instant, isoText, type LogRecord, type SubjectId } from '@tributary/kernel';
import { type CustomerEvent, type Transition } from '@tributary/domain';
import { type DecodedEvent } from './decoded.js';

/**
 * What downstream services are told. Without personal data: it names the customer and what changed; the profile is a
 * call away. `sequence` never falls for a customer; the messages of one decision share it.
 */
export interface FeedMessage {
  readonly id: string;
  readonly type: string;
  readonly customerId: CustomerId;
  readonly at: Instant;
  readonly recordedAt: Instant;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * Of facts whose key may be gone. Made again from such, id, type and sequence are true; what they said is not known any
   * more, nor always whose they were: that may have been said by another person's facts that are gone, too.
   */
  readonly partial?: true;
  /** It came to nothing, since whom it is of was nobody any more: never sent, but by versions that did not look. */
  readonly untold?: true;
  /** Whom such versions called absorbed, where others are. */
  readonly decidedAbsorbed?: readonly CustomerId[];
}

export { FEED_TOPIC } from '@tributary/domain';

/** Ids and types need no escaping, so only the data is stringified. */
export const feedText = ({ id, type, customerId, at, sequence, data }: FeedMessage): string =>
  `{"id":"${id}","type":"${type}","customerId":"${customerId}","at":"${isoText(at)}","sequence":${sequence},"data":${JSON.stringify(data)}}`;

/**
 * As they are sent. The bytes are views of Buffer's pool: a message is small, memory of its own for each costs more than
 * the text, and messages that share a slab are let go of together, once the log has copied them.
 */
export const feedRecords = (messages: readonly FeedMessage[]): LogRecord[] =>
  messages.map((message) => ({
    key: message.customerId,
    value: Buffer.from(feedText(message)),
    timestamp_ms: message.recordedAt,
  }));

/** One message for all the facts that one append brought. */
export const feedOfFacts = (customerId: CustomerId, events: readonly DecodedEvent[]): FeedMessage => {
  const types: Record<string, number> = {};
  let at = 0;
  let last = events[0] as DecodedEvent;
  for (const event of events) {
    last = event;
    if (event.content.kind === 'fact') {
      const { type, occurredAt } = event.content.touchpoint;
      types[type] = (types[type] ?? 0) + 1;
      if (occurredAt > at) at = occurredAt;
    } else if (event.content.kind === 'sum')
      for (const tally of event.content.sum.tallies) {
        types[tally.type] = (types[tally.type] ?? 0) + tally.times.length;
        at = Math.max(at, tally.times[tally.times.length - 1] ?? 0);
      }
  }
  return {
    id: `${last.position}`,
    type: 'tributary.profile.updated.v1',
    customerId,
    at,
    recordedAt: last.recordedAt,
    sequence: last.position,
    data: { touchpoints: types },
    ...(events.some(({ content }) => content.kind === 'unreadable') ? { partial: true as const } : {}),
  };
};

const ofTransitions = (
  customerId: CustomerId,
  transitions: readonly Transition[],
  rules: string,
  event: DecodedEvent,
): FeedMessage[] =>
  transitions.map((transition, i) => ({
    id: `${event.position}-${i}`,
    type: transition.track === 'tier' ? 'tributary.tier.entered.v1' : 'tributary.stage.entered.v1',
    customerId,
    at: transition.at,
    recordedAt: event.recordedAt,
    sequence: event.position,
    data: { track: transition.track, from: transition.from, to: transition.to, evidence: transition.evidence, rules },
  }));

/** What a decision came to, which may have been made from less than stands when it is applied. */
export interface CameTo {
  /** Customers who stand no more, now that it is applied. */
  readonly gone: readonly CustomerId[];
  /** Whether it says where somebody stands who does not any more. */
  readonly isNobody: boolean;
}

export const feedOfDecision = (decision: CustomerEvent, event: DecodedEvent, cameTo: CameTo): FeedMessage[] => {
  const messages = messagesOf(decision, event, cameTo);
  return cameTo.isNobody ? messages.map((message) => ({ ...message, untold: true })) : messages;
};

const messagesOf = (decision: CustomerEvent, event: DecodedEvent, { gone }: CameTo): FeedMessage[] => {
  const message = (customerId: CustomerId, type: string, at: Instant, data: FeedMessage['data']): FeedMessage => ({
    id: `${event.position}`,
    type,
    customerId,
    at,
    recordedAt: event.recordedAt,
    sequence: event.position,
    data,
  });
  switch (decision.type) {
    case 'SubjectsLinked':
      return [
        {
          ...message(decision.customerId, 'tributary.customer.linked.v1', decision.at, {
            subjects: decision.subjects,
            added: decision.added,
            absorbed: gone,
            rules: decision.rules,
          }),
          ...(`${gone}` === `${decision.absorbed}` ? {} : { decidedAbsorbed: decision.absorbed }),
        },
      ];
    case 'SubjectsReleased':
      return [
        message(decision.customerId, 'tributary.customer.released.v1', decision.at, {
          subjects: decision.subjects,
          released: decision.released,
          rules: decision.rules,
        }),
      ];
    case 'LinkRefused':
      return [
        message(decision.customerId, 'tributary.link.refused.v1', decision.at, {
          a: decision.a,
          b: decision.b,
          reason: decision.reason,
          identifierType: decision.identifierType,
          rules: decision.rules,
        }),
      ];
    case 'CourseAdvanced':
      return ofTransitions(decision.customerId, decision.transitions, decision.rules, event);
    case 'CourseRevised':
      return [
        message(decision.customerId, 'tributary.course.revised.v1', decision.since, {
          withdrawn: decision.withdrawn,
          transitions: decision.transitions,
          rules: decision.rules,
        }),
      ];
    case 'ManualLinkMade':
      return [];
    default:
      return decision satisfies never;
  }
};

export const feedOfErasure = (
  customerId: CustomerId,
  subject: SubjectId,
  members: readonly SubjectId[],
  event: DecodedEvent,
): FeedMessage[] => [
  {
    id: `${event.position}`,
    type: 'tributary.customer.erased.v1',
    customerId,
    at: event.recordedAt,
    recordedAt: event.recordedAt,
    sequence: event.position,
    data: { subject, members },
    partial: true,
  },
];
