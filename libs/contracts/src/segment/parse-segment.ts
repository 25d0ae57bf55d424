import { type DoorContext, type ParsedTouchpoint, parseTouchpoint } from '../door/parse-touchpoint.js';
import { type Problem, Refusal, shapeOf } from '../door/problem.js';
import { isRecord } from '../door/record.js';
import { checkIds } from './exact-ids.js';
import {
  fromSegment,
  type SegmentCall,
  segmentCalls,
  type SegmentContext,
  type SegmentOutcome,
} from './from-segment.js';
import { part } from './loose.js';

/** Limits of Segment's tracking API. */
export const segmentEventLimit_bytes = 32 * 1024;
export const segmentBatchLimit_bytes = 500 * 1024;

export interface SegmentDoorContext extends DoorContext, Pick<SegmentContext, 'defaultCurrency' | 'heldSince'> {}

/** One call of Segment's tracking API as a touchpoint. Problems name the fields of the call. */
export const parseSegment = (call: SegmentCall, body: unknown, context: SegmentDoorContext): ParsedTouchpoint =>
  unlessTooDeep(body, () => parseCall(call, body, context));

const parseCall = (call: SegmentCall, body: unknown, context: SegmentDoorContext): ParsedTouchpoint => {
  const mapped = inexactId(call, body) ?? fromSegment(call, body, context);
  if (!mapped.ok) return mapped;
  const parsed = parseTouchpoint(mapped.envelope, context);
  return parsed.ok
    ? parsed
    : { ok: false, problem: { ...parsed.problem, field: segmentField(call, parsed.problem.field) } };
};

/** Why the call is refused for an id of its own that is not exact; `undefined`: all are. */
const inexactId = (call: SegmentCall, body: unknown): Extract<SegmentOutcome, { ok: false }> | undefined => {
  try {
    checkIds(call, part(body));
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
};

export type ParsedSegmentBatch =
  | { readonly ok: true; readonly calls: number; readonly parse: (index: number) => ParsedTouchpoint }
  | { readonly ok: false; readonly problem: Problem };

/**
 * The body of `/v1/batch`: `{ batch: [{ type, … }], sentAt, context }`, one outcome a call, parsed as it is asked for: a large
 * batch is some milliseconds of work. `context` and `sentAt` of the batch hold for each call that has none of its own.
 * `body_bytes`, the size of the request, saves measuring each call of a batch that is small enough anyway.
 */
export const parseSegmentBatch = (
  body: unknown,
  context: SegmentDoorContext,
  body_bytes = Infinity,
): ParsedSegmentBatch => {
  const batch = isRecord(body) ? body['batch'] : undefined;
  if (!isRecord(body) || !Array.isArray(batch))
    return {
      ok: false,
      problem: {
        field: 'batch',
        found: shapeOf(batch),
        expected: 'an array of calls',
        remedy: 'Send {"batch": [{"type": "track", …}]}.',
        code: batch === undefined ? 'missing' : 'wrong_type',
      },
    };
  const shared = part(body['context']);
  const parse = (i: number): ParsedTouchpoint => {
    const item: unknown = batch[i];
    const outcome = unlessTooDeep(item, () => parseItem(item, shared, body['sentAt'], context, body_bytes));
    return outcome.ok
      ? outcome
      : {
          ok: false,
          problem: {
            ...outcome.problem,
            field: `batch[${i}]${outcome.problem.field === '' ? '' : '.'}${outcome.problem.field}`,
          },
        };
  };
  return { ok: true, calls: batch.length, parse };
};

/**
 * What the JSON parser can read, its writer cannot always write again, and a call is written to be measured, to be known
 * by its content, and where it nests its properties. That is the call's own fault, and not of those beside it.
 */
const unlessTooDeep = (call: unknown, parse: () => ParsedTouchpoint): ParsedTouchpoint => {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError && /call stack/.test(error.message))) throw error;
    return {
      ok: false,
      problem: {
        field: '',
        found: `${shapeOf(call)}, nested too deeply`,
        expected: 'a call with few levels of nesting',
        remedy: 'Send flat properties.',
        code: 'nested_too_deeply',
      },
    };
  }
};

const parseItem = (
  item: unknown,
  shared: Readonly<Record<string, unknown>>,
  sentAt: unknown,
  context: SegmentDoorContext,
  body_bytes: number,
): ParsedTouchpoint => {
  const problem = (
    field: string,
    code: Problem['code'],
    value: unknown,
    expected: string,
    remedy: string,
  ): ParsedTouchpoint => ({
    ok: false,
    problem: { field, found: shapeOf(value), expected, remedy, code },
  });
  if (!isRecord(item)) return problem('', 'wrong_type', item, 'a JSON object', 'Send one call as an object.');
  // One that was held brings the context of the batch it came in, which counts for no call.
  const own = context.heldSince === undefined ? item : { ...item, context: undefined };
  if (body_bytes > segmentEventLimit_bytes && Buffer.byteLength(JSON.stringify(own)) > segmentEventLimit_bytes)
    return problem(
      '',
      'too_long',
      item,
      'a call of at most 32 KB',
      'Shorten its properties, or send what they refer to.',
    );
  const { type } = item;
  if (!segmentCalls.includes(type as SegmentCall))
    return problem(
      'type',
      type == null ? 'missing' : 'not_one_of',
      type,
      `one of ${segmentCalls.join(', ')}`,
      'Name the call, in lower case.',
    );
  return parseSegment(
    type as SegmentCall,
    { ...item, sentAt: item['sentAt'] ?? sentAt, context: { ...shared, ...part(item['context']) } },
    context,
  );
};

/**
 * A call of a batch as it would have to come alone, to mean the same: with the `context` and `sentAt` that the batch has
 * for it, which is all that is read of a batch beside its calls.
 */
export const callAlone = (item: unknown, batch: Readonly<Record<string, unknown>>): unknown => {
  if (!isRecord(item)) return item;
  const { context, sentAt } = batch;
  return {
    ...item,
    ...(item['sentAt'] == null && sentAt != null ? { sentAt } : {}),
    ...(isRecord(context) ? { context: { ...context, ...part(item['context']) } } : {}),
  };
};

/** Where in a Segment call the field of a native envelope came from. */
const segmentField = (call: SegmentCall, field: string): string => {
  if (field === 'occurredAt') return 'timestamp';
  if (field.startsWith('identifiers')) return 'userId';
  if (field === 'payload.name') return 'event';
  if (field.startsWith('payload.properties')) return field.slice('payload.'.length);
  if (field.startsWith('payload.traits')) return field.slice('payload.'.length);
  if (!field.startsWith('payload.')) return field;
  if (call !== 'track' && call !== 'page' && call !== 'screen') return field.slice('payload.'.length);
  if (field.startsWith('payload.campaign')) return `context.${field.slice('payload.'.length)}`;
  const [, first = '', rest = ''] = /^payload\.(\w+)(.*)$/.exec(field) ?? [];
  const names: Readonly<Record<string, string>> = {
    orderId: 'order_id',
    refundId: 'refund_id',
    amount: 'total',
    lines: 'products',
    method: 'payment_method',
    store: 'affiliation',
    productId: 'product_id',
    about: 'product_id',
    text: 'review_body',
  };
  return `properties.${names[first] ?? first}${rest.replace('.productId', '.product_id').replace('.unitPrice', '.price')}`;
};
