import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { engine } from '../../engines/engine.js';
import { disturbed } from './disturbed.js';
import { type DistributedPlatform } from './distributed-platform.js';

/** How often all is lost mid-stream; in CI once. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 1);
const ROUND_MS = 12_000;
const ANSWER_MS = 5_000;
const REBUILT_MS = 30_000;

/** Of whom nothing is known any more it is not said that there is nobody. */
const isRebuilding = (body: string): boolean => body.includes('"profiles_rebuilding"');

/** Asks all the time; what is not answered, or with a failure, counts. */
const asking = (town: DistributedPlatform) => {
  const failures: string[] = [];
  let asks = true;
  let answers = 0;
  const ask = async (): Promise<void> => {
    for (; asks; await sleep(50))
      for (const path of ['/v1/customers?limit=5', '/v1/customers?member_no=M1', '/v1/status', '/health/ready']) {
        const url = new URL(path, town.fleet.urlOf('api'));
        const status = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
          async (response) => {
            const body = await response.text();
            return response.status === 503 && isRebuilding(body) ? 'rebuilding' : response.status;
          },
          (error: unknown) => String(error),
        );
        answers += 1;
        if (status === 'rebuilding') continue;
        if (typeof status === 'string' || status >= 500) failures.push(`${path}: ${status}`);
      }
  };
  const done = ask();
  return async (): Promise<{ readonly answers: number; readonly failures: readonly string[] }> => {
    asks = false;
    await done;
    return { answers, failures };
  };
};

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const platform = disturbed(kafkaUrl);
  let redis: Redis;
  let count = 0;
  beforeAll(() => {
    redis = new Redis(platform().engines.profiles.url);
  });
  afterAll(() => redis?.disconnect());

  test(
    `profiles and message ids are lost mid-stream, ${ROUNDS} times: built anew from the events, answered meanwhile`,
    async () => {
      const { town, feedSlowly, isUnharmed } = platform();
      let rounds = 0;
      const fed = feedSlowly({ lasts_ms: ROUNDS * ROUND_MS, lasting: () => rounds < ROUNDS });
      const stopAsking = asking(town);
      for (; rounds < ROUNDS; rounds++) {
        await sleep(ROUND_MS / 2 + (Math.random() * ROUND_MS) / 2);
        await redis.flushall();
      }
      count = await fed;
      await isUnharmed(count);
      const { answers, failures } = await stopAsking();
      expect(answers).toBeGreaterThan(10);
      expect(failures).toEqual([]);
    },
    300_000 + ROUNDS * 30_000,
  );

  test('lost while nothing else happens, they are built anew all the same', async () => {
    const { town, expected } = platform();
    const { body: page } = await town.ask<{ customers: readonly { customerId: string }[] }>('/v1/customers?limit=1');
    await redis.flushall();
    for (const late_ms = performance.now() + REBUILT_MS; ; await sleep(200)) {
      // Whoever is told 404 lets go of a customer.
      const known = await town.ask(`/v1/customers/${page.customers[0]?.customerId}`);
      expect([200, 503]).toContain(known.status);
      const { body } = await town.ask<{ readonly customers: number }>('/v1/status');
      if (body.customers === expected.get('profiles')?.length) break;
      if (performance.now() > late_ms) throw new Error(`not rebuilt: ${JSON.stringify(body)}\n${town.said}`);
    }
  }, 240_000);

  test('what was taken before the loss, and comes again, is known: also what names nobody', async () => {
    const { town, isUnharmed, feedInto } = platform();
    await redis.flushall();
    await feedInto(town);
    await isUnharmed(count);
  }, 300_000);
});
