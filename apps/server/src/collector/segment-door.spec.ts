import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCatalogue } from '@tributary/contracts';
import { type Quarantined } from './quarantine.js';
import { basic, json, openTestServer, own, TEST_NOW, type TestServer } from '../testing/test-server.js';

let it: TestServer;
beforeEach(async () => void (it = await openTestServer()));
afterEach(() => it.close());

const call = (name: string, payload: string | Buffer, headers: Record<string, string> = json) =>
  it.server.fastify.inject({
    method: 'POST',
    url: `/v1/${name}`,
    payload,
    headers: { ...own, ...headers, ...basic(it.write) },
  });
const quarantined = async () => {
  const records = await it.store.log.read({ topic: 'quarantine.web_shop', partition: 0 }, 0, 100);
  return records.map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as Quarantined);
};
const event = (messageId: string, more: object = {}) => ({
  type: 'track',
  event: 'Product Viewed',
  messageId,
  userId: 'u1',
  timestamp: '2026-05-31T18:30:00Z',
  properties: {},
  ...more,
});

describe('Segment’s tracking API', () => {
  test.each([
    ['identify', { userId: 'u1', traits: { name: 'A' }, messageId: 'm' }],
    ['track', event('m')],
    ['page', { userId: 'u1', name: 'Home', properties: { path: '/' }, messageId: 'm' }],
    ['screen', { userId: 'u1', name: 'Home', messageId: 'm' }],
    ['group', { userId: 'u1', groupId: 'g1', traits: { name: 'Acme' }, messageId: 'm' }],
    ['alias', { userId: 'u1', previousId: 'a1', messageId: 'm' }],
  ])('%s', async (name, body) => {
    const answer = await call(name, JSON.stringify(body));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ success: true, accepted: 1, quarantined: 0 });
  });

  test('what is not understood goes to quarantine with its bytes and reason; its neighbours are kept', async () => {
    const answer = await call(
      'batch',
      JSON.stringify({ batch: [event('m1'), { type: 'dance', messageId: 'm2' }, event('m3')] }),
    );
    expect(answer.json()).toEqual({ success: true, accepted: 2, quarantined: 1 });
    const [item] = await quarantined();
    expect(item).toMatchObject({
      origin: 'http',
      position: 'batch[1]',
      reason: { field: 'batch[1].type', code: 'not_one_of' },
    });
    expect(JSON.parse(Buffer.from(item?.bytes ?? '', 'base64').toString())).toEqual({ type: 'dance', messageId: 'm2' });
  });

  test('an event of more than 32 KB in a batch is set aside, alone', async () => {
    const answer = await call(
      'batch',
      JSON.stringify({ batch: [event('m1'), event('m2', { properties: { text: 'x'.repeat(33_000) } })] }),
    );
    expect(answer.json()).toEqual({ success: true, accepted: 1, quarantined: 1 });
    expect((await quarantined())[0]?.reason.code).toBe('too_long');
  });

  test('limits of a request: 32 KB, 500 KB a batch', async () => {
    expect(
      (await call('track', JSON.stringify(event('m', { properties: { text: 'x'.repeat(33_000) } })))).statusCode,
    ).toBe(413);
    expect(
      (await call('batch', JSON.stringify({ batch: [event('m')], pad: 'x'.repeat(500 * 1_024) }))).statusCode,
    ).toBe(413);
  });

  test('a batch without a list is refused whole', async () => {
    expect((await call('batch', '{}')).json().error).toMatchObject({ field: 'batch' });
  });

  const deep = (more: string) => `{${more},"userId":"u","properties":{"a":${'['.repeat(15_000)}${']'.repeat(15_000)}}}`;

  test('a call that is nested too deeply is held with that reason', async () => {
    const answer = await call('track', deep('"event":"e"'));
    expect(answer.json()).toEqual({ success: true, accepted: 0, quarantined: 1 });
    expect(await quarantined()).toMatchObject([{ reason: { code: 'nested_too_deeply', field: '' } }]);
  });

  test.each([
    ['of an unknown type', '"type":"dance","messageId":"m2"', 'not_one_of', 'batch[1].type'],
    ['that has an id', '"type":"track","event":"e","messageId":"m2"', 'nested_too_deeply', 'batch[1]'],
    ['that is known by its content', '"type":"track","event":"e"', 'nested_too_deeply', 'batch[1]'],
  ])('one in a batch, %s, takes no other with it, and is held whole', async (_what, more, code, field) => {
    const batch = [JSON.stringify(event('m1')), deep(more), JSON.stringify(event('m3'))];
    const answer = await call('batch', `{"batch":[${batch.join(',')}]}`);
    expect(answer.json()).toEqual({ success: true, accepted: 2, quarantined: 1 });
    const [item] = await quarantined();
    expect(item).toMatchObject({ position: 'batch[1]', reason: { code, field } });
    expect(Buffer.from(item?.bytes ?? '', 'base64').toString()).toBe(deep(more));
  });

  test('one that is too large to go unmeasured takes no other with it either', async () => {
    const big = JSON.stringify(event('m3', { properties: { text: 'x'.repeat(20_000) } }));
    const answer = await call('batch', `{"batch":[${deep('"type":"track","event":"e"')},${big}]}`);
    expect(answer.json()).toEqual({ success: true, accepted: 1, quarantined: 1 });
  });

  test('text/plain is taken, as browsers’ beacons send it', async () => {
    expect((await call('track', JSON.stringify(event('m')), { 'content-type': 'text/plain' })).statusCode).toBe(200);
  });

  test('a gzip body that axios called a form is taken, as RudderStack’s Node library sends it; a form is not', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const gzip = { ...form, 'content-encoding': 'gzip' };
    expect((await call('batch', gzipSync(JSON.stringify({ batch: [event('m')] })), gzip)).json()).toMatchObject({
      accepted: 1,
    });
    expect((await call('track', 'event=e', form)).json().error).toMatchObject({ code: 'unsupported_media_type' });
    expect((await call('batch', gzipSync('event=e'), gzip)).json().error).toMatchObject({ code: 'malformed_json' });
  });
});

