import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine } from '../../engines/engine.js';
import { disturbed } from './disturbed.js';
import { type DistributedPlatform } from './distributed-platform.js';

/** Up and down again, so many times: in CI once. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 1);
/** Longer than three processes need to start on a busy machine. */
const ROUND_MS = 30_000;
const JOINED_MS = 60_000;
const MORE = ['processor-2', 'processor-3'] as const;

/** Records that a processor has taken since it started. */
const taken = async (url: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const counts = metrics.matchAll(/^tributary_stage_records_total\{.*\} (\d+)/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
};

const takesPart = async (town: DistributedPlatform, member: string): Promise<void> => {
  for (const late_ms = performance.now() + JOINED_MS; (await taken(town.fleet.urlOf(member))) === 0; await sleep(200)) {
    town.stands();
    if (performance.now() > late_ms) throw new Error(`${member} was handed nothing\n${town.said}`);
  }
};

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const platform = disturbed(kafkaUrl);

  test(
    'processors go from one to three and back, and a second loader takes over, mid-stream: nothing is lost or doubled',
    async () => {
      const { town, feedSlowly, isUnharmed } = platform();
      let rounds = 0;
      const fed = feedSlowly({ lasts_ms: ROUNDS * ROUND_MS, lasting: () => rounds < ROUNDS });
      await takesPart(town, 'processor');
      await town.fleet.join('loader-2', 'loader');
      await takesPart(town, 'loader');
      expect(await taken(town.fleet.urlOf('loader-2'))).toBe(0);
      expect((await town.fleet.leave('loader')).exit).toBe(0);
      await takesPart(town, 'loader-2');
      while (rounds < ROUNDS) {
        for (const member of MORE) await town.fleet.join(member, 'processor');
        for (const member of MORE) await takesPart(town, member);
        for (const member of MORE) {
          const { exit, took_ms } = await town.fleet.leave(member);
          expect([member, exit]).toEqual([member, 0]);
          expect(took_ms).toBeLessThan(10_000);
        }
        rounds += 1;
      }
      await isUnharmed(await fed);
    },
    300_000 + ROUNDS * 2 * JOINED_MS,
  );
});
