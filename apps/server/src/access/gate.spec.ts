import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { basic, bearer, json, openTestServer, own, searched, type TestServer } from '../testing/test-server.js';

type Who = 'none' | 'wrong' | 'write' | 'read' | 'admin';

/** One route of each need, asked so that nothing but the gate can refuse it. */
const requests = {
  nobody: { method: 'GET', url: '/health/live' },
  read: { method: 'GET', url: '/v1/status' },
  write: {
    method: 'POST',
    url: '/v1/touchpoints?channel=web_shop',
    payload: JSON.stringify([searched('m')]),
    headers: json,
  },
  admin: { method: 'POST', url: '/v1/ops/verify', payload: '{}', headers: json },
} as const;

const matrix = {
  loopback: {
    nobody: { none: 200, wrong: 200, write: 200, read: 200, admin: 200 },
    read: { none: 200, wrong: 401, write: 200, read: 200, admin: 200 },
    write: { none: 401, wrong: 401, write: 200, read: 403, admin: 200 },
    admin: { none: 200, wrong: 401, write: 403, read: 403, admin: 200 },
  },
  network: {
    nobody: { none: 200, wrong: 200, write: 200, read: 200, admin: 200 },
    read: { none: 401, wrong: 401, write: 403, read: 200, admin: 200 },
    write: { none: 401, wrong: 401, write: 200, read: 403, admin: 200 },
    admin: { none: 401, wrong: 401, write: 403, read: 403, admin: 200 },
  },
} as const;

const headersOf = (who: Who, it: TestServer): Record<string, string> =>
  who === 'none' ? {} : basic(who === 'wrong' ? 'trib_admin_wrong' : it[who]);

describe.each(['loopback', 'network'] as const)('bound to %s', (where) => {
  let it: TestServer;
  beforeAll(async () => void (it = await openTestServer({ host: where === 'loopback' ? '127.0.0.1' : '0.0.0.0' })));
  afterAll(() => it.close());

  const rows = (['nobody', 'read', 'write', 'admin'] as const).flatMap((needs) =>
    (['none', 'wrong', 'write', 'read', 'admin'] as const).map(
      (who) => [needs, who, matrix[where][needs][who]] as const,
    ),
  );
  test.each(rows)('a door for %s, asked with key %s, answers %i', async (needs, who, status) => {
    const request = requests[needs];
    const answer = await it.server.fastify.inject({
      ...request,
      headers: { ...own, ...('headers' in request ? request.headers : {}), ...headersOf(who, it) },
    });
    expect(answer.statusCode).toBe(status);
    if (status >= 400)
      expect(answer.json()).toEqual({
        error: expect.objectContaining({ code: expect.any(String), remedy: expect.any(String) }),
      });
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
  });

  test('every answer carries the security headers, refusals and unknown addresses too', async () => {
    for (const url of ['/', '/v1/status', '/nothing', '/%zz']) {
      const answer = await it.server.fastify.inject({ url, headers: own });
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('another site’s page is refused, whatever key its browser holds', async () => {
    const answer = await it.server.fastify.inject({
      url: '/v1/status',
      headers: { ...own, ...bearer(it.admin), origin: 'http://evil.com' },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().error.code).toBe('foreign_origin');
  });

  test('a command that a form of another site could have sent is refused', async () => {
    const form = await it.server.fastify.inject({
      method: 'POST',
      url: '/v1/ops/verify',
      headers: { ...own, ...bearer(it.admin), 'content-type': 'text/plain' },
      payload: '{}',
    });
    expect(form.statusCode).toBe(415);
    const meant = await it.server.fastify.inject({
      method: 'POST',
      url: '/v1/ops/verify',
      headers: { ...own, ...bearer(it.admin), 'x-tributary-intent': 'verify' },
    });
    expect(meant.statusCode).toBe(200);
  });
});

describe('on loopback', () => {
  let it: TestServer;
  beforeAll(async () => void (it = await openTestServer()));
  afterAll(() => it.close());

  test.each(['evil.com', 'evil.com:8080', 'localhost:1234', '127.0.0.1.nip.io:8080'])(
    'Host %s is refused on every route',
    async (host) => {
      for (const url of ['/', '/v1/status', '/health/live', '/v1/customers?phone=1'])
        expect((await it.server.fastify.inject({ url, headers: { host } })).statusCode).toBe(403);
    },
  );

  test.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
    'via',
    'cf-connecting-ip',
    'true-client-ip',
  ])('who came through a proxy that says so by %s is not on this machine, and needs a key', async (name) => {
    const ask = async (request: (typeof requests)['read' | 'admin'], who: Who) =>
      (
        await it.server.fastify.inject({
          ...request,
          headers: { ...own, ...json, ...headersOf(who, it), [name]: '203.0.113.7' },
        })
      ).statusCode;
    const asked = [];
    for (const who of ['none', 'write', 'read', 'admin'] as const)
      asked.push([await ask(requests.read, who), await ask(requests.admin, who)]);
    expect(asked).toEqual([
      [401, 401],
      [403, 403],
      [200, 403],
      [200, 200],
    ]);
  });

  test('a write key names its channel and writes to no other', async () => {
    const answer = await it.server.fastify.inject({
      method: 'POST',
      url: '/v1/touchpoints?channel=app',
      headers: { ...own, ...json, ...basic(it.write) },
      payload: JSON.stringify(searched('m')),
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().error.code).toBe('channel_mismatch');
  });

  test.each([
    ['', 'channel_needed'],
    ['?channel=nowhere', 'unknown_channel'],
    ['?channel=../x', 'unknown_channel'],
    ['?channel=app&channel=web_shop', 'unknown_channel'],
  ])('an admin who writes must name a channel that there is: %s', async (query, code) => {
    const answer = await it.server.fastify.inject({
      method: 'POST',
      url: `/v1/touchpoints${query}`,
      headers: { ...own, ...json, ...bearer(it.admin) },
      payload: JSON.stringify(searched('m')),
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ code, field: 'channel' });
  });
});

test('an address that others reach is not served without an admin key', async () => {
  const it = await openTestServer();
  const { AccessKeys } = await import('./access-keys.js');
  const none = await AccessKeys.open(`${it.keys.file}.none`, it.clock);
  await expect(openTestServer({ host: '0.0.0.0', deps: { keys: none } })).rejects.toMatchObject({
    name: 'AdminKeyMissing',
    message: expect.stringContaining('no admin key'),
  });
  await it.close();
});

test('a key file that was cut off beneath a running server is said, and no key is called wrong', async () => {
  const it = await openTestServer();
  await writeFile(it.keys.file, '');
  it.clock.advance(1_001);
  const ask = (url: string) => it.server.fastify.inject({ url, headers: { ...own, ...basic(it.read) } });
  for (let asked = 0; asked < 2; asked++) {
    const answer = await ask('/v1/status');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('30');
    expect(answer.json().error).toMatchObject({
      code: 'keys_damaged',
      message: expect.stringMatching(/access-keys\.json/),
    });
    expect(answer.body).not.toContain(it.keys.file);
  }
  expect((await ask('/health/live')).statusCode).toBe(200);
  await it.close();
});
