import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPlatform } from '@tributary/server';
import { tributary } from './command-line.js';
import { RunningPlatform } from './running-platform.js';
import { order, view } from './touchpoints.js';

describe('one data folder', () => {
  let town: RunningPlatform;
  beforeAll(async () => void (town = await RunningPlatform.begin()));
  afterAll(() => town.end());

  test('is served once at a time: a second start says by whom, and leaves the first alone', async () => {
    const { dataDir } = town;
    const { exit, err } = await tributary(['up', '--no-sample', '--port', '0', '--sql-port', '0'], dataDir);
    expect(exit).toBe(4);
    expect(err.split('\n')[0]).toContain(`is served already, by process ${process.pid}`);
    await expect(
      startPlatform({ dataDir, host: '127.0.0.1', port: 0, sqlPort: 0, logLevel: 'silent' }),
    ).rejects.toThrow(/in use by process/);
    expect((await town.ask<{ status: string }>('/health/ready')).body.status).toBe('ok');
  });

  test('goes on where it stopped: documents, log, feed and tables', async () => {
    await town.take('web_shop', [order('r-1', '2025-01-01T00:00:00Z', { member_no: 'M1' })]);
    await town.settled();
    const before = await town.profile('member_no=M1');
    const seen = await town.feed((events) => events.length >= 2);
    const secrets = await readFile(join(town.dataDir, 'secrets.json'), 'utf8');

    await town.stop();
    await town.start();
    expect(await readFile(join(town.dataDir, 'secrets.json'), 'utf8')).toBe(secrets);
    const { version, ...rest } = await town.profile('member_no=M1');
    expect({ version, ...rest }).toEqual({
      ...before,
      value: { ...before.value, recencyDays: rest.value.recencyDays },
    });
    // A key made before the restart, and one that the CLI makes beside it, both open.
    const made = await tributary(['key', 'create', '--channel', 'web_shop', '--json'], town.dataDir);
    const { key } = JSON.parse(made.out) as { key: string };
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { status } = await town.ask('/v1/touchpoints', {
      headers: { authorization: `Bearer ${key}` },
      body: [
        order('r-1', '2025-01-01T00:00:00Z', { member_no: 'M1' }),
        order('r-2', '2025-01-02T00:00:00Z', { member_no: 'M1' }),
      ],
    });
    expect(status).toBe(200);
    const { touchpoints, channels } = await town.settled();
    expect(touchpoints).toBe(2);
    expect(channels.find(({ channel }) => channel === 'web_shop')).toMatchObject({ accepted: 2, duplicates: 1 });
    expect((await town.profile('member_no=M1')).value.net).toBe('200.00');

    // The subscriber goes on behind what it had, and gets what is new, once.
    const last = seen.at(-1)?.position as string;
    const more = await town.feed((events) => events.some(({ type }) => type === 'tributary.profile.updated.v1'), last);
    expect(more.map(({ id }) => id).filter((id) => seen.some((event) => event.id === id))).toEqual([]);
    expect(await town.sql(`SELECT message_id FROM raw_touchpoints ORDER BY message_id`)).toEqual([
      { message_id: 'r-1' },
      { message_id: 'r-2' },
    ]);
  });

  test('stops only when what was accepted is safe, also in the middle of a rush', async () => {
    const rush = Array.from({ length: 4_000 }, (_, n) =>
      view(`v-${n}`, '2025-02-01T00:00:00Z', { device: `dev-${n % 300}` }),
    );
    await Promise.all([0, 1, 2, 3].map((i) => town.take('app', rush.slice(i * 1_000, (i + 1) * 1_000))));
    await town.stop();
    await town.start();
    const { channels } = await town.settled();
    expect(channels.find(({ channel }) => channel === 'app')).toMatchObject({ accepted: 4_000, duplicates: 0 });
    expect(await town.sql(`SELECT toUInt32(count()) AS n FROM raw_touchpoints WHERE channel = 'app'`)).toEqual([
      { n: 4_000 },
    ]);
  });
});
