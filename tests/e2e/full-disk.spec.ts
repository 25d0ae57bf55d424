import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type PlatformStats } from '@tributary/server';
import { type Refused, RunningPlatform } from './running-platform.js';
import { call } from './touchpoints.js';

/** Enough for a few thousand touchpoints. */
const QUOTA_BYTES = 3 << 20;
const BATCH = 400;

describe('a store with no space left', () => {
  let town: RunningPlatform;
  let sent = 0;
  let kept = 0;
  beforeAll(async () => void (town = await RunningPlatform.begin({ quota_bytes: QUOTA_BYTES })));
  afterAll(() => town.end());

  const batch = () =>
    Array.from({ length: BATCH }, () => {
      const n = sent++;
      // What cannot be packed any smaller.
      const summary = randomBytes(150).toString('base64');
      return call(`c-${n}`, '2026-03-01T10:00:00Z', { member_no: `M${n % 500}` }, summary);
    });
  const send = () =>
    town.ask<Refused & { accepted: number }>('/v1/touchpoints?channel=web_shop', {
      headers: { authorization: `Bearer ${town.platform.token}` },
      body: batch(),
    });
  const untilRefused = async () => {
    for (;;) {
      const answer = await send();
      if (answer.status !== 200) return answer;
      kept += answer.body.accepted;
    }
  };

  test('is said at the door, with when to come again; all that was accepted is there afterwards, once', async () => {
    const refused = await untilRefused();
    expect({ status: refused.status, error: refused.body.error, again: refused.headers.get('retry-after') }).toEqual({
      status: 503,
      error: {
        code: 'store_full',
        field: null,
        message: expect.stringMatching(/no space/),
        remedy: expect.stringMatching(/free disk space/),
      },
      again: expect.stringMatching(/^\d+$/),
    });
    expect(kept).toBeGreaterThan(1_000);
    // The pipeline waits, where it has something left to do; what only reads goes on.
    const { status, body } = await town.ask<{ checks: { pipeline: string } }>('/health/ready');
    if (status !== 200) expect(body.checks.pipeline).toMatch(/no space/);
    expect((await town.ask('/health/live')).status).toBe(200);
    expect((await town.ask<PlatformStats>('/v1/status')).status).toBe(200);

    await town.restart({});
    const { channels, customers } = await town.settled();
    expect(channels.find(({ channel }) => channel === 'web_shop')).toMatchObject({ accepted: kept, duplicates: 0 });
    expect(customers).toBe(500);
    expect(
      await town.sql(
        'SELECT toUInt32(count()) AS n, toUInt32(uniqExact(message_id)) AS different FROM raw_touchpoints',
      ),
    ).toEqual([{ n: kept, different: kept }]);
    expect((await town.ask<{ equal: boolean }>('/v1/ops/verify', { body: {} })).body).toMatchObject({ equal: true });
  });
});
