import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, StoreFull } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { type BackupMade, type Verification } from '../ops/operations.js';
import { type PlatformStats } from '../ops/platform-stats.js';
import { type Platform, startPlatform } from '../platform.js';
import { backupTo } from './backup.js';

let dir: string;
let dataDir: string;
let platform: Platform | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-backup-'));
  dataDir = join(dir, 'data');
});
afterEach(async () => {
  await platform?.stop();
  platform = undefined;
  await rm(dir, { recursive: true, force: true });
});

const start = async (folder: string): Promise<void> => {
  await platform?.stop();
  platform = undefined;
  const quiet = { host: '127.0.0.1', port: 0, sqlPort: 0, logLevel: 'silent' } as const;
  platform = await startPlatform({ dataDir: folder, ...quiet });
};

const ask = async <T>(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: T }> => {
  const { url, token } = platform as Platform;
  const response = await fetch(new URL(path, url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
};

const settled = async (): Promise<void> => {
  for (;;) {
    const { body } = await ask<PlatformStats>('/v1/status');
    if (Object.values(body.lag).every((waiting) => waiting === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const buy = (n: number, phone: string) =>
  ask('/v1/touchpoints?channel=web_shop', {
    type: 'order_placed',
    messageId: `o${n}`,
    occurredAt: '2026-05-01T10:00:00+08:00',
    identifiers: [{ type: 'phone', value: phone }],
    payload: { orderId: `o${n}`, amount: '12.50', currency: 'CNY', lines: [] },
  });

const net = async (phone: string): Promise<unknown> =>
  (await ask<{ value?: { net: string } }>(`/v1/customers?phone=${phone}`)).body.value?.net;
const inTables = async (): Promise<number> => {
  const { sqlUrl } = platform as Platform;
  return Number(
    await (await fetch(sqlUrl as string, { method: 'POST', body: 'SELECT count() FROM fct_orders' })).text(),
  );
};
const backUp = (folder: string) => ask<BackupMade & { error?: { code: string } }>('/v1/ops/backup', { folder });

test('a disk without room for the store is told as one, and nothing of the backup stays', async () => {
  await mkdir(dataDir);
  const copy = () => Promise.reject(new StoreFull('embedded store', 'database or disk is full'));
  const store = { copy, events: memoryStore().events };
  const made = backupTo({ dataDir, store, clock: manualClock(0) })(join(dir, 'kept'));
  await expect(made).rejects.toMatchObject({
    status: 409,
    code: 'backup_failed',
    message: expect.stringContaining('no space left'),
  });
  expect(await readdir(dir)).toEqual(['data']);
});

test('a backup of a platform that is in use is a data folder as it was then, but for its secrets', async () => {
  await start(dataDir);
  await buy(1, '13912345678');
  await buy(2, '13987654321');
  await settled();
  // From here on only the tables know of these orders one by one.
  expect((await ask('/v1/ops/end-retention', { reason: 'test' })).status).toBe(200);
  const folder = join(dir, 'kept');
  const comesOn = (async () => {
    for (let n = 10; n < 40; n++) await buy(n, '13800000000');
  })();
  expect((await backUp(folder)).body).toMatchObject({ folder, left: 'secrets.json' });
  await comesOn;
  expect(await readdir(folder)).not.toContain('secrets.json');
  expect((await readdir(dir)).sort()).toEqual(['data', 'kept']);
  expect((await readdir(dataDir)).filter((name) => name.startsWith('tributary-scratch'))).toEqual([]);
  for (const name of ['keys.db', 'tributary.db']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);

  const { body: gone } = await ask<{ customerId: string }>('/v1/customers?phone=13987654321');
  expect((await ask(`/v1/customers/${gone.customerId}/erase`, { reason: 'asked' })).status).toBe(200);
  await settled();

  await expect(start(folder)).rejects.toThrow('secrets.json');
  await copyFile(join(dataDir, 'secrets.json'), join(folder, 'secrets.json'));
  await start(folder);
  await settled();
  expect([await net('13912345678'), await net('13987654321')]).toEqual(['12.50', '12.50']);
  const { body: status } = await ask<PlatformStats>('/v1/status');
  expect(await inTables()).toBe(status.touchpoints);
  const { body } = await ask<Verification>('/v1/ops/verify', {});
  expect(body.projections.filter(({ outcome }) => outcome === 'different')).toEqual([]);
  expect(await readdir(folder)).not.toContain('backup.json');
  await buy(50, '13912345678');
  await settled();
  expect(await net('13912345678')).toBe('25.00');
});

test('a backup takes the place of nothing, and leaves nothing where it cannot be made', async () => {
  await start(dataDir);
  expect((await backUp(join(dir, 'kept'))).status).toBe(200);
  expect((await backUp(join(dir, 'kept'))).body.error?.code).toBe('folder_exists');
  for (const folder of [join(dir, 'none', 'kept'), join(dir, 'long'.repeat(80))])
    expect(await backUp(folder)).toMatchObject({ status: 409, body: { error: { code: 'backup_failed' } } });
  await symlink(dataDir, join(dir, 'link'));
  for (const folder of [
    'kept',
    join(dataDir, 'kept'),
    join(dir, 'link', 'kept'),
    `${dir}/../kept`,
    `${dir}/\0`,
    `${dir}/\ud800`,
    dataDir,
  ])
    expect((await backUp(folder)).status).toBe(400);
  expect((await readdir(dir)).sort()).toEqual(['data', 'kept', 'link']);
});
