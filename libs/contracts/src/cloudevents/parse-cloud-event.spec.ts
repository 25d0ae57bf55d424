import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identify } from '../controls/identity.js';
import { parseTouchpoint } from '../door/parse-touchpoint.js';
import { isJsonType, isUtf8Type } from './event-data.js';
import { parseCloudEvent } from './parse-cloud-event.js';

const receivedAt = Date.UTC(2024, 4, 31, 12);
const context = { channel: 'web', receivedAt, identify };

const data = {
  identifiers: [{ type: 'phone', value: '13912345678' }],
  payload: { orderId: 'o-1', paymentId: 'p-1', amount: '12.34', currency: 'CNY' },
};
const event = {
  specversion: '1.0',
  id: '1001',
  source: '/shop',
  type: 'order_paid',
  time: '2024-05-31T18:30:00.5+08:00',
  datacontenttype: 'application/json',
  data,
};

const accepted = (input: unknown, more: object = {}) => {
  const parsed = parseCloudEvent(input, { ...context, ...more });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.touchpoint;
};
const refused = (input: unknown) => {
  const parsed = parseCloudEvent(input, context);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.problem;
};
const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64');

describe('an event', () => {
  it('is the touchpoint that its native envelope is', () => {
    const native = parseTouchpoint(
      { type: 'order_paid', messageId: '/shop#1001', occurredAt: event.time, ...data },
      context,
    );
    expect(native).toEqual({ ok: true, touchpoint: accepted(event) });
  });

  it.each([
    ['a reverse-DNS name before its type', { type: 'com.example.shop.order_paid' }],
    ['attributes that are not set', { subject: null, dataschema: null, datacontenttype: null, data_base64: null }],
    [
      'attributes for those who carry it',
      { subject: 'o-1', traceparent: '00-1-2-03', sampledrate: 7, partitionkey: 'k', urgent: true },
    ],
    ['a type of JSON of its own', { datacontenttype: 'application/vnd.shop.order+json; charset="UTF-8"' }],
    ['its data in base64', { data: undefined, data_base64: base64(JSON.stringify(data)) }],
  ])('with %s means the same', (_what, more) => {
    expect(accepted({ ...event, ...more })).toEqual(accepted(event));
  });

  it('that states no time is of when it came, the first time if it was held', () => {
    const { time: _, ...timeless } = event;
    expect(accepted(timeless).occurredAt).toBe(receivedAt);
    expect(accepted(timeless, { heldSince: receivedAt - 5 })).toMatchObject({
      occurredAt: receivedAt - 5,
      receivedAt,
    });
  });

  it('may name nobody, as at the native door', () => {
    expect(accepted({ ...event, data: { payload: data.payload } }).identifiers).toEqual([]);
  });
});