describe('a replay of what is held', () => {
  const taken = async () => {
    const records = await it.store.log.read({ topic: 'touchpoints.web_shop', partition: 0 }, 0, 100);
    return records.map(({ value }) => openCatalogue().decode(value));
  };
  const textOf = ({ bytes = '' }: Partial<Quarantined> = {}) => Buffer.from(bytes, 'base64').toString();
  const days = 86_400_000;

  test('of a batch means what it would have meant at once: by the clock, and in the context of then', async () => {
    const odd = event('m1', { event: undefined, timestamp: new Date(TEST_NOW - 3_600_000).toISOString() });
    const batch = [odd, event('m2', { context: undefined })];
    const sentAt = new Date(TEST_NOW - 3_000_000).toISOString();
    await call('batch', JSON.stringify({ batch, sentAt, context: { device: { id: 'd-9' } } }));
    const [item] = await quarantined();
    expect(JSON.parse(textOf(item))).toEqual({ ...odd, sentAt, context: { device: { id: 'd-9' } } });
    it.clock.advance(3 * days);
    const mended = textOf(item).replace('"track"', '"track","event":"Product Viewed"');
    expect((await call('batch?replay=0', `{"batch":[${mended}]}`)).json()).toMatchObject({ accepted: 1 });
    const replayed = (await taken()).find(({ messageId }) => messageId === 'm1');
    expect(replayed).toMatchObject({ occurredAt: TEST_NOW - 600_000, receivedAt: TEST_NOW + 3 * days });
    expect(replayed?.identifiers.map(({ type, value }) => `${type} ${value}`)).toContain('device d-9');
  });

  test('of a single call goes to the call it came by; without a time of its own it is of when it came', async () => {
    await call('track', JSON.stringify({ userId: 'u1', messageId: 'm1' }));
    expect(await quarantined()).toMatchObject([{ position: 'track', reason: { field: 'event', code: 'missing' } }]);
    it.clock.advance(3 * days);
    await call('track?replay=0', JSON.stringify({ userId: 'u1', messageId: 'm1', event: 'Signed Up' }));
    expect(await taken()).toMatchObject([{ messageId: 'm1', occurredAt: TEST_NOW }]);
    expect(await quarantined()).toHaveLength(1);
  });

  test('a large context beside many empty calls does not multiply', async () => {
    const batch = Array.from({ length: 5_000 }, () => ({}));
    await call('batch', JSON.stringify({ batch, context: { about: 'x'.repeat(300_000) } }));
    const [range] = await it.store.log.partitions('quarantine.web_shop');
    const [first, last] = [(await quarantined())[0], range?.end];
    expect(textOf(first).length).toBeGreaterThan(300_000);
    expect(last).toBe(5_000);
    const tail = await it.store.log.read({ topic: 'quarantine.web_shop', partition: 0 }, 4_999, 1);
    expect(textOf(JSON.parse(new TextDecoder().decode(tail[0]?.value)) as Quarantined)).toBe('{}');
  });

  test('is refused with the reason and not held a second time while it is not understood', async () => {
    await call('batch', JSON.stringify({ batch: [{ type: 'dance', messageId: 'm1' }] }));
    const again = await call('batch?replay=0', JSON.stringify({ batch: [{ type: 'dance', messageId: 'm1' }] }));
    expect(again.statusCode).toBe(422);
    expect(again.json().error).toMatchObject({ code: 'not_one_of', field: 'batch[0].type' });
    expect(await quarantined()).toHaveLength(1);
    const mended = await call('batch?replay=0', JSON.stringify({ batch: [event('m1')] }));
    expect(mended.json()).toEqual({ success: true, accepted: 1, quarantined: 0 });
  });

  test.each([
    ['batch?replay=7', 404, 'not_held'],
    ['batch?replay=x', 400, 'invalid_request'],
    ['batch?replay=0', 400, 'invalid_request'],
  ])('%s of two calls is refused', async (name, status, code) => {
    await call('batch', JSON.stringify({ batch: [{ type: 'dance' }] }));
    const answer = await call(name, JSON.stringify({ batch: [event('m1'), { type: 'dance' }] }));
    expect({ status: answer.statusCode, code: answer.json().error.code }).toEqual({ status, code });
    expect(await quarantined()).toHaveLength(1);
  });
});

