import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Role, roles } from '@tributary/server';
import { engine } from '../../engines/engine.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';
import { differences, settled, type Snapshot, snapshotOf } from './town.js';
import { feedSlowly, undisturbed } from './undisturbed.js';

/** In CI a few; `TRIBUTARY_TEST_ROUNDS=30` for the whole. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 5);
const ROUND_MS = 6_000;

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

  test(
    `${ROUNDS} processes are killed at random and started again: nothing is lost, nothing is doubled`,
    async () => {
      const killed: string[] = [];
      const fed = feedSlowly(town, until, { lasts_ms: ROUNDS * ROUND_MS, lasting: () => killed.length < ROUNDS });
      while (killed.length < ROUNDS) {
        await sleep(Math.random() * ROUND_MS);
        const role = roles[Math.floor(Math.random() * roles.length)] as Role;
        await town.fleet.kill(role, Math.random() * 1_000);
        killed.push(role);
      }
      const count = await fed;
      const { touchpoints } = await settled(town);
      expect({ killed, touchpoints }).toEqual({ killed, touchpoints: count });
      expect(differences(expected, await snapshotOf(town))).toEqual([]);
    },
    300_000 + ROUNDS * 15_000,
  );
});
