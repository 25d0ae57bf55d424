import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { openCatalogue } from '@tributary/contracts';
import { StoreFull } from '@tributary/kernel';
import { type Quarantined } from '../quarantine.js';
import { basic, openTestServer, own, searched, TEST_NOW, type TestServer } from '../../testing/test-server.js';

let it: TestServer;
beforeEach(async () => void (it = await openTestServer()));
afterEach(() => it.close());

type Headers = Readonly<Record<string, string>>;

const send = (payload: string | Buffer, headers: Headers, query = '') =>
  it.server.fastify.inject({
    method: 'POST',
    url: `/v1/cloudevents${query}`,
    payload,
    headers: { ...own, ...basic(it.write), ...headers },
  });
const taken = async () => {
  const [range] = await it.store.log.partitions('touchpoints.web_shop');
  if (range === undefined) return [];
  const records = await it.store.log.read({ topic: 'touchpoints.web_shop', partition: 0 }, 0, 100);
  return records.map(({ value }) => openCatalogue().decode(value));
};
const held = async () => {
  const [range] = await it.store.log.partitions('quarantine.web_shop');
  if (range === undefined) return [];
  const records = await it.store.log.read({ topic: 'quarantine.web_shop', partition: 0 }, 0, 100);
  return records.map(({ value }) => {
    const { bytes, ...rest } = JSON.parse(new TextDecoder().decode(value)) as Quarantined;
    return { ...rest, text: Buffer.from(bytes, 'base64').toString() };
  });
};

const { occurredAt: time, identifiers, payload } = searched('');
const data = { identifiers, payload };
const event = (id: string, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/shop',
  type: 'searched',
  time,
  data,
  ...more,
});
const attributes: Headers = {
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/shop',
  'ce-type': 'com.example.searched',
  'ce-time': time,
};
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const batched = { 'content-type': 'application/cloudevents-batch+json' };
const binary = { 'content-type': 'application/json; charset=utf-8', ...attributes };

describe('an event', () => {
  const bodies: readonly (readonly [string, string, Headers])[] = [
    ['binary', JSON.stringify(data), binary],
    ['structured', JSON.stringify(event('1')), structured],
    ['batched', JSON.stringify([event('1')]), batched],
  ];
  test.each(bodies)('in %s mode stands in the log when the answer comes', async (_mode, body, headers) => {
    const answer = await send(body, headers);
    expect({ status: answer.statusCode, ...answer.json<object>() }).toEqual({
      status: 200,
      accepted: 1,
      quarantined: 0,
      items: [],
    });
    expect(await taken()).toMatchObject([
      { type: 'searched', messageId: '/shop#1', occurredAt: Date.parse(time), receivedAt: TEST_NOW, payload },
    ]);
    expect((await taken())[0]?.identifiers).toMatchObject([{ type: 'phone', value: '+8613912345678' }]);
  });

  test.each(bodies)('in %s mode may come as gzip', async (_mode, body, headers) => {
    expect((await send(gzipSync(body), { ...headers, 'content-encoding': 'gzip' })).json()).toMatchObject({
      accepted: 1,
    });
  });

  test('in binary mode needs no content type, and has its headers decoded', async () => {
    const { 'content-type': _, ...untyped } = binary;
    await send(JSON.stringify(data), {
      ...untyped,
      'CE-Id': 'Euro%20%e2%82%ac%20%F0%9F%98%80',
      'ce-source': '"/a \\"shop\\" 100%25"',
      'ce-traceparent': '00-1-2-03',
    });
    expect((await taken())[0]?.messageId).toBe(`/a "shop" 100%#${encodeURIComponent('Euro € 😀')}`);
  });

  test('?verbose tells of what was accepted its message id', async () => {
    const answer = await send(JSON.stringify([event('1'), event('2', { type: 'x' })]), batched, '?verbose');
    expect(answer.json().items).toMatchObject([
      { index: 0, status: 'accepted', id: '1', messageId: '/shop#1' },
      { index: 1, status: 'quarantined', id: '2', problem: { field: 'type' } },
    ]);
  });
});

