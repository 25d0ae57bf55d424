import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstOfAll, inByteOrder, SHARDS, shardOf } from './shards.js';

describe('shards', () => {
  it('never move a key: what is stored depends on it', () => {
    expect(['', 'a', 's_00ff', '客户-😀'].map(shardOf)).toEqual([0, 3, 43, 18]);
  });

  it('order keys as Redis does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(inByteOrder(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
    expect(inByteOrder('\uff5e', '😀')).toBeLessThan(0);
  });

  it('give the first over all, however unevenly they are filled, reading little more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: SHARDS - 1 }), fc.integer()), { maxLength: 300 }),
        fc.integer({ min: 0, max: SHARDS }),
        fc.integer({ min: 1, max: 400 }),
        async (spread, shards, limit) => {
          const entries = spread.map(([shard, value], i) => ({ shard: shard % (shards + 1), value, i }));
          const order = (a: { value: number; i: number }, b: { value: number; i: number }) =>
            a.value - b.value || a.i - b.i;
          const of = (shard: number) => entries.filter((one) => one.shard === shard).sort(order);
          const first = await firstOfAll(
            limit,
            async (asks, count) => asks.map(({ shard, skip }) => of(shard).slice(skip, skip + count)),
            order,
          );
          expect(first).toEqual([...entries].sort(order).slice(0, limit));
        },
      ),
    );
  });
});
