import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { loadFacts } from '@tributary/warehouse';
import { catalogue, LoadingWorld, topic, until } from '../testing/loading-world.js';
import { WAREHOUSE_GROUP } from './loaded-offsets.js';

let world: LoadingWorld;
beforeEach(async () => (world = await LoadingWorld.open()));
afterEach(() => world.close());

describe('what the warehouse has not loaded', () => {
  const kept = () => world.store.log.committed(WAREHOUSE_GROUP, { topic, partition: 0 });

  it('holds back the retention, from before it first answers until it is loaded', async () => {
    for (const n of [1, 2, 3]) await world.take(n);
    const census = { touchpoints: 3, channels: { shop: { accepted: 3, duplicates: 0, quarantined: 0 } } };
    await world.store.documents.put([{ kind: 'checkpoint', key: 'census', version: 1, body: JSON.stringify(census) }]);
    const away = (): Promise<never> => Promise.reject(new EngineError('warehouse', 'retriable', 'away'));
    await world.load({ migrate: away, query: away, command: away, insert: away, close: async () => undefined });
    await until(async () => (await kept()) !== undefined);
    expect(await kept()).toBe(0);

    await world.load();
    await until(async () => (await kept()) === 3);
  });

  it('is known also where offsets were not kept when it was loaded', async () => {
    for (const n of [1, 2]) await world.take(n);
    const { warehouse } = world;
    const { log, events } = world.store;
    await loadFacts({ log, events, catalogue, warehouse, once: true, signal: new AbortController().signal });
    const census = { touchpoints: 2, channels: { shop: { accepted: 2, duplicates: 0, quarantined: 0 } } };
    await world.store.documents.put([{ kind: 'checkpoint', key: 'census', version: 1, body: JSON.stringify(census) }]);
    await world.load();
    await until(async () => (await kept()) === 2);
  });
});
