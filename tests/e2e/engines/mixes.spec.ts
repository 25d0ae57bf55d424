import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '@tributary/server';
import { engine } from '../../engines/engine.js';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests, kafkaOfItsOwn } from './engines.js';
import { CUSTOMERS, feedSample } from './feed-sample.js';
import { differences, settled, type Snapshot, snapshotOf, type Town } from './town.js';
import { UpTown } from './up-town.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const until = Date.now();
  const shared = sharedKeys();
  let embedded: Snapshot;
  let engines: EnginesForTests;

  const fedAndSettled = async (town: Town): Promise<Snapshot> => {
    const fed = await feedSample(town, until);
    expect((await settled(town)).touchpoints).toBe(fed);
    return snapshotOf(town);
  };
  /** `tributary up` with some of the engines by URL. */
  const upOn = async (...names: readonly string[]): Promise<Snapshot> => {
    const some = Object.entries(engines.env).filter(([name]) => names.includes(name));
    const env = { ...shared, ...Object.fromEntries(some) };
    if ('TRIBUTARY_LOG_URL' in env) Object.assign(env, { TRIBUTARY_LOG_URL: kafkaOfItsOwn(kafkaUrl) });
    const town = await UpTown.begin(readSettings(env));
    try {
      return await fedAndSettled(town);
    } finally {
      await town.end();
    }
  };

  describe(`the sample of ${CUSTOMERS} customers is the same, byte for byte`, () => {
    beforeAll(async () => {
      engines = await beginEngines(kafkaUrl);
      embedded = await upOn();
    }, 300_000);
    afterAll(() => engines?.end(), 60_000);

    const equals = async (other: Promise<Snapshot>): Promise<void> => {
      expect(differences(embedded, await other)).toEqual([]);
    };

    test('embedded, and there is something to compare', () => {
      expect(embedded.get('profiles')?.length).toBeGreaterThan(CUSTOMERS / 2);
      for (const name of ['raw_touchpoints', 'fct_orders', 'customers'])
        expect([name, embedded.get(name)?.length]).not.toEqual([name, 0]);
    });

    test('Kafka, all else embedded', () => equals(upOn('TRIBUTARY_LOG_URL')), 300_000);

    test('ClickHouse over HTTP, all else embedded', async () => {
      await equals(upOn('TRIBUTARY_WAREHOUSE_URL'));
      await engines.clickHouse.empty();
    }, 300_000);

    test('Kafka, EventStoreDB, Redis and ClickHouse over HTTP, a process for each role', async () => {
      const town = await DistributedPlatform.begin({ ...engines.env, ...shared });
      try {
        await equals(fedAndSettled(town));
      } finally {
        await town.end();
        await engines.renew();
      }
    }, 400_000);

    test(
      'EventStoreDB and Redis, with an embedded log: in stages within one process',
      () => equals(upOn('TRIBUTARY_EVENTS_URL', 'TRIBUTARY_PROFILES_URL', 'TRIBUTARY_KEYS_URL')),
      300_000,
    );
  });
});
