import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlatformStats } from './ops/platform-stats.js';
import { type Platform, startPlatform } from './platform.js';
import { type PlatformOptions } from './platform/platform-options.js';

let dataDir: string;
let platform: Platform | undefined;
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'tributary-platform-'))));
afterEach(async () => {
  await platform?.stop();
  platform = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (options: Partial<PlatformOptions> = {}): Promise<Platform> =>
  (platform = await startPlatform({ dataDir, host: '127.0.0.1', port: 0, sqlPort: 0, logLevel: 'silent', ...options }));

const ask = async <T>(
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<{ status: number; body: T }> => {
  const it = platform as Platform;
  const response = await fetch(new URL(path, it.url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${it.token}`, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
};

const settled = async (): Promise<PlatformStats> => {
  for (;;) {
    const { body } = await ask<PlatformStats>('/v1/status');
    if (Object.values(body.lag).every((waiting) => waiting === 0)) return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const order = (n: number, phone: string) => ({
  type: 'order_placed',
  messageId: `o${n}`,
  occurredAt: `2026-05-0${n}T10:00:00+08:00`,
  identifiers: [{ type: 'phone', value: phone }],
  payload: { orderId: `o${n}`, amount: '12.50', currency: 'CNY', lines: [] },
});

test('from the door to a customer, through a restart, with one who erases', async () => {
  await start();
  expect(
    (
      await ask('/v1/touchpoints?channel=web_shop', [
        order(1, '13912345678'),
        order(2, '13912345678'),
        order(3, '13987654321'),
      ])
    ).status,
  ).toBe(200);
  expect(await settled()).toMatchObject({ customers: 2, touchpoints: 3 });
  const { body: found } = await ask<{ customerId: string; value: object }>('/v1/customers?phone=139-1234-5678');
  expect(found.value).toMatchObject({ net: '25.00', purchases: 2 });

  await platform?.stop();
  await start();
  // The same again is known; a channel that nobody had written to yet is followed from its first touchpoint on.
  const { key } = await (platform as Platform).keys.create({ kind: 'write', channel: 'market_stall' });
  expect((await ask('/v1/touchpoints?channel=web_shop', order(1, '13912345678'))).status).toBe(200);
  expect((await ask('/v1/touchpoints', order(4, '13987654321'), { authorization: `Bearer ${key}` })).status).toBe(200);
  const stats = await settled();
  expect(stats).toMatchObject({ customers: 2, touchpoints: 4 });
  expect(stats.channels.find(({ channel }) => channel === 'web_shop')).toMatchObject({ accepted: 3, duplicates: 1 });
  expect(stats.channels.find(({ channel }) => channel === 'market_stall')).toMatchObject({ accepted: 1 });

  const { body: other } = await ask<{ customerId: string }>('/v1/customers?phone=13987654321');
  const merged = await ask(
    `/v1/customers/${found.customerId}/merge`,
    { with: other.customerId, reason: 'one person' },
    { 'idempotency-key': 'm1' },
  );
  expect(merged).toMatchObject({ status: 200, body: { commandId: 'm1', status: 'done' } });
  expect((await ask<{ value: object }>(`/v1/customers/${other.customerId}`)).body.value).toMatchObject({
    net: '50.00',
  });
  const again = await ask(
    `/v1/customers/${found.customerId}/merge`,
    { with: other.customerId, reason: 'one person' },
    { 'idempotency-key': 'm1' },
  );
  expect(again.status).toBe(200);

  expect((await ask<{ equal: boolean }>('/v1/ops/verify', {})).body.equal).toBe(true);
  const erased = await ask(`/v1/customers/${found.customerId}/erase`, { reason: 'asked for' });
  expect(erased).toMatchObject({ status: 200, body: { status: 'done', receipt: expect.anything() } });
  expect((await ask('/v1/customers?phone=13912345678')).status).toBe(404);
  expect(
    (await ask<{ records: number }>('/v1/ops/end-retention', { reason: 'asked for' })).body.records,
  ).toBeGreaterThan(0);
});

test('on loopback the default user has no password that could be wrong, and another is known by a key', async () => {
  const { sqlUrl, keys } = await start();
  const { key } = await keys.create({ kind: 'role', role: 'read' });
  const statusOf = async (user: string, password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return (await fetch(`${sqlUrl}/?query=SELECT+1`, { headers: { authorization } })).status;
  };
  // Recorded of clickhouse-jdbc 0.9.4, where no password is stated.
  expect(await statusOf('default', 'null')).toBe(200);
  expect(await statusOf('default', '')).toBe(200);
  expect(await statusOf('analyst', key)).toBe(200);
  expect(await statusOf('analyst', 'null')).toBe(403);
});

test('one server a folder; what it leaves for the CLI goes with it', async () => {
  const { token, url } = await start();
  const file = join(dataDir, 'server.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid, url, token });
  await expect(startPlatform({ dataDir, host: '127.0.0.1', port: 0, sqlPort: 0, logLevel: 'silent' })).rejects.toThrow(
    /in use/,
  );
  expect((await ask('/health/ready')).body).toEqual({
    status: 'ok',
    checks: { pipeline: 'ok', reads: 'ok', sql: 'ok', warehouse: 'ok' },
  });
  await platform?.stop();
  await expect(stat(file)).rejects.toThrow(/ENOENT/);
});

test('a port that is taken is an error that leaves the folder free', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await start();
  await new Promise((resolve) => taken.close(resolve));
});
