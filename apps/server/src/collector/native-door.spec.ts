import { afterEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { openCatalogue } from '@tributary/contracts';
import { EngineError, type Log, type LogAppend, StoreFull } from '@tributary/kernel';
import {
  basic,
  json,
  openTestServer,
  own,
  searched,
  TEST_NOW,
  type TestOptions,
  type TestServer,
} from '../testing/test-server.js';

let it: TestServer;
afterEach(() => it.close());
const open = async (options?: TestOptions) => void (it = await openTestServer(options));

const post = (payload: string | Buffer, headers: Record<string, string> = {}, query = '') =>
  it.server.fastify.inject({
    method: 'POST',
    url: `/v1/touchpoints${query}`,
    payload,
    headers: { ...own, ...json, ...basic(it.write), ...headers },
  });
const kept = async () => {
  const catalogue = openCatalogue();
  const [range] = await it.store.log.partitions('touchpoints.web_shop');
  if (range === undefined) return [];
  const records = await it.store.log.read({ topic: 'touchpoints.web_shop', partition: 0 }, 0, 100);
  return records.map(({ key, timestamp_ms, value }) => ({ key, timestamp_ms, touchpoint: catalogue.decode(value) }));
};

describe('what is accepted', () => {
  test('stands in the log when the answer comes, keyed by the subject of its strongest identifier', async () => {
    await open();
    const answer = await post(
      JSON.stringify({ touchpoints: [searched('m1'), { ...searched('m2'), identifiers: [] }] }),
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ accepted: 2, rejected: 0, items: [] });
    const [named, anonymous] = await kept();
    expect(named).toMatchObject({ key: expect.stringMatching(/^s_[0-9a-f]{32}$/), timestamp_ms: TEST_NOW });
    expect(named?.touchpoint).toMatchObject({
      channel: 'web_shop',
      messageId: 'm1',
      identifiers: [{ type: 'phone', value: '+8613912345678' }],
    });
    expect(anonymous?.key).toBeNull();
  });

  test.each([
    ['a list', JSON.stringify([searched('m1')])],
    ['one envelope', JSON.stringify(searched('m1'))],
  ])('may come as %s', async (_form, body) => {
    await open();
    expect((await post(body)).json()).toMatchObject({ accepted: 1 });
    expect(await kept()).toHaveLength(1);
  });

  test('an item that is wrong does not take its neighbours with it, and is told by field and shape', async () => {
    await open();
    const answer = await post(
      JSON.stringify([searched('m1'), { ...searched('m2'), payload: { query: 7 } }, searched('m3')]),
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      accepted: 2,
      rejected: 1,
      items: [
        {
          index: 1,
          status: 'rejected',
          messageId: 'm2',
          problem: expect.objectContaining({ field: 'payload.query', code: 'wrong_type', found: 'number' }),
        },
      ],
    });
    expect(await kept()).toHaveLength(2);
  });

  test('?verbose lists every item', async () => {
    await open();
    const { items } = (await post(JSON.stringify([searched('m1'), 5]), {}, '?verbose')).json<{
      items: { status: string }[];
    }>();
    expect(items.map(({ status }) => status)).toEqual(['accepted', 'rejected']);
  });

  test('nothing accepted of something is no 2xx', async () => {
    await open();
    const answer = await post(JSON.stringify({ ...searched('m'), occurredAt: '2040-01-01T00:00:00Z' }));
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      accepted: 0,
      rejected: 1,
      error: { code: 'date_in_future', field: 'occurredAt' },
    });
    expect((await post('[]')).statusCode).toBe(200);
  });

  test('a large batch is taken in turns, in order', async () => {
    await open();
    const answer = await post(JSON.stringify(Array.from({ length: 1_000 }, (_, n) => searched(`m${n}`))));
    expect(answer.json()).toMatchObject({ accepted: 1_000 });
    expect((await kept()).map(({ touchpoint }) => touchpoint.messageId)).toEqual(
      Array.from({ length: 100 }, (_, n) => `m${n}`),
    );
  });
});

