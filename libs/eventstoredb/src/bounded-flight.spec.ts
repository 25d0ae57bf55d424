import { expect, it } from '@jest/globals';
import { BoundedFlight } from './bounded-flight.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('lets so many fly, then the next in order as others land, also when one fails', async () => {
  const flight = new BoundedFlight(2, 100);
  const started: number[] = [];
  const land = new Map<number, (error?: Error) => void>();
  const fly = (n: number, size_bytes: number) =>
    flight.run(size_bytes, () => {
      started.push(n);
      return new Promise<void>((resolve, reject) => land.set(n, (error) => (error ? reject(error) : resolve())));
    });
  const all = [fly(0, 10), fly(1, 10), fly(2, 95), fly(3, 10), fly(4, 500)];
  await turn();
  expect(started).toEqual([0, 1]);
  land.get(0)!(new Error('broken'));
  await expect(all[0]).rejects.toThrow('broken');
  await turn();
  // 95 bytes do not fit beside 10, and 3 does not overtake.
  expect(started).toEqual([0, 1]);
  land.get(1)!();
  await turn();
  expect(started).toEqual([0, 1, 2]);
  land.get(2)!();
  await turn();
  expect(started).toEqual([0, 1, 2, 3]);
  land.get(3)!();
  await turn();
  // Larger than the bound, but alone.
  expect(started).toEqual([0, 1, 2, 3, 4]);
  land.get(4)!();
  await Promise.allSettled(all);
});
