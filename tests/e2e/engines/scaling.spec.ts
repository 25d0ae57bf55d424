import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine } from '../../engines/engine.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';
import { differences, settled, type Snapshot, snapshotOf } from './town.js';
import { feedSlowly, undisturbed } from './undisturbed.js';

/** Up and down again, so many times: in CI once. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 1);
/** Longer than three processes need to start on a busy machine. */
const ROUND_MS = 30_000;
const JOINED_MS = 60_000;
const MORE = ['processor-2', 'processor-3'] as const;

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const until = Date.now();
  const shared = sharedKeys();
  let engines: EnginesForTests;
  let town: DistributedPlatform;
  let expected: Snapshot;
  beforeAll(async () => {
    expected = await undisturbed(shared, until);
    engines = await beginEngines(kafkaUrl);
    town = await DistributedPlatform.begin({ ...engines.env, ...shared });
  }, 300_000);
  afterAll(async () => {
    await town?.end().finally(() => engines.end());
  }, 60_000);

  /** Records that a processor has taken since it started. */
  const taken = async (member: string): Promise<number> => {
    const metrics = await (await fetch(`${town.fleet.urlOf(member)}/metrics`)).text();
    return [...metrics.matchAll(/^tributary_stage_records_total\{.*\} (\d+)/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };
  const takesPart = async (member: string): Promise<void> => {
    for (const late_ms = performance.now() + JOINED_MS; (await taken(member)) === 0; await sleep(200)) {
      town.stands();
      if (performance.now() > late_ms) throw new Error(`${member} was handed nothing\n${town.said}`);
    }
  };

  test(
    'processors go from one to three and back mid-stream: nothing is lost, nothing is doubled',
    async () => {
      let rounds = 0;
      const fed = feedSlowly(town, until, { lasts_ms: ROUNDS * ROUND_MS, lasting: () => rounds < ROUNDS });
      await takesPart('processor');
      while (rounds < ROUNDS) {
        for (const member of MORE) await town.fleet.join(member, 'processor');
        for (const member of MORE) await takesPart(member);
        for (const member of MORE) {
          const { exit, took_ms } = await town.fleet.leave(member);
          expect([member, exit]).toEqual([member, 0]);
          expect(took_ms).toBeLessThan(10_000);
        }
        rounds += 1;
      }
      const count = await fed;
      expect((await settled(town)).touchpoints).toBe(count);
      expect(differences(expected, await snapshotOf(town))).toEqual([]);
    },
    300_000 + ROUNDS * 2 * JOINED_MS,
  );
});
