import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFile, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbedded } from '@tributary/embedded';
import { readSettings } from '@tributary/server';
import { tributary } from './command-line.js';
import { RunningPlatform } from './running-platform.js';
import { order } from './touchpoints.js';

/** Of parts of different age, `keys.db` alone is put in the place of the other one, as the guide on backups says. */
const keysOf = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const name of ['keys.db-wal', 'keys.db-shm']) await rm(join(to, name), { force: true });
  await copyFile(join(from, 'keys.db'), join(to, 'keys.db'));
};

/** Of what was ever sealed, how many keys are there. */
const keysLeft = async (dir: string): Promise<number> => {
  const { masterKey } = JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8')) as { masterKey: string };
  const store = await openEmbedded({ dir, masterKey: Buffer.from(masterKey, 'base64') });
  const events = await store.events.readAll(-1, 1_000);
  const keys = await store.vault.keysById(events.flatMap(({ metadata }) => metadata.keyId ?? []));
  await store.close();
  return keys.size;
};

describe('a keys.db that is older than tributary.db', () => {
  let town: RunningPlatform;
  const place = (name: string): string => `${town.dataDir}-${name}`;
  beforeAll(async () => {
    town = await RunningPlatform.begin();
    await town.take('web_shop', [
      order('k-1', '2025-01-01T00:00:00Z', { member_no: 'M1' }),
      order('k-2', '2025-01-01T00:00:00Z', { member_no: 'M2' }),
    ]);
    await town.settled();
    await town.stop();
    await keysOf(town.dataDir, place('older'));
  });
  afterAll(async () => {
    await town.end();
    for (const name of ['older', 'newer', 'before', 'before-erasing'])
      await rm(place(name), { recursive: true, force: true });
  });

  test('is refused where it lacks keys of people who came since, and is taken once that is said for good', async () => {
    await town.start();
    await town.take('web_shop', [order('k-3', '2025-01-02T00:00:00Z', { member_no: 'M3' })]);
    await town.settled();
    await town.stop();
    await keysOf(town.dataDir, place('newer'));
    await keysOf(place('older'), town.dataDir);

    const { exit, err } = await tributary(['up', '--no-sample', '--port', '0', '--sql-port', '0'], town.dataDir);
    expect(err).toMatch(/lacks the keys of 1 subjects or more, from position \d+/);
    expect(err).not.toMatch(/\n\s+at /);
    expect(exit).toBe(1);
    const [, lostTo = ''] = /TRIBUTARY_KEYS_LOST_TO=(\d+)/.exec(err) ?? [];

    // The other way out: what is known of them is there until a rebuild drops it.
    await town.restart({ engines: readSettings({ TRIBUTARY_KEYS_LOST_TO: lostTo }) });
    expect((await town.profile('member_no=M3')).version).toBeGreaterThan(0);
    await town.stop();

    await keysOf(place('newer'), town.dataDir);
    await town.restart({});
    await town.take('web_shop', [order('k-4', '2025-01-03T00:00:00Z', { member_no: 'M3' })]);
    await town.settled();
    expect((await town.profile('member_no=M3')).value.net).toBe('200.00');
  });

  test('loses the keys again that were destroyed since', async () => {
    await town.stop();
    await keysOf(town.dataDir, place('before'));
    await town.start();
    const erased = await tributary(['erase', 'member_no=M2', '--reason', 'asked for', '--yes', '--json'], town.dataDir);
    expect(erased.err).toBe('');
    await town.settled();
    await town.stop();
    await keysOf(place('before'), town.dataDir);
    await town.start();
    await town.stop();
    expect(await keysLeft(town.dataDir)).toBe(2);
    await town.start();
    expect(JSON.parse((await tributary(['verify', '--json'], town.dataDir)).out)).toMatchObject({ equal: true });
  });

  test('verify and rebuild say what a tributary.db of before an erasure lacks', async () => {
    const before = place('before-erasing');
    await town.stop();
    await cp(town.dataDir, before, { recursive: true });
    await town.start();
    const { customerId } = await town.profile('member_no=M1');
    const erased = await town.ask(`/v1/customers/${customerId}/erase`, { body: { reason: 'asked for' } });
    expect(erased.status).toBe(200);
    await town.settled();
    await town.stop();
    for (const name of await readdir(before))
      if (name.startsWith('tributary.db')) await cp(join(before, name), join(town.dataDir, name));

    await town.start();
    for (const order of ['verify', 'rebuild']) {
      const headers = { authorization: `Bearer ${town.platform.token}` };
      const refused = await town.ask<{ error: { message: string } }>(`/v1/ops/${order}`, { headers, body: {} });
      expect(refused.status).toBe(503);
      expect(refused.body.error.message).toMatch(
        /was given up: keys: the vault lacks the keys of 1 subjects or more.* TRIBUTARY_KEYS_LOST_TO=\d+/,
      );
    }
  });
});