describe('the quarantine', () => {
  const row = (position: string) => ({
    reason: { code: 'wrong_fields', field: 'row', found: '3 fields', expected: '8 fields', remedy: 'mend the row' },
    position,
    bytes: Buffer.from('a,b,c').toString('base64'),
  });

  test('takes an importer’s rows; the same row again stands there once', async () => {
    const first = await call('quarantine', JSON.stringify({ items: [row('f.csv:1'), row('f.csv:2')] }));
    expect(first.json()).toEqual({ accepted: 2, known: 0 });
    const again = await call('quarantine', JSON.stringify({ items: [row('f.csv:2'), row('f.csv:3')] }));
    expect(again.json()).toEqual({ accepted: 2, known: 1 });
    expect(await quarantined()).toHaveLength(3);
  });

  test('takes rows of two files of one name, whose lines are the same, as two', async () => {
    const rows = ['a', 'b', 'a'].map((source) => ({ ...row('f.csv:1'), source }));
    expect((await call('quarantine', JSON.stringify({ items: rows }))).json()).toEqual({ accepted: 3, known: 1 });
    expect((await quarantined()).map(({ source }) => source)).toEqual(['a', 'b']);
  });

  test('is listed with reasons and positions; bytes only for an admin who says so', async () => {
    await call('quarantine', JSON.stringify({ items: [row('f.csv:1')] }));
    const get = (url: string, headers = {}) => it.server.fastify.inject({ url, headers: { ...own, ...headers } });
    const { items } = (await get('/v1/quarantine?channel=web_shop')).json<{ items: object[] }>();
    expect(items).toEqual([
      {
        offset: 0,
        origin: 'file',
        position: 'f.csv:1',
        receivedAt: expect.any(String),
        reason: row('').reason,
        size_bytes: 5,
      },
    ]);
    expect((await get('/v1/quarantine')).json()).toEqual({
      channels: [
        { channel: 'app', held: 0 },
        { channel: 'web_shop', held: 1 },
      ],
    });
    expect((await get('/v1/quarantine?channel=web_shop&bytes=true')).statusCode).toBe(403);
    expect((await get('/v1/quarantine?channel=web_shop&bytes=true', basic(it.read))).statusCode).toBe(403);
    const shown = (await get('/v1/quarantine?channel=web_shop&bytes=true', basic(it.admin))).json<{
      items: { bytes: string }[];
    }>();
    expect(Buffer.from(shown.items[0]?.bytes ?? '', 'base64').toString()).toBe('a,b,c');
  });

  test.each([[{ items: 1 }], [{ items: [{ bytes: 'not base64!' }] }], [{ items: [{ ...row('x'), reason: {} }] }]])(
    'refuses %j',
    async (body) => {
      expect((await call('quarantine', JSON.stringify(body))).statusCode).toBe(400);
    },
  );
});
