import { describe, expect, test } from '@jest/globals';
import { EngineError, type Warehouse } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { feedOf, idOf, profileOf } from '../controls/told-feed.js';
import { feedFences } from './fences.js';

let warehouse: ChdbWarehouse;
ownWarehouse((opened) => void (warehouse = opened));

describe('more customers than are rendered together', () => {
  const AT_ONCE = 1_000;
  const many = 3 * AT_ONCE + 1;
  /** A feed that goes on behind what the tables hold, and tells of `many` customers of its own. */
  const telling = async (engine: Warehouse, from: number) => {
    const feed = feedOf(engine);
    const begun = (await feedFences(warehouse)).get(0) ?? 0;
    for (let i = 0; i < begun; i++) feed.tell(idOf(from), 0);
    for (let n = from; n < from + many; n++) {
      feed.now.set(idOf(n), profileOf(idOf(n), 7));
      feed.tell(idOf(n), 7);
    }
    return { ...feed, end: begun + many };
  };
  const held = async (from: number): Promise<number> => {
    const ids = Array.from({ length: many }, (_, i) => idOf(from + i));
    const [row] = await warehouse.query<{ n: number }>(
      'SELECT uniqExact(customer_id) AS n FROM customers WHERE customer_id IN {ids:Array(String)}',
      { params: { ids } },
    );
    return Number(row?.n);
  };

  test('those that follow are rendered while some are written, and none beyond them', async () => {
    let writing = 0;
    let release = (): void => undefined;
    const held_up = new Promise<void>((resolve) => (release = resolve));
    const slow: Warehouse = {
      ...warehouse,
      insert: async (batch) => {
        writing += 1;
        await held_up;
        await warehouse.insert(batch);
      },
    };
    const { load, asked } = await telling(slow, 10_000);
    const loaded = load();
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([asked.length, writing]).toEqual([2, 1]);
    release();
    await loaded;
    expect(asked.map((ids) => ids.length)).toEqual([AT_ONCE, AT_ONCE, AT_ONCE, 1]);
    expect(await held(10_000)).toBe(many);
  });

  test('a write that fails is made again, from what the tables hold', async () => {
    let inserts = 0;
    const failing: Warehouse = {
      ...warehouse,
      insert: async (batch) => {
        // The second thousand: its subjects are written, its customers are not.
        if (++inserts === 4) throw new EngineError('chdb', 'retriable', 'away for a moment');
        await warehouse.insert(batch);
      },
    };
    const { load, end } = await telling(failing, 20_000);
    await load();
    expect(await held(20_000)).toBe(many);
    expect((await feedFences(warehouse)).get(0)).toBe(end);
  });
});