describe('an event that is not understood', () => {
  test('is held with its bytes and reason, which the answer tells; its neighbours are kept', async () => {
    const odd = '{ "specversion":"1.0", "id" : 7201234567890123457, "text":"a,]\\"}\\\\" }';
    const batch = ` [ ${JSON.stringify(event('1'))} , ${odd}\n, null,${JSON.stringify(event('3'))}]`;
    const answer = await send(batch, batched);
    expect({ status: answer.statusCode, ...answer.json<object>() }).toMatchObject({
      status: 200,
      accepted: 2,
      quarantined: 2,
      items: [
        { index: 1, status: 'quarantined', problem: { field: 'id', code: 'wrong_type', found: 'number beyond 2^53' } },
        { index: 2, status: 'quarantined', problem: { field: '', code: 'wrong_type', found: 'null' } },
      ],
    });
    expect((await taken()).map(({ messageId }) => messageId)).toEqual(['/shop#1', '/shop#3']);
    expect(await held()).toMatchObject([
      { origin: 'http', position: 'cloudevents[1]', text: odd, reason: { field: 'id' } },
      { origin: 'http', position: 'cloudevents[2]', text: 'null' },
    ]);
  });

  test('alone is held, too, byte for byte', async () => {
    const text = JSON.stringify(event('1', { type: 'com.example.ordered' }), null, 1);
    const answer = await send(text, structured);
    expect(answer.json()).toMatchObject({
      accepted: 0,
      quarantined: 1,
      items: [{ id: '1', problem: { field: 'type' } }],
    });
    expect(await held()).toMatchObject([{ position: 'cloudevent', text, reason: { code: 'unknown_type' } }]);
  });

  const json = `{"identifiers": [], "payload": {"query": 7201234567890123457}}`;
  const xml = { ...binary, 'content-type': 'application/xml' };
  test.each([
    ['a wrong payload', json, binary, 'data.payload.query', `"data":${json}}`],
    ['no body', '', binary, 'data', '"datacontenttype":"application/json; charset=utf-8"}'],
    ['broken JSON', '{"a":', binary, 'data', `"data_base64":"${Buffer.from('{"a":').toString('base64')}"}`],
    ['UTF-16', Buffer.from(json, 'utf16le'), binary, 'data', '"data_base64":'],
    ['a body that is no JSON', '<a/>', xml, 'datacontenttype', '"data_base64":"PGEvPg=="}'],
    ['an attribute that may not be', '{}', { ...binary, 'ce-event_time': 'x' }, 'event_time', '"event_time":"x"'],
    ['an empty id', '{}', { ...binary, 'ce-id': '' }, 'id', '"id":""'],
  ])('in binary mode, with %s, is held in the JSON format', async (_what, body, headers, field, end) => {
    const answer = await send(body, headers);
    expect({ status: answer.statusCode, field: answer.json().items[0]?.problem.field }).toEqual({ status: 200, field });
    const [item] = await held();
    expect(item?.text).toContain(end);
    expect(JSON.parse(item?.text ?? '')).toMatchObject({ specversion: '1.0', source: '/shop' });
  });

  test('of more than 256 KB cannot be held, and is refused with its neighbours', async () => {
    const large = event('2', { data: { payload: { query: 'x'.repeat(300_000) } } });
    const answer = await send(JSON.stringify([event('1'), large]), batched);
    expect({ status: answer.statusCode, error: answer.json().error }).toMatchObject({
      status: 413,
      error: { code: 'event_too_large', field: 'data.payload.query' },
    });
    expect([await taken(), await held()]).toEqual([[], []]);
  });
});

describe('a replay of what is held', () => {
  test('means what it would have meant at once, and is held no second time', async () => {
    const { time: _, ...timeless } = event('1', { type: 'x' });
    await send(JSON.stringify(timeless), structured);
    it.clock.advance(86_400_000);
    const again = await send(JSON.stringify(timeless), structured, '?replay=0');
    expect({ status: again.statusCode, field: again.json().error.field }).toEqual({ status: 422, field: 'type' });
    expect((await send(JSON.stringify([]), batched, '?replay=0')).statusCode).toBe(400);
    expect((await send(JSON.stringify(timeless), structured, '?replay=1')).statusCode).toBe(404);
    const mended = JSON.stringify({ ...timeless, type: 'searched' });
    expect((await send(mended, structured, '?replay=0')).json()).toMatchObject({ accepted: 1 });
    expect(await taken()).toMatchObject([{ occurredAt: TEST_NOW }]);
    expect(await held()).toHaveLength(1);
  });
});

