import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSettings } from '@tributary/server';
import { engine } from '../../engines/engine.js';
import { DistributedPlatform, type RoleName, roleNames, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';
import { feedSample } from './feed-sample.js';
import { differences, settled, type Snapshot, snapshotOf } from './town.js';
import { UpTown } from './up-town.js';

/** In CI a few; `TRIBUTARY_TEST_ROUNDS=30` for the whole. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 5);
const ROUND_MS = 6_000;
/** Small requests, so that the feed lasts as long as the kills do. */
const ITEMS = 25;

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const until = Date.now();
  const shared = sharedKeys();
  let engines: EnginesForTests;
  let town: DistributedPlatform;
  let undisturbed: Snapshot;
  beforeAll(async () => {
    engines = await beginEngines(kafkaUrl);
    const embedded = await UpTown.begin(readSettings(shared));
    await feedSample(embedded, until);
    await settled(embedded);
    undisturbed = await snapshotOf(embedded);
    await embedded.end();
    town = await DistributedPlatform.begin({ ...engines.env, ...shared });
  }, 300_000);
  afterAll(async () => {
    await town?.end();
    await engines?.end();
  }, 60_000);

  test(
    `${ROUNDS} processes are killed at random and started again: nothing is lost, nothing is doubled`,
    async () => {
      const killed: RoleName[] = [];
      let feeding = true;
      const fed = feedSample(
        {
          take: async (channel, touchpoints) => {
            await town.take(channel, touchpoints);
            // As long as there are rounds to come, in no hurry.
            if (killed.length < ROUNDS) await new Promise((resolve) => setTimeout(resolve, 100));
          },
        },
        until,
        ITEMS,
      ).finally(() => (feeding = false));
      while (killed.length < ROUNDS) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * ROUND_MS));
        const role = roleNames[Math.floor(Math.random() * roleNames.length)] as RoleName;
        await town.role(role).kill();
        killed.push(role);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
        await town.role(role).start();
      }
      const count = await fed;
      expect(feeding).toBe(false);
      const { touchpoints } = await settled(town);
      expect({ killed, touchpoints }).toEqual({ killed, touchpoints: count });
      expect(differences(undisturbed, await snapshotOf(town))).toEqual([]);
    },
    300_000 + ROUNDS * 15_000,
  );
});
