import { hash } from 'node:crypto';
import { type TouchpointType } from '@tributary/domain';
import { type Instant } from '@tributary/kernel';
import { parseInstant } from '../door/instant.js';
import { type Problem, Refusal, refuse } from '../door/problem.js';
import { isRecord } from '../door/record.js';
import { isInvalidIdentifier, type Identify } from '../identifiers/identify.js';
import { campaignOf, pathOf, type Said, trackSaid } from './commerce.js';
import { firstText, part, textOf } from './loose.js';
import { statedCompany, statedTraits } from './traits.js';

export const segmentCalls = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type SegmentCall = (typeof segmentCalls)[number];

export interface SegmentContext {
  readonly receivedAt: Instant;
  /** When it came for the first time, if it was held since: the clock of its sender is corrected by that moment. */
  readonly heldSince?: Instant;
  readonly identify: Identify;
  /** Of orders that state none. Default USD, as Segment has it. */
  readonly defaultCurrency?: string;
}

/** What `parseTouchpoint` reads; nothing in it is validated yet. */
export interface NativeEnvelope {
  readonly type: TouchpointType;
  readonly messageId: string;
  readonly occurredAt: string | number;
  readonly identifiers: readonly { readonly type: string; readonly value: string }[];
  readonly payload: Readonly<Record<string, unknown>>;
}

export type SegmentOutcome =
  { readonly ok: true; readonly envelope: NativeEnvelope } | { readonly ok: false; readonly problem: Problem };

/**
 * Maps one call of Segment's tracking API to a native envelope. A call without `messageId` (Segment's libraries always
 * send one) gets an id from the hash of its content, so that a repeated request is one touchpoint; so are then two
 * calls that say exactly the same, timestamp included.
 */
export const fromSegment = (call: SegmentCall, body: unknown, context: SegmentContext): SegmentOutcome => {
  try {
    if (!isRecord(body)) return refuse('', 'wrong_type', body, 'a JSON object', 'Send one call as an object.');
    return { ok: true, envelope: envelopeOf(call, body, context) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
};

type Body = Readonly<Record<string, unknown>>;

const envelopeOf = (
  call: SegmentCall,
  body: Body,
  { receivedAt, heldSince = receivedAt, identify, defaultCurrency = 'USD' }: SegmentContext,
): NativeEnvelope => {
  const messageId = textOf(body['messageId']) ?? contentId(call, body);
  const { type, payload } = said(call, body, messageId, defaultCurrency);
  return {
    type,
    messageId,
    occurredAt: occurredAt(body, heldSince),
    identifiers: identifiersOf(call, body, identify),
    payload,
  };
};

const contentId = (call: SegmentCall, body: Body): string => {
  // A retry is sent anew at another time.
  const { sentAt: _sentAt, ...content } = body;
  return `segment-${hash('sha256', `${call}\0${JSON.stringify(content)}`, 'hex').slice(0, 32)}`;
};

/**
 * By so much a request may have been on its way, and not the clock of its sender be wrong. Who would correct by the way's own
 * length would tell what one sender did in another order, and put what is dated by its day into the day before.
 */
const onItsWay_ms = 10_000;

/**
 * Event time, corrected for the producer's clock where that is off: what passed between the event and its sending, by that
 * clock, has passed by ours, too. A call that carries both `originalTimestamp` and `timestamp` was corrected before.
 */
const occurredAt = (body: Body, arrivedAt: Instant): string | number => {
  const { timestamp, originalTimestamp, sentAt } = body;
  const stated = timestamp ?? originalTimestamp;
  if (stated === undefined || stated === null) return arrivedAt;
  const corrected = timestamp != null && originalTimestamp != null;
  const original = instantOf(stated);
  const sent = instantOf(sentAt);
  // What cannot be read goes on as it is: the door says what is wrong with it.
  if (corrected || sent === undefined || original === undefined) return stated as string | number;
  if (Math.abs(arrivedAt - sent) <= onItsWay_ms) return original;
  return arrivedAt - (sent - original);
};

const instantOf = (value: unknown): Instant | undefined => {
  const instant = typeof value === 'string' ? parseInstant(value) : value;
  return typeof instant === 'number' ? instant : undefined;
};

const identifiersOf = (call: SegmentCall, body: Body, identify: Identify): NativeEnvelope['identifiers'] => {
  const context = part(body['context']);
  const identifiers: { type: string; value: string }[] = [];
  const name = (type: string, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined) identifiers.push({ type, value: text });
  };
  // Traits are what people typed: what is no address or number there stays a trait and identifies nobody.
  const nameIfValid = (type: string, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined && !isInvalidIdentifier(identify(type, text))) identifiers.push({ type, value: text });
  };
  name('user_id', body['userId']);
  name('anonymous_id', body['anonymousId']);
  // The id that alias says was this user's before signing in. It may be another account's instead, and the call does not
  // tell; as a user id it would tie nobody (a customer has one), but could be what the touchpoint is filed under.
  if (call === 'alias') name('anonymous_id', body['previousId']);
  nameIfValid('device', part(context['device'])['id']);
  for (const traits of call === 'identify'
    ? [part(body['traits']), part(context['traits'])]
    : [part(context['traits'])]) {
    nameIfValid('email', traits['email']);
    nameIfValid('phone', traits['phone']);
  }
  if (identifiers.length === 0)
    refuse(
      'userId',
      'missing',
      body['userId'],
      'userId or anonymousId',
      'State who it was; libraries of Segment send an anonymousId by themselves.',
    );
  return identifiers;
};

const said = (call: SegmentCall, body: Body, messageId: string, defaultCurrency: string): Said => {
  const properties = part(body['properties']);
  const context = part(body['context']);
  switch (call) {
    case 'identify':
      return {
        type: 'traits_stated',
        payload: { ...statedTraits(body['traits'], context['traits'], context['timezone']) },
      };
    case 'group':
      return { type: 'traits_stated', payload: { ...statedCompany(body['groupId'], body['traits']) } };
    case 'alias':
      if (textOf(body['previousId']) === undefined)
        refuse('previousId', 'missing', body['previousId'], 'the id used before', 'State previousId and userId.');
      if (textOf(body['userId']) === undefined)
        refuse('userId', 'missing', body['userId'], 'the id used from now on', 'State previousId and userId.');
      return { type: 'traits_stated', payload: { traits: {}, interests: [] } };
    case 'page':
    case 'screen': {
      const name = textOf(body['name']);
      return {
        type: 'page_viewed',
        payload: {
          path: call === 'page' ? pathOf(properties, context, name ?? '/') : (name ?? pathOf(properties, context, '/')),
          title: firstText(properties['title'], name),
          productId: firstText(properties['product_id'], properties['productId']),
          category: firstText(body['category'], properties['category']),
          campaign: campaignOf(context),
        },
      };
    }
    case 'track': {
      const event = textOf(body['event']);
      if (event === undefined)
        return refuse(
          'event',
          'missing',
          body['event'],
          'the name of the event',
          'State event, such as "Order Completed".',
        );
      return trackSaid({ event, properties, context, messageId, defaultCurrency });
    }
  }
};
