import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { engine } from '../../engines/engine.js';
import { order } from '../touchpoints.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';

const bin = fileURLToPath(new URL('../../../apps/cli/bin/tributary.cjs', import.meta.url));

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  let engines: EnginesForTests;
  let town: DistributedPlatform;
  beforeAll(async () => {
    engines = await beginEngines(kafkaUrl, 'ours');
    town = await DistributedPlatform.begin({ ...engines.env, ...sharedKeys() });
  });
  afterAll(async () => {
    await town?.end().finally(() => engines.end());
  });

  const tributary = async (...argv: readonly string[]): Promise<{ readonly exit: number; readonly said: string }> => {
    const env = {
      ...process.env,
      TRIBUTARY_URL: town.fleet.urlOf('api'),
      TRIBUTARY_KEY: town.fleet.key,
      TRIBUTARY_DATA: join(town.fleet.dataDir, 'nothing'),
    };
    return promisify(execFile)(process.execPath, [bin, ...argv, '--json'], { env }).then(
      ({ stdout }) => ({ exit: 0, said: stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        exit: code,
        said: stdout + stderr,
      }),
    );
  };
  const orders = async (): Promise<number> => {
    const [row] = await town.sql<{ n: number }>('SELECT count() AS n FROM tributary.fct_orders');
    return Number(row?.n);
  };

  test('on a cluster an erasure reaches the tables, loading goes on, and a rebuild is refused', async () => {
    await town.take('web_shop', [
      order('c-1', '2025-01-01T00:00:00Z', { member_no: 'C1' }),
      order('c-2', '2025-01-02T00:00:00Z', { member_no: 'C2' }),
    ]);
    await town.settled();
    expect(await orders()).toBe(2);
    const erased = await tributary('erase', 'member_no=C1', '--reason', 'asked', '--yes');
    expect(erased).toMatchObject({ exit: 0 });
    for (const late = Date.now() + 60_000; (await orders()) !== 1;) {
      town.stands();
      if (Date.now() > late) throw new Error('the facts are still there');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await town.take('web_shop', [order('c-3', '2025-01-03T00:00:00Z', { member_no: 'C2' })]);
    await town.settled();
    expect(await orders()).toBe(2);
    expect(await tributary('verify')).toMatchObject({ exit: 0 });
    const rebuilt = await tributary('rebuild');
    expect(rebuilt.exit).not.toBe(0);
    expect(rebuilt.said).toContain('cluster');
    await town.take('web_shop', [order('c-4', '2025-01-04T00:00:00Z', { member_no: 'C2' })]);
    await town.settled();
    expect(await orders()).toBe(3);
  }, 240_000);
});