describe('a request that cannot be read', () => {
  const one = JSON.stringify(event('1'));
  const cases: readonly (readonly [string, string | Buffer, Headers, number, string, string])[] = [
    ['is no event', one, { 'content-type': 'application/json' }, 400, 'no_event', 'ce-id'],
    ['is empty', '', structured, 400, 'empty_body', 'body'],
    ['is cut JSON', one.slice(0, -5), structured, 400, 'malformed_json', 'body'],
    ['is a batch called one', `[${one}]`, structured, 400, 'invalid_request', 'body'],
    ['is one called a batch', one, batched, 400, 'invalid_request', 'body'],
    ['is not UTF-8', Buffer.from('{"id":"\xff"}', 'latin1'), structured, 400, 'invalid_utf8', 'body'],
    [
      'says another charset',
      one,
      { 'content-type': 'application/cloudevents+json;charset=gbk' },
      415,
      'unsupported_media_type',
      'Content-Type',
    ],
    [
      'is in another format',
      one,
      { 'content-type': 'application/cloudevents+avro' },
      415,
      'unsupported_media_type',
      'Content-Type',
    ],
    [
      'is in no format',
      one,
      { 'content-type': 'application/cloudevents' },
      415,
      'unsupported_media_type',
      'Content-Type',
    ],
    [
      'is of an unknown encoding',
      one,
      { ...structured, 'content-encoding': 'br' },
      415,
      'unsupported_encoding',
      'Content-Encoding',
    ],
    ['is no gzip', one, { ...structured, 'content-encoding': 'gzip' }, 400, 'broken_gzip', 'body'],
    [
      'inflates beyond the limit',
      gzipSync(Buffer.alloc(50 * 2 ** 20, 0x20)),
      { ...batched, 'content-encoding': 'gzip' },
      413,
      'body_too_large',
      'body',
    ],
    ['is beyond the limit', Buffer.alloc(5 * 2 ** 20 + 1, 0x20), batched, 413, 'body_too_large', 'body'],
    ['has too many events', `[${'0,'.repeat(10_000)}0]`, batched, 413, 'too_many_items', 'body'],
    ['has an overlong code', '{}', { ...binary, 'ce-id': '%C0%A0' }, 400, 'invalid_request', 'ce-id'],
    ['has a code of half a surrogate pair', '{}', { ...binary, 'ce-id': '%ED%A0%80' }, 400, 'invalid_request', 'ce-id'],
    ['has half a code', '{}', { ...binary, 'ce-source': '100%' }, 400, 'invalid_request', 'ce-source'],
    ['has bytes beyond ASCII', '{}', { ...binary, 'ce-subject': 'caf\xe9' }, 400, 'invalid_request', 'ce-subject'],
    [
      'says its content type twice',
      '{}',
      { ...binary, 'ce-datacontenttype': 'text/xml' },
      400,
      'invalid_request',
      'ce-datacontenttype',
    ],
  ];
  test.each(cases)('because it %s is refused whole', async (_what, body, headers, status, code, field) => {
    const answer = await send(body, headers);
    expect({ status: answer.statusCode, ...answer.json<object>() }).toEqual({
      status,
      error: { code, field, message: expect.any(String), remedy: expect.any(String) },
    });
    expect([await taken(), await held()]).toEqual([[], []]);
  });

  test('an empty batch is no mistake', async () => {
    const answer = await send('[]', batched);
    expect({ status: answer.statusCode, ...answer.json<object>() }).toEqual({
      status: 200,
      accepted: 0,
      quarantined: 0,
      items: [],
    });
  });
});

describe('when it cannot be taken', () => {
  test('a store that is full is no 2xx; a store under pressure is not asked', async () => {
    await it.close();
    it = await openTestServer({
      log: (log) =>
        new Proxy(log, {
          get: (target, name) =>
            name === 'append'
              ? () => Promise.reject(new StoreFull('test'))
              : (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind?.(target),
        }),
    });
    const full = await send(JSON.stringify(event('1')), structured);
    expect([full.statusCode, full.headers['retry-after']]).toEqual([503, '30']);
    await it.close();
    it = await openTestServer({ deps: { pressure: () => 1 } });
    const busy = await send(JSON.stringify(event('1')), structured);
    expect([busy.statusCode, busy.headers['retry-after']]).toEqual([429, '1']);
  });
});

describe('the handshake of webhooks', () => {
  const ask = (headers: Headers) =>
    it.server.fastify.inject({ method: 'OPTIONS', url: '/v1/cloudevents', headers: { ...own, ...headers } });

  test('lets the sender deliver whose registration knows a write key, and nobody else', async () => {
    const asks = { 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' };
    const answer = await ask({ ...asks, ...basic(it.write) });
    expect({ status: answer.statusCode, ...answer.headers }).toMatchObject({
      status: 200,
      allow: 'POST, OPTIONS',
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': '*',
    });
    for (const headers of [asks, { ...asks, ...basic(it.read) }, { ...basic(it.write) }])
      expect((await ask(headers)).headers).not.toHaveProperty('webhook-allowed-origin');
    expect((await ask(asks)).statusCode).toBe(401);
  });
});
