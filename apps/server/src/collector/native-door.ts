import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Identify, parseTouchpoint, type Problem } from '@tributary/contracts';
import { type LogRecord } from '@tributary/kernel';
import { invalid, Refusal } from '../refusal.js';
import { answer } from '../answer.js';
import { type Door } from './door.js';
import { type DoorLimits } from './door-limits.js';
import { handleOf, isVerbose } from './item-answers.js';

type Item =
  | { readonly index: number; readonly status: 'accepted'; readonly messageId: string }
  | { readonly index: number; readonly status: 'rejected'; readonly messageId?: string; readonly problem: Problem };

/**
 * `POST /v1/touchpoints`: envelopes of one channel. What is right is kept whatever stands beside it; the answer lists
 * what is not, item by item (all of them with `?verbose`). A request of which nothing could be kept is a 422.
 */
export const nativeDoor =
  (door: Door, limits: DoorLimits, identify: Identify) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { channel, body } = await door.arrive(request, limits.native_bytes);
    const envelopes = envelopesOf(body);
    if (envelopes.length > limits.nativeItems)
      throw new Refusal(
        413,
        'too_many_items',
        `more than ${limits.nativeItems} touchpoints in one request`,
        'send smaller batches',
        'touchpoints',
      );
    const context = { channel, receivedAt: door.deps.clock.now(), identify };
    const verbose = isVerbose(request);
    const records: LogRecord[] = [];
    const items: Item[] = [];
    let rejected = 0;
    await door.turns.each(envelopes.length, (index) => {
      const understood = parseTouchpoint(envelopes[index], context);
      if (understood.ok) {
        records.push(door.recordOf(understood.touchpoint));
        if (verbose) items.push({ index, status: 'accepted', messageId: understood.touchpoint.messageId });
      } else {
        rejected++;
        items.push({
          index,
          status: 'rejected',
          ...handleOf(envelopes[index], 'messageId'),
          problem: understood.problem,
        });
      }
    });
    await door.keep(channel, records);
    if (rejected > 0) door.deps.counts.touchpoints(channel, 'rejected', rejected);
    if (items.length === 0) return answer(reply, 200, `{"accepted":${records.length},"rejected":0,"items":[]}`);
    const outcome = { accepted: records.length, rejected, items };
    return records.length > 0
      ? answer(reply, 200, JSON.stringify(outcome))
      : answer(reply, 422, JSON.stringify({ ...outcome, error: errorOf(items) }));
  };

const envelopesOf = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  if (typeof body !== 'object' || body === null)
    throw invalid(
      'body',
      'the body is neither an envelope nor a list of them',
      'send { "touchpoints": [ … ] }, a list, or one envelope',
    );
  if (!('touchpoints' in body)) return [body];
  if (!Array.isArray(body.touchpoints))
    throw invalid('touchpoints', 'touchpoints is not a list', 'send { "touchpoints": [ … ] }');
  return body.touchpoints;
};

const errorOf = (items: readonly Item[]) => {
  const first = items[0];
  const problem = first?.status === 'rejected' ? first.problem : undefined;
  return {
    code: problem?.code ?? 'nothing_accepted',
    message:
      problem === undefined
        ? 'nothing was accepted'
        : `nothing was accepted; the first reason: found ${problem.found}, expected ${problem.expected}`,
    field: problem?.field ?? null,
    remedy: problem?.remedy ?? 'mend the items and send them again',
  };
};
