import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '@tributary/server';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests, kafkaOfItsOwn } from './engines.js';
import { differences, settled, type Snapshot, snapshotOf, type Town } from './town.js';
import { UpTown } from './up-town.js';

export interface Feed {
  readonly what: string;
  /** Hands in the same each time; answers how many touchpoints. */
  readonly into: (town: Pick<Town, 'take'>) => Promise<number>;
  /** So many customers at least, so that there is something to compare. */
  readonly customers: number;
  readonly patience_ms: number;
}

/** One feed over all mixes of engines: profiles and tables are those of the embedded ones, byte for byte. */
export const overMixes = (kafkaUrl: string, { what, into, customers, patience_ms }: Feed): void => {
  const shared = sharedKeys();
  let embedded: Snapshot;
  let engines: EnginesForTests;

  const fedAndSettled = async (town: Town): Promise<Snapshot> => {
    const fed = await into(town);
    expect((await settled(town, patience_ms)).touchpoints).toBe(fed);
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
  const equals = async (other: Promise<Snapshot>): Promise<void> => {
    expect(differences(embedded, await other)).toEqual([]);
  };

  describe(`${what}: the same, byte for byte`, () => {
    const limit_ms = 2 * patience_ms;
    beforeAll(async () => {
      engines = await beginEngines(kafkaUrl);
      embedded = await upOn();
    }, limit_ms);
    afterAll(() => engines?.end(), 60_000);

    test('embedded, and there is something to compare', () => {
      expect(embedded.get('profiles')?.length).toBeGreaterThan(customers);
      for (const name of ['raw_touchpoints', 'fct_orders', 'customers'])
        expect([name, embedded.get(name)?.length]).not.toEqual([name, 0]);
    });

    test('Kafka, all else embedded', () => equals(upOn('TRIBUTARY_LOG_URL')), limit_ms);

    test(
      'ClickHouse over HTTP, all else embedded',
      async () => {
        await equals(upOn('TRIBUTARY_WAREHOUSE_URL'));
        await engines.clickHouse.empty();
      },
      limit_ms,
    );

    test(
      'Kafka, EventStoreDB, Redis and ClickHouse over HTTP, a process for each role',
      async () => {
        const town = await DistributedPlatform.begin({ ...engines.env, ...shared });
        try {
          await equals(fedAndSettled(town));
        } finally {
          await town.end();
          await engines.renew();
        }
      },
      limit_ms,
    );

    test(
      'EventStoreDB and Redis, with an embedded log: in stages within one process',
      () => equals(upOn('TRIBUTARY_EVENTS_URL', 'TRIBUTARY_PROFILES_URL', 'TRIBUTARY_KEYS_URL')),
      limit_ms,
    );
  });
};
