import { type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type CloudEventContext,
  type Identify,
  parseCloudEvent,
  type ParsedTouchpoint,
  type Problem,
} from '@tributary/contracts';
import { type LogRecord } from '@tributary/kernel';
import { Refusal } from '../../refusal.js';
import { answer, type Door } from '../door.js';
import { type DoorLimits } from '../door-limits.js';
import { heldItemOf, requireUnderstood } from '../held-item.js';
import { isVerbose } from '../native-door.js';
import { quarantineRecord } from '../quarantine.js';
import { inTurns } from '../turns.js';
import { givenEvents } from './given-events.js';

type Item =
  | { readonly index: number; readonly status: 'accepted'; readonly id?: string; readonly messageId: string }
  | { readonly index: number; readonly status: 'quarantined'; readonly id?: string; readonly problem: Problem };

/**
 * `POST /v1/cloudevents`: events in binary, structured or batched mode. Who delivers them is most often a broker that sends
 * again what is not answered with 2xx: so each that is understood is kept, each that is not goes to the channel's
 * quarantine with its reason, which the answer tells, too; and both are durable before the 200. A request that cannot be
 * read is no event, and is refused.
 */
export const cloudEventsDoor =
  (door: Door, limits: DoorLimits, identify: Identify) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { channel, bytes } = await door.receive(request, limits.native_bytes);
    const { events, textOf, positionOf } = givenEvents(request.raw, bytes, limits.nativeItems);
    const held = await heldItemOf(request, channel, door.deps.log);
    const receivedAt = door.deps.clock.now();
    const context = { channel, receivedAt, identify, ...(held ? { heldSince: Date.parse(held.receivedAt) } : {}) };
    const verbose = isVerbose(request);
    const [accepted, quarantined, items]: [LogRecord[], LogRecord[], Item[]] = [[], [], []];
    if (held) requireUnderstood(parsed(events, context), () => door.deps.counts.touchpoints(channel, 'rejected', 1));
    await inTurns(events.length, (index) => {
      const event = events[index];
      const outcome = parseCloudEvent(event, context);
      if (outcome.ok) {
        accepted.push(door.recordOf(outcome.touchpoint));
        if (verbose) items.push({ index, status: 'accepted', ...idOf(event), messageId: outcome.touchpoint.messageId });
        return;
      }
      const { problem: reason } = outcome;
      items.push({ index, status: 'quarantined', ...idOf(event), problem: reason });
      quarantined.push(
        quarantineRecord(
          {
            reason,
            receivedAt: new Date(receivedAt).toISOString(),
            origin: 'http',
            position: positionOf(index),
            bytes: heldText(textOf(index), reason, limits.heldEvent_bytes).toString('base64'),
          },
          receivedAt,
        ),
      );
    });
    await door.keep(channel, accepted, quarantined);
    if (accepted.length > 0) door.deps.counts.touchpoints(channel, 'accepted', accepted.length);
    if (quarantined.length > 0) door.deps.counts.touchpoints(channel, 'quarantined', quarantined.length);
    return answer(reply, 200, JSON.stringify({ accepted: accepted.length, quarantined: quarantined.length, items }));
  };

const heldText = (text: Buffer, { field }: Problem, limit_bytes: number): Buffer => {
  if (text.length <= limit_bytes) return text;
  throw new Refusal(
    413,
    'event_too_large',
    `an event is not understood, and with more than ${limit_bytes} bytes too large to be held; nothing was accepted`,
    'mend it, or leave it out',
    field,
  );
};

/** No more than show whether it is one: a replay of many is refused, however many. */
const parsed = (events: readonly unknown[], context: CloudEventContext): readonly ParsedTouchpoint[] =>
  events.slice(0, 2).map((event) => parseCloudEvent(event, context));

/** Quoted back only if it is a short text: it is the producer's handle on its own event. */
const idOf = (event: unknown): { id?: string } => {
  const id = typeof event === 'object' && event !== null ? (event as { id?: unknown }).id : undefined;
  return typeof id === 'string' && id.length <= 256 ? { id } : {};
};
