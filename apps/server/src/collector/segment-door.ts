import { type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type Identify,
  type ParsedTouchpoint,
  parseSegment,
  parseSegmentBatch,
  type SegmentCall,
  type SegmentDoorContext,
} from '@tributary/contracts';
import { type LogRecord } from '@tributary/kernel';
import { tooLarge } from './body.js';
import { answer } from '../answer.js';
import { type Arrival, type Door } from './door.js';
import { type DoorLimits } from './door-limits.js';
import { heldSinceOf, requireUnderstood } from './held-item.js';
import { refusalFor } from './refusal-for.js';
import { asider } from './set-aside.js';

/**
 * Segment's libraries know two answers: taken, or try again. So what is understood is kept, what is not goes to the
 * channel's quarantine with its bytes and reason, and both are durable before the 200. The replay of what is held there
 * already is refused with the reason (422) instead: it is not held a second time.
 */
export const segmentDoor = (door: Door, limits: DoorLimits, identify: Identify, call: SegmentCall | 'batch') => {
  const limit_bytes = call === 'batch' ? limits.segmentBatch_bytes : limits.segmentEvent_bytes;
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const arrival = await door.arrive(request, limit_bytes, true);
    if (arrival.bytes.length > limit_bytes) throw tooLarge(limit_bytes);
    const { channel } = arrival;
    const heldSince = await heldSinceOf(request, channel, door.deps.log);
    const receivedAt = door.deps.clock.now();
    const accepted: LogRecord[] = [];
    const quarantined: LogRecord[] = [];
    const context = { channel, receivedAt, identify, ...(heldSince === undefined ? {} : { heldSince }) };
    const { calls, parse } = callsOf(arrival, call, context);
    if (heldSince !== undefined)
      requireUnderstood(calls, parse, () => door.deps.counts.touchpoints(channel, 'rejected', 1));
    const setAside = asider(arrival, call, receivedAt, 2 * limit_bytes);
    await door.turns.each(calls, (index) => {
      const outcome = parse(index);
      if (outcome.ok) accepted.push(door.recordOf(outcome.touchpoint));
      else quarantined.push(setAside(index, outcome.problem));
    });
    await door.keep(channel, accepted, quarantined);
    return answer(reply, 200, `{"success":true,"accepted":${accepted.length},"quarantined":${quarantined.length}}`);
  };
};

interface Calls {
  readonly calls: number;
  readonly parse: (index: number) => ParsedTouchpoint;
}

const callsOf = ({ body, bytes }: Arrival, call: SegmentCall | 'batch', context: SegmentDoorContext): Calls => {
  if (call !== 'batch') return { calls: 1, parse: () => parseSegment(call, body, context) };
  const parsed = parseSegmentBatch(body, context, bytes.length);
  if (parsed.ok) return parsed;
  throw refusalFor(parsed.problem, 400);
};
