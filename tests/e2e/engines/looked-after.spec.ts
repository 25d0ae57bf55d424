import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AccessKeys, type Role } from '@tributary/server';
import { Redis } from 'ioredis';
import { engine } from '../../engines/engine.js';
import { order, traits } from '../touchpoints.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';

const bin = fileURLToPath(new URL('../../../apps/cli/bin/tributary.cjs', import.meta.url));

interface Verification {
  readonly outcome: string;
  readonly projections: readonly { readonly name: string; readonly outcome: string }[];
}

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  let engines: EnginesForTests;
  let town: DistributedPlatform;
  beforeAll(async () => {
    engines = await beginEngines(kafkaUrl);
    town = await DistributedPlatform.begin({ ...engines.env, ...sharedKeys() });
    await town.fleet.join('standby', 'projector');
  });
  afterAll(async () => {
    await town?.end().finally(() => engines.end());
  });

  /** As its user runs it, on a folder that has nothing of the platform. */
  const tributary = async <T>(...argv: readonly string[]): Promise<{ readonly exit: number; readonly said: T }> => {
    const env = {
      ...process.env,
      TRIBUTARY_URL: town.fleet.urlOf('api'),
      TRIBUTARY_COLLECTOR_URL: town.fleet.urlOf('collector'),
      TRIBUTARY_KEY: town.fleet.key,
      TRIBUTARY_DATA: join(town.fleet.dataDir, 'nothing'),
    };
    const { code, stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...argv, '--json'], {
      env,
    }).then(
      (said) => ({ code: 0, ...said }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    return { exit: code, said: JSON.parse(stdout || stderr) as T };
  };
  const verify = () => tributary<Verification>('verify');

  test('a platform of processes is verified and rebuilt by the command line', async () => {
    await town.take('web_shop', [
      order('v-1', '2025-01-01T00:00:00Z', { member_no: 'V1' }),
      traits('v-2', '2025-01-02T00:00:00Z', { member_no: 'V1', phone: '13800000002' }, { name: '王' }),
    ]);
    await town.settled();
    const verified = await verify();
    expect(verified).toMatchObject({ exit: 0, said: { outcome: 'equal' } });
    const names = verified.said.projections.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['customers', 'clickhouse.raw_touchpoints', 'clickhouse.customers']));
    expect(await tributary<Verification>('rebuild')).toMatchObject({ exit: 0 });
    await town.take('web_shop', [order('v-3', '2025-01-03T00:00:00Z', { member_no: 'V1' })]);
    expect((await town.settled()).touchpoints).toBe(3);
    expect((await town.profile('member_no=V1')).value.net).toBe('200.00');
    expect(await verify()).toMatchObject({ exit: 0 });
  }, 180_000);

  test('a new key brings its channel along, and no process is started again', async () => {
    const keys = await AccessKeys.open(join(town.fleet.dataDir, 'access-keys.json'), { now: () => Date.now() });
    await keys.create({ kind: 'write', channel: 'kiosk' });
    await town.take('kiosk', [order('k-1', '2025-02-01T00:00:00Z', { member_no: 'K1' })]);
    const began = performance.now();
    while (
      !(await town.profile('member_no=K1').then(
        () => true,
        () => false,
      ))
    ) {
      expect(performance.now() - began).toBeLessThan(30_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await town.settled()).touchpoints).toBe(4);
  });

  test('whoever takes over from an active projector takes its orders, too', async () => {
    await town.fleet.leave('projector');
    await town.settled();
    expect(await verify()).toMatchObject({ exit: 0, said: { outcome: 'equal' } });
    await town.fleet.join('projector');
    // It may have the commands' partition now, and whoever had it does not know: there is no event to find out by.
    for (let n = 0; n < 3; n++) expect(await verify()).toMatchObject({ exit: 0, said: { outcome: 'equal' } });
  }, 180_000);

  test('what was not understood is mended, replayed and discarded, and every process knows', async () => {
    const keys = await AccessKeys.open(join(town.fleet.dataDir, 'access-keys.json'), { now: () => Date.now() });
    const { key } = await keys.create({ kind: 'write', channel: 'kiosk' });
    for (const messageId of ['q-1', 'q-2']) {
      const answer = await fetch(`${town.fleet.urlOf('collector')}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ messageId, userId: 'K1' }),
      });
      expect(await answer.json()).toMatchObject({ accepted: 0, quarantined: 1 });
    }
    const mended = join(town.fleet.dataDir, 'mended.json');
    await writeFile(mended, JSON.stringify({ messageId: 'q-1', userId: 'K1', event: 'Kiosk Touched' }));
    const replayed = await tributary('quarantine', 'replay', 'kiosk', '0', '--with', mended);
    expect(replayed).toMatchObject({ exit: 0, said: { accepted: 1 } });
    expect(await tributary('quarantine', 'list')).toMatchObject({ said: [{ channel: 'kiosk', held: 1 }] });
    const discarded = await tributary('quarantine', 'discard', 'kiosk', '1', '--reason', 'a test');
    expect(discarded).toMatchObject({ exit: 0, said: { discarded: 1 } });
    expect((await tributary('quarantine', 'list')).said).toEqual([]);
    const { body } = await town.ask<{ channels: object[] }>('/v1/status');
    expect(body.channels).toContainEqual(expect.objectContaining({ channel: 'kiosk', quarantined: 2, held: 0 }));
    expect((await town.settled()).touchpoints).toBe(5);
  }, 180_000);

  test('input that has had its effect is dropped; what is left says so', async () => {
    const erased = await tributary<{ retention: { records: number; remaining: string } }>(
      ...['erase', 'member_no=K1', '--reason', 'asked', '--yes', '--end-retention'],
    );
    expect([erased.exit, erased.said]).toMatchObject([0, { retention: { records: 7 } }]);
    const verified = await verify();
    expect([verified.exit, verified.said]).toMatchObject([6, { outcome: 'not_compared' }]);
    await town.take('web_shop', [order('v-4', '2025-01-04T00:00:00Z', { member_no: 'V1' })]);
    await town.settled();
    expect((await town.profile('member_no=V1')).value.net).toBe('300.00');
  }, 180_000);

  test('how late touchpoints have their effect is told by each stage', async () => {
    for (const role of ['processor', 'standby', 'loader']) {
      const text = await (await fetch(`${town.fleet.urlOf(role)}/metrics`)).text();
      const lines = text
        .split('\n')
        .filter((line) => /delay_seconds(_sum|_count)?\{|stage_records|lag_records\{/.test(line));
      expect(lines.length).toBeGreaterThan(1);
    }
  });

  test('a Redis of keys that is set back is noticed by those that run: nothing is made of it, and erased keys go again', async () => {
    const redis = new Redis(town.env['TRIBUTARY_KEYS_URL'] as string);
    /** All that it holds are texts; answers how to have just those again. */
    const backup = async (): Promise<() => Promise<unknown>> => {
      const names = await redis.keys('*');
      const pairs = (await redis.mget(names)).flatMap((text, i) => [names[i] as string, text as string]);
      return () => redis.multi().flushall().mset(pairs).exec();
    };
    const ready = async (role: Role, is: boolean): Promise<string> => {
      for (let waited = 0; ; waited += 200) {
        const response = await fetch(`${town.fleet.urlOf(role)}/health/ready`).catch(() => null);
        const said = response ? `${response.status} ${await response.text()}` : 'away';
        if (said.startsWith('200') === is) return said;
        if (waited > 30_000) throw new Error(`${role}: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    try {
      const older = await backup();
      await town.take('web_shop', [order('k-1', '2025-02-01T00:00:00Z', { member_no: 'K9' })]);
      await town.settled();
      const newer = await backup();
      await older();
      await ready('projector', false);
      await town.take('web_shop', [order('k-2', '2025-02-02T00:00:00Z', { member_no: 'K9' })]);
      await ready('processor', false);
      expect(town.said).toMatch(/the vault lacks the keys of 1 subjects or more, from position \d+/);
      await newer();
      await ready('projector', true);
      await ready('processor', true);
      await town.settled();
      expect((await town.profile('member_no=K9')).value.net).toBe('200.00');
      const before = await backup();
      expect((await tributary('erase', 'member_no=K9', '--reason', 'asked for', '--yes')).exit).toBe(0);
      await town.settled();
      const after = (await redis.keys('*')).length;
      await before();
      for (let waited = 0; (await redis.keys('*')).length > after; waited += 200) {
        if (waited > 30_000) throw new Error(`the key is there still\n${town.said}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect((await verify()).said.projections.filter(({ outcome }) => outcome === 'different')).toEqual([]);
    } finally {
      redis.disconnect();
    }
  }, 120_000);
});