describe('the message id', () => {
  const messageId = (source: string, id: string) => accepted({ ...event, source, id }).messageId;

  it('can be read, and is of id and source', () => {
    expect(messageId('https://shop.example/a#b', 'order 7#1')).toBe('https://shop.example/a#b#order%207%231');
    expect(messageId('/shop', 'x'.repeat(300))).toMatch(/^cloudevent-[0-9a-f]{64}$/);
  });

  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((one) => !/\p{Cc}/u.test(one));
  const short = fc.stringMatching(/^[a#%/ ]{1,4}$/);
  it('is the same for no two pairs of source and id', () => {
    const pair = fc.oneof(fc.tuple(text, text), fc.tuple(short, short));
    fc.assert(
      fc.property(pair, pair, ([a, b], [c, d]) => {
        expect(messageId(a, b) === messageId(c, d)).toBe(a === c && b === d);
      }),
    );
  });
});

describe('what is refused', () => {
  const large = JSON.parse('7201234567890123457') as number;
  it.each<[string, unknown, string, string]>([
    ['a text', 'event', '', 'wrong_type'],
    ['null', null, '', 'wrong_type'],
    ['a list', [event], '', 'wrong_type'],
    ['no version', { ...event, specversion: undefined }, 'specversion', 'missing'],
    ['an older version', { ...event, specversion: '0.3' }, 'specversion', 'not_one_of'],
    ['a version as a number', { ...event, specversion: 1 }, 'specversion', 'wrong_type'],
    ['no id', { ...event, id: undefined }, 'id', 'missing'],
    ['an empty id', { ...event, id: '' }, 'id', 'missing'],
    ['an id as a number beyond 2^53', { ...event, id: large }, 'id', 'wrong_type'],
    ['an id with half a surrogate pair', { ...event, id: 'a\ud800' }, 'id', 'ill_formed_text'],
    ['an id with a NUL', { ...event, id: 'a\0b' }, 'id', 'ill_formed_text'],
    ['an endless id', { ...event, id: 'x'.repeat(10_000) }, 'id', 'too_long'],
    ['no source', { ...event, source: null }, 'source', 'missing'],
    ['a source with half a surrogate pair', { ...event, source: '\udc00' }, 'source', 'ill_formed_text'],
    ['no type', { ...event, type: undefined }, 'type', 'missing'],
    ['an unknown type', { ...event, type: 'com.example.order.placed' }, 'type', 'unknown_type'],
    ['a type that ends in a dot', { ...event, type: 'order_paid.' }, 'type', 'unknown_type'],
    ['a time without a zone', { ...event, time: '2024-05-31T18:30:00' }, 'time', 'date_without_offset'],
    ['a time that is none', { ...event, time: '' }, 'time', 'invalid_date'],
    ['a time in milliseconds', { ...event, time: receivedAt }, 'time', 'wrong_type'],
    ['a time to come', { ...event, time: '2099-01-01T00:00:00Z' }, 'time', 'date_in_future'],
    ['no data', { ...event, data: undefined }, 'data', 'missing'],
    ['data of null', { ...event, data: null }, 'data', 'missing'],
    ['JSON within a text', { ...event, data: JSON.stringify(data) }, 'data', 'wrong_type'],
    ['data that is a list', { ...event, data: [data] }, 'data', 'wrong_type'],
    ['data that is the payload itself', { ...event, data: data.payload }, 'data.orderId', 'unknown_field'],
    ['data twice', { ...event, data_base64: base64('{}') }, 'data_base64', 'unknown_field'],
    ['base64 that is none', { ...event, data: undefined, data_base64: 'e30' }, 'data_base64', 'wrong_type'],
    ['base64 of nothing', { ...event, data: undefined, data_base64: '' }, 'data', 'missing'],
    ['base64 of broken JSON', { ...event, data: undefined, data_base64: base64('{"a":') }, 'data', 'malformed_json'],
    [
      'base64 of what is no UTF-8',
      { ...event, data: undefined, data_base64: base64(Buffer.from('"\xff"', 'latin1')) },
      'data',
      'malformed_json',
    ],
    ['data of another type', { ...event, datacontenttype: 'application/xml' }, 'datacontenttype', 'not_one_of'],
    ['a type that only sounds like JSON', { ...event, datacontenttype: 'text/jsonx' }, 'datacontenttype', 'not_one_of'],
    ['another charset', { ...event, datacontenttype: 'text/json;charset=gbk' }, 'datacontenttype', 'not_one_of'],
    ['no payload', { ...event, data: {} }, 'data.payload', 'missing'],
    [
      'a wrong payload',
      { ...event, data: { payload: { ...data.payload, amount: 'x' } } },
      'data.payload.amount',
      'invalid_amount',
    ],
    [
      'a wrong identifier',
      { ...event, data: { ...data, identifiers: [{ type: 'fax', value: '1' }] } },
      'data.identifiers[0].type',
      'unknown_identifier_type',
    ],
    [
      'identifiers that are no list',
      { ...event, data: { ...data, identifiers: 'me' } },
      'data.identifiers',
      'wrong_type',
    ],
    ['an attribute in capitals', { ...event, eventTime: 'now' }, 'eventTime', 'unknown_field'],
    [
      'an attribute that JSON takes for another',
      JSON.parse('{"specversion":"1.0","__proto__":1}'),
      '__proto__',
      'unknown_field',
    ],
    ['a payload beside data', { ...event, payload: data.payload }, 'payload', 'wrong_type'],
    ['identifiers beside data', { ...event, identifiers: data.identifiers }, 'identifiers', 'wrong_type'],
  ])('%s', (_what, input, field, code) => {
    expect(refused(input)).toMatchObject({ field, code, expected: expect.any(String), remedy: expect.any(String) });
  });

  it('is told in the words of CloudEvents', () => {
    expect(refused({ ...event, id: { a: 1 } })).toMatchObject({ found: 'object', expected: 'text' });
    expect(refused({ ...event, time: 'now' })).toMatchObject({ expected: 'a time as RFC 3339 writes it' });
  });

  it('is never a throw, and never quoted', () => {
    const part = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary' }), fc.double());
    fc.assert(
      fc.property(
        fc.record(
          {
            specversion: fc.constant('1.0'),
            id: part,
            source: part,
            type: part,
            time: part,
            data: part,
            data_base64: part,
            datacontenttype: part,
          },
          { requiredKeys: [] },
        ),
        (input) => {
          expect(typeof parseCloudEvent(input, context).ok).toBe('boolean');
        },
      ),
    );
    expect(JSON.stringify(refused({ ...event, id: 'secret\0' }))).not.toContain('secret');
  });
});

it.each([
  ['application/json', true, true],
  ['Application/JSON ; Charset="utf-8"', true, true],
  ['application/ld+json;profile="x"', true, true],
  ['text/json', true, true],
  ['application/json; charset=us-ascii', true, true],
  ['application/json;charset=utf-16', true, false],
  ['application/json-seq', false, true],
  ['json', false, true],
  ['application/+json', false, true],
])('%s: JSON %s, UTF-8 %s', (type, json, utf8) => {
  expect([isJsonType(type), isUtf8Type(type)]).toEqual([json, utf8]);
});
