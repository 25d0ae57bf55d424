import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tributary } from './command-line.js';
import { type Asking, type Refused, RunningPlatform } from './running-platform.js';
import { order } from './touchpoints.js';

/** Whatever comes in, the answer names the field and the remedy, what stood beside it is kept, and nothing falls over. */
describe('bad input', () => {
  let town: RunningPlatform;
  let key: string;
  let files: string;
  let sent = 0;
  beforeAll(async () => {
    town = await RunningPlatform.begin();
    key = await town.keyFor('web_shop');
    files = await mkdtemp(join(tmpdir(), 'tributary-files-'));
  });
  // After anything, the door still takes what is right.
  afterEach(async () => {
    await town.take('web_shop', [good()]);
    expect((await town.ask<{ status: string }>('/health/ready')).body.status).toBe('ok');
  });
  afterAll(async () => {
    await town.end();
    await rm(files, { recursive: true, force: true });
  });

  const good = (more: Readonly<Record<string, unknown>> = {}) => ({
    ...order(`good-${++sent}`, '2026-03-01T10:00:00Z', { member_no: 'M1' }, '1.00'),
    ...more,
  });
  const accepted = (): Promise<number> => town.accepted('web_shop');
  const send = (asking: Asking, path = '/v1/touchpoints') =>
    town.ask<Refused & { accepted: number; items: { index: number; problem: { code: string; field: string } }[] }>(
      path,
      {
        ...asking,
        headers: { authorization: `Bearer ${key}`, ...asking.headers },
      },
    );
  const refusal = { message: expect.stringMatching(/./), remedy: expect.stringMatching(/./) };

  test.each([
    [
      'nobody’s key',
      { body: [], headers: { authorization: 'Bearer trib_w_nobody' } },
      401,
      'key_needed',
      'Authorization',
    ],
    ['malformed JSON', { body: '[{"type":"order_placed",]' }, 400, 'malformed_json', 'body'],
    ['a body that breaks off', { body: '[{"type":"order_pl' }, 400, 'malformed_json', 'body'],
    ['no body', { body: '', method: 'POST' }, 400, 'empty_body', 'body'],
    ['a body of another kind', { body: '"a text"' }, 400, 'invalid_request', 'body'],
    ['a list that is none', { body: { touchpoints: 'all' } }, 400, 'invalid_request', 'touchpoints'],
    ['invalid UTF-8', { body: Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]) }, 400, 'invalid_utf8', 'body'],
    [
      'half a gzip',
      {
        body: gzipSync(JSON.stringify(Array.from({ length: 50 }, (_, n) => n))).subarray(0, 40),
        headers: { 'content-encoding': 'gzip' },
      },
      400,
      'broken_gzip',
      'body',
    ],
    ['a gzip that is none', { body: '[]', headers: { 'content-encoding': 'gzip' } }, 400, 'broken_gzip', 'body'],
    [
      'a gzip bomb',
      { body: gzipSync(Buffer.alloc(64 << 20)), headers: { 'content-encoding': 'gzip' } },
      413,
      'body_too_large',
      'body',
    ],
    [
      'an encoding that it does not know',
      { body: '[]', headers: { 'content-encoding': 'br' } },
      415,
      'unsupported_encoding',
      'Content-Encoding',
    ],
    [
      'a form',
      { body: 'type=order_placed', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
      'Content-Type',
    ],
    ['an oversize body', { body: Buffer.alloc((5 << 20) + 1, 0x20) }, 413, 'body_too_large', 'body'],
    ['too many items', { body: `[${'0,'.repeat(10_000)}0]` }, 413, 'too_many_items', 'touchpoints'],
  ] as const)('%s is refused whole', async (_what, asking, status, code, field) => {
    const before = await accepted();
    const answer = await send(asking as Asking);
    expect({ status: answer.status, ...answer.body }).toEqual({ status, error: { code, field, ...refusal } });
    expect(await accepted()).toBe(before);
  });

  test.each([
    ['an unknown type', { type: 'order_plcaed' }, 'unknown_type', 'type'],
    ['no id', { messageId: undefined }, 'missing', 'messageId'],
    ['a date that is none', { occurredAt: 'yesterday' }, 'invalid_date', 'occurredAt'],
    ['a day that there never was', { occurredAt: '2025-02-30T00:00:00Z' }, 'invalid_date', 'occurredAt'],
    ['a date without an offset', { occurredAt: '2026-03-01T10:00:00' }, 'date_without_offset', 'occurredAt'],
    ['a date in the future', { occurredAt: '2199-01-01T00:00:00Z' }, 'date_in_future', 'occurredAt'],
    ['an absurd date', { occurredAt: '0001-01-01T00:00:00Z' }, 'date_too_early', 'occurredAt'],
    ['identifiers that are no list', { identifiers: { phone: '13912345678' } }, 'wrong_type', 'identifiers'],
    [
      'an unknown identifier type',
      { identifiers: [{ type: 'fax', value: '1' }] },
      'unknown_identifier_type',
      'identifiers[0].type',
    ],
    [
      'a phone that is none',
      { identifiers: [{ type: 'phone', value: '12' }] },
      'invalid_identifier',
      'identifiers[0].value',
    ],
    ['a field nobody knows', { colour: 'red' }, 'unknown_field', 'colour'],
    [
      'an amount that is none',
      { payload: { orderId: 'o', amount: 'ten', currency: 'CNY', lines: [] } },
      'invalid_amount',
      'payload.amount',
    ],
    [
      'an amount finer than any coin',
      { payload: { orderId: 'o', amount: '1.00001', currency: 'CNY', lines: [] } },
      'amount_too_precise',
      'payload.amount',
    ],
    [
      'a currency that is none',
      { payload: { orderId: 'o', amount: '1', currency: 'QQQ', lines: [] } },
      'unknown_currency',
      'payload.currency',
    ],
    ['a lone surrogate', { messageId: 'bad-\ud800' }, 'ill_formed_text', 'messageId'],
  ])('%s is refused alone, and what stands beside it is kept', async (_what, fault, code, field) => {
    const before = await accepted();
    const { status, body } = await send({ body: [good(), good(fault), good()] });
    expect({ status, accepted: body.accepted, items: body.items }).toMatchObject({
      status: 200,
      accepted: 2,
      items: [
        {
          index: 1,
          status: 'rejected',
          problem: { code, field, found: expect.any(String), ...{ remedy: refusal.remedy } },
        },
      ],
    });
    expect(await accepted()).toBe(before + 2);
    // Alone, it is an error.
    const alone = await send({ body: [good(fault)] });
    expect({ status: alone.status, error: alone.body.error }).toEqual({
      status: 422,
      error: { code, field, ...refusal },
    });
  });

  test('an unknown channel, and a key of another one', async () => {
    const admin = { authorization: `Bearer ${town.platform.token}` };
    const unknown = await send({ body: [good()], headers: admin }, '/v1/touchpoints?channel=web_shpo');
    expect(unknown.body.error).toMatchObject({ field: 'channel', ...refusal });
    expect(unknown.status).toBeGreaterThanOrEqual(400);
    const none = await send({ body: [good()], headers: admin });
    expect(none.body.error).toMatchObject({ field: 'channel', ...refusal });
    const other = await send({ body: [good()] }, '/v1/touchpoints?channel=app');
    expect(other.status).toBeGreaterThanOrEqual(400);
    const imported = await tributary(['import', 'web_shpo', 'x.csv'], town.dataDir);
    expect(imported).toMatchObject({ exit: 3, err: expect.stringContaining('web_shop') });
  });

  test('Segment’s door sets aside what it cannot read, and says so', async () => {
    const { status, body } = await send(
      {
        body: {
          batch: [
            { type: 'track', messageId: 'seg-1', userId: 'u', event: 'Lamp Lit', timestamp: '2026-01-01T00:00:00Z' },
            { type: 'track', messageId: 'seg-2', userId: 'u' },
            { type: 'sing', messageId: 'seg-3', userId: 'u' },
            null,
          ],
        },
      },
      '/v1/batch',
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: 1, quarantined: 3 } });
    const { body: held } = await town.ask<{ items: { reason: { code: string }; position: string }[] }>(
      '/v1/quarantine?channel=web_shop',
    );
    expect(held.items.map(({ position }) => position)).toEqual(
      expect.arrayContaining(['batch[1]', 'batch[2]', 'batch[3]']),
    );
    expect((await send({ body: { userId: 'u', event: 'x'.repeat(40_000) } }, '/v1/track')).status).toBe(413);
  });

  test('a file’s broken rows go to the quarantine with their bytes; the rest is taken; half a gzip is said to be half', async () => {
    const rows = Array.from(
      { length: 3_000 },
      (_, n) => `${710_000 + n},S1,Lamp,1,2011-05-10 12:00:00,2.50,71001,France`,
    );
    const head = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
    const broken = [
      '719001,S1,Lamp,many,2011-05-10 12:00:00,2.50,71001,France',
      '719002,S1,Lamp',
      '719003,S1,Lamp,1,2011-13-40 12:00:00,2.50,71001,France',
    ];
    const text = Buffer.from(`${[head, ...rows.slice(0, 10), ...broken, ...rows.slice(10, 20)].join('\n')}\n`);
    const bytes = Buffer.concat([
      text,
      Buffer.from('719004,S1,\xff\xfe,1,2011-05-10 12:00:00,2.50,71001,France\n', 'latin1'),
    ]);
    const file = join(files, 'broken.csv');
    await writeFile(file, bytes);
    const { exit, out } = await tributary(['import', 'online_retail', file, '--json'], town.dataDir);
    expect({ exit, ...(JSON.parse(out) as object) }).toMatchObject({
      exit: 0,
      rows: 24,
      covered: 20,
      quarantined: 4,
      new: 20,
    });
    const { body } = await town.ask<{ items: { position: string; bytes: string; reason: { found: string } }[] }>(
      '/v1/quarantine?channel=online_retail&bytes=true',
      { headers: { 'x-tributary-intent': 'look' } },
    );
    expect(body.items.map(({ bytes: held }) => Buffer.from(held, 'base64').toString('latin1').trim())).toEqual(
      expect.arrayContaining(broken),
    );
    expect(body.items.every(({ reason }) => reason.found !== '')).toBe(true);

    const half = join(files, 'half.csv.gz');
    const packed = gzipSync(`${[head, ...rows.slice(20)].join('\n')}\n`);
    await writeFile(half, packed.subarray(0, packed.length >> 1));
    const cut = await tributary(['import', 'online_retail', half, '--json'], town.dataDir);
    expect(cut.exit).toBe(1);
    expect(cut.err).toMatch(/damaged/);
    const { new: some } = JSON.parse(cut.out) as { new: number };
    expect(some).toBeGreaterThan(0);
    // The whole file, when it comes, brings the rest and nothing twice.
    await writeFile(half, packed);
    const whole = await tributary(['import', 'online_retail', half, '--json'], town.dataDir);
    expect({ exit: whole.exit, ...(JSON.parse(whole.out) as object) }).toMatchObject({
      exit: 0,
      rows: 2_980,
      new: 2_980 - some,
    });
  });

  test('a request that breaks off leaves nothing', async () => {
    const before = await accepted();
    const url = new URL('/v1/touchpoints', town.platform.url);
    await new Promise<void>((resolve) => {
      const outgoing = request(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': 10_000 },
      });
      outgoing.once('error', () => undefined);
      outgoing.once('close', resolve);
      outgoing.write(JSON.stringify([good()]));
      setTimeout(() => outgoing.destroy(), 100);
    });
    expect(await accepted()).toBe(before);
  });

  test('addresses and parameters that are none', async () => {
    for (const [path, status] of [
      ['/v1/customers/c_short', 400],
      ['/v1/customers?phone=12', 400],
      [`/v1/customers/c_${'0'.repeat(32)}`, 404],
      ['/v1/customers?limit=lots', 400],
      ['/v1/profile-events?types=weather', 400],
      ['/v1/quarantine?channel=..%2f', 400],
      ['/v1/nowhere', 404],
      ['/v1/customers/%00', 400],
    ] as const) {
      const answer = await town.ask<Refused>(path);
      expect({ path, status: answer.status, error: answer.body.error }).toMatchObject({ path, status, error: refusal });
    }
  });
});
