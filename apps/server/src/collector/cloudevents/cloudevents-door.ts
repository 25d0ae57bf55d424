import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Identify, parseCloudEvent, type ParsedTouchpoint, type Problem } from '@tributary/contracts';
import { type LogRecord } from '@tributary/kernel';
import { Refusal } from '../../refusal.js';
import { answer } from '../../answer.js';
import { type Door } from '../door.js';
import { type DoorLimits } from '../door-limits.js';
import { heldSinceOf, requireUnderstood } from '../held-item.js';
import { handleOf, isVerbose } from '../item-answers.js';
import { heldOfRequest } from '../quarantine.js';
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
    const { events, textOf, positionOf } = await door.turns.once(() =>
      givenEvents(request.raw, bytes, limits.nativeItems),
    );
    const heldSince = await heldSinceOf(request, channel, door.deps.log);
    const receivedAt = door.deps.clock.now();
    const context = { channel, receivedAt, identify, ...(heldSince === undefined ? {} : { heldSince }) };
    const parse = (index: number): ParsedTouchpoint => parseCloudEvent(events[index], context);
    const verbose = isVerbose(request);
    const [accepted, quarantined, items]: [LogRecord[], LogRecord[], Item[]] = [[], [], []];
    if (heldSince !== undefined)
      requireUnderstood(events.length, parse, () => door.deps.counts.touchpoints(channel, 'rejected', 1));
    await door.turns.each(events.length, (index) => {
      const event = events[index];
      const outcome = parse(index);
      if (outcome.ok) {
        accepted.push(door.recordOf(outcome.touchpoint));
        if (verbose)
          items.push({ index, status: 'accepted', ...handleOf(event, 'id'), messageId: outcome.touchpoint.messageId });
        return;
      }
      const { problem: reason } = outcome;
      items.push({ index, status: 'quarantined', ...handleOf(event, 'id'), problem: reason });
      quarantined.push(
        heldOfRequest(reason, positionOf(index), heldText(textOf(index), reason, limits.heldEvent_bytes), receivedAt),
      );
    });
    await door.keep(channel, accepted, quarantined);
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
