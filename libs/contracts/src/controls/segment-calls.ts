import { type AnyTouchpoint } from '@tributary/domain';
import { type Problem } from '../door/problem.js';
import { type SegmentCall } from '../segment/from-segment.js';
import { parseSegment, type SegmentDoorContext } from '../segment/parse-segment.js';
import { identify } from './identity.js';

export const receivedAt = Date.UTC(2024, 4, 31, 12);
export const context: SegmentDoorContext = { channel: 'web', receivedAt, identify };

/** What every call of a library states. */
export const base = { messageId: 'm-1', anonymousId: 'a-1', userId: 'u-1', timestamp: '2024-05-31T11:00:00.000Z' };

/** The touchpoint that a call is, which must be one. */
export const accepted = (call: SegmentCall, body: object): AnyTouchpoint => {
  const parsed = parseSegment(call, { ...base, ...body }, context);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.touchpoint;
};

/** Why a call is none. */
export const refused = (call: SegmentCall, body: unknown): Problem => {
  const parsed = parseSegment(call, body, context);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.problem;
};

export const named = (touchpoint: AnyTouchpoint): readonly string[] =>
  touchpoint.identifiers.map(({ type, value }) => `${type} ${value}`);
