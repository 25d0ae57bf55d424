import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { roles } from '@tributary/server';
import { engine } from '../../engines/engine.js';
import { order, traits } from '../touchpoints.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  let engines: EnginesForTests;
  let town: DistributedPlatform;
  beforeAll(async () => {
    engines = await beginEngines(kafkaUrl);
    town = await DistributedPlatform.begin({ ...engines.env, ...sharedKeys() });
  });
  afterAll(async () => {
    await town?.end();
    await engines?.end();
  });

  test('a touchpoint goes through every role, and is there once', async () => {
    await town.take('web_shop', [
      order('t-1', '2025-01-01T00:00:00Z', { member_no: 'M1' }),
      order('t-1', '2025-01-01T00:00:00Z', { member_no: 'M1' }),
      traits('t-2', '2025-01-02T00:00:00Z', { member_no: 'M1', phone: '13800000001' }, { name: '王' }),
    ]);
    const { touchpoints } = await town.settled();
    expect(touchpoints).toBe(2);
    const profile = await town.profile('phone=13800000001');
    expect(profile.value.net).toBe('100.00');
    expect(await town.sql('SELECT message_id FROM raw_touchpoints ORDER BY message_id')).toEqual([
      { message_id: 't-1' },
      { message_id: 't-2' },
    ]);
  });

  test('each has its health, and its numbers', async () => {
    for (const role of roles) {
      const url = town.fleet.urlOf(role);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      const ready = await fetch(`${url}/health/ready`);
      expect([role, ready.status]).toEqual([role, 200]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain('tributary_process_cpu_seconds_total');
    }
  });

  test('each ends within 10 s of SIGTERM, and goes on where it was', async () => {
    for (const role of roles) {
      const { exit, took_ms } = await town.fleet.leave(role);
      expect([role, exit]).toEqual([role, 0]);
      expect(took_ms).toBeLessThan(10_000);
      await town.fleet.join(role);
    }
    await town.take('web_shop', [order('t-3', '2025-01-03T00:00:00Z', { member_no: 'M1' })]);
    expect((await town.settled()).touchpoints).toBe(3);
    expect((await town.profile('member_no=M1')).value.net).toBe('200.00');
  }, 180_000);
});
