import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine } from '../../engines/engine.js';
import { sharedKeys } from './distributed-platform.js';
import { kafkaOfItsOwn } from './engines.js';
import { Fleet } from './fleet.js';

const SOON_MS = 2_000;

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  let fleet: Fleet | undefined;
  afterEach(() => fleet?.end());

  const killedFromOutside = async (supervised: boolean): Promise<Fleet> => {
    const env = { ...sharedKeys(), TRIBUTARY_LOG_URL: kafkaOfItsOwn(kafkaUrl) };
    fleet = await Fleet.begin({ envOf: () => env, members: { collector: 'collector' }, supervised });
    process.kill(fleet.of('collector').pid, 'SIGKILL');
    for (const late_ms = performance.now() + SOON_MS; fleet.faults.length === 0; await sleep(20))
      if (performance.now() > late_ms) throw new Error('nobody noticed');
    return fleet;
  };

  test('who ends by itself is noticed at once, and stays down', async () => {
    const { faults } = await killedFromOutside(false);
    expect(faults).toEqual([expect.stringMatching(/^collector ended by itself with null/)]);
    expect(fleet?.of('collector').ended).toBe(true);
  });

  test('under a supervisor it is started again, and noticed all the same', async () => {
    const { faults } = await killedFromOutside(true);
    expect(faults).toHaveLength(1);
    for (let waiting = ['all']; waiting.length > 0; await sleep(100)) waiting = [...((await fleet?.notReady()) ?? [])];
  });
});
