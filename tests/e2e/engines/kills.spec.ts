import { test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Role, roles } from '@tributary/server';
import { engine } from '../../engines/engine.js';
import { disturbed } from './disturbed.js';

/** In CI a few; `TRIBUTARY_TEST_ROUNDS=30` for the whole. */
const ROUNDS = Number(process.env['TRIBUTARY_TEST_ROUNDS'] ?? 5);
const ROUND_MS = 6_000;

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const platform = disturbed(kafkaUrl);

  test(
    `${ROUNDS} processes are killed at random and started again: nothing is lost, nothing is doubled`,
    async () => {
      const { town, feedSlowly, isUnharmed } = platform();
      let rounds = 0;
      const fed = feedSlowly({ lasts_ms: ROUNDS * ROUND_MS, lasting: () => rounds < ROUNDS });
      for (; rounds < ROUNDS; rounds++) {
        await sleep(Math.random() * ROUND_MS);
        await town.fleet.kill(roles[Math.floor(Math.random() * roles.length)] as Role, Math.random() * 1_000);
      }
      await isUnharmed(await fed);
    },
    300_000 + ROUNDS * 15_000,
  );
});