describe('a body that cannot be read', () => {
  const good = JSON.stringify(searched('m1'));
  const cases: readonly (readonly [string, string | Buffer, Record<string, string>, number, string])[] = [
    ['is empty', '', {}, 400, 'empty_body'],
    ['is cut JSON', good.slice(0, -5), {}, 400, 'malformed_json'],
    ['is a number', '7', {}, 400, 'invalid_request'],
    ['has no list', '{"touchpoints":7}', {}, 400, 'invalid_request'],
    [
      'is not UTF-8',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      {},
      400,
      'invalid_utf8',
    ],
    ['is a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ['is of an unknown encoding', good, { 'content-encoding': 'br' }, 415, 'unsupported_encoding'],
    ['is half a gzip', gzipSync(good).subarray(0, 60), { 'content-encoding': 'gzip' }, 400, 'broken_gzip'],
    ['is no gzip', good, { 'content-encoding': 'gzip' }, 400, 'broken_gzip'],
    [
      'inflates beyond the limit',
      gzipSync(Buffer.alloc(50 * 2 ** 20, 0x20)),
      { 'content-encoding': 'gzip' },
      413,
      'body_too_large',
    ],
    ['is beyond the limit', Buffer.alloc(5 * 2 ** 20 + 1, 0x20), {}, 413, 'body_too_large'],
    ['has too many items', JSON.stringify(Array.from({ length: 10_001 }, () => 0)), {}, 413, 'too_many_items'],
  ];
  test.each(cases)('that %s', async (_what, body, headers, status, code) => {
    await open();
    const answer = await post(body, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      error: { code, message: expect.any(String), field: expect.anything(), remedy: expect.any(String) },
    });
    expect(await kept()).toEqual([]);
  });

  test('is not quoted back, nor logged', async () => {
    await open();
    const answer = await post('{"phone": 13912345678, "name": Zhang San}');
    // The whole number: three of its digits stand in many a time of day.
    expect(answer.body).not.toMatch(/13912345678|Zhang/);
    expect(it.logged()).not.toMatch(/13912345678|Zhang/);
  });

  test('a gzip that is whole is taken', async () => {
    await open();
    expect(
      (
        await post(gzipSync(JSON.stringify(Array.from({ length: 500 }, (_, n) => searched(`m${n}`)))), {
          'content-encoding': 'gzip',
        })
      ).json(),
    ).toMatchObject({ accepted: 500 });
  });
});

/** A log whose appends end as `append` says. */
const appending = (append: (appends: readonly LogAppend[]) => Promise<void>): TestOptions => ({
  log: (log): Log =>
    new Proxy(log, {
      get: (target, name) =>
        name === 'append' ? append : (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind?.(target),
    }),
});

describe('when the store cannot take it', () => {
  test.each([
    ['full', new StoreFull('test'), 503, 'store_full'],
    ['away', new EngineError('test', 'retriable', 'gone'), 503, 'engine_unavailable'],
    ['silent', new EngineError('test', 'unknown', 'lost'), 503, 'engine_unavailable'],
    ['broken', new EngineError('test', 'fatal', 'no'), 500, 'engine_failed'],
  ])('a store that is %s is no 2xx', async (_what, error, status, code) => {
    await open(appending(() => Promise.reject(error)));
    const answer = await post(JSON.stringify(searched('m1')));
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error.code).toBe(code);
    if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    // "See the server log", it says.
    else expect(it.logged()).toContain('test: no');
  });

  test('a bug of ours is a 500 that says nothing of itself, and is logged', async () => {
    await open(appending(() => Promise.reject(new TypeError('x of undefined'))));
    const answer = await post(JSON.stringify(searched('m1')));
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('undefined');
    expect(it.logged()).toContain('x of undefined');
  });

  test('the answer waits for the log, and the bytes under way are bounded', async () => {
    let acknowledge = () => {};
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
    const body = JSON.stringify(searched('m1'));
    await open({ ...appending(() => acknowledged), deps: { limits: { inFlight_bytes: body.length * 4 } } });
    const first = post(body);
    const second = post(body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await post(body);
    expect(third.statusCode).toBe(429);
    expect(third.headers['retry-after']).toBe('1');
    expect(await Promise.race([first.then(() => 'answered'), Promise.resolve('waiting')])).toBe('waiting');
    acknowledge();
    expect((await first).statusCode).toBe(200);
    expect((await second).statusCode).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await post(body)).statusCode).toBe(200);
  });

  test('a store under pressure is not asked for more', async () => {
    await open({ deps: { pressure: () => 1 } });
    expect((await post(JSON.stringify(searched('m1')))).statusCode).toBe(429);
    const { body } = await it.server.fastify.inject({
      url: '/metrics',
      headers: { ...own, authorization: `Bearer ${it.read}` },
    });
    expect(body).toContain('tributary_door_busy_refusals_total 1\n');
  });
});
