import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type LogBatch } from '@tributary/kernel';
import { type Embedded, openEmbedded } from './index.js';
import { ReadingRoom } from './reading-room.js';

it('lets in who fits, in the order in which they came, and one who never would alone', async () => {
  const room = new ReadingRoom(10);
  const went: string[] = [];
  const take = (name: string, records: number): Promise<unknown> =>
    room.take(records, () => undefined).then(() => went.push(name));
  const all = [take('a', 6), take('b', 6), take('c', 3), take('d', 40)];
  await sleep(0);
  // The small one does not overtake the large one.
  expect(went).toEqual(['a']);
  room.giveBack(6);
  await sleep(0);
  expect(went).toEqual(['a', 'b', 'c']);
  room.giveBack(6);
  await sleep(0);
  expect(went).toHaveLength(3);
  room.giveBack(3);
  await Promise.all(all);
  expect(went).toEqual(['a', 'b', 'c', 'd']);
});

it('holds up nobody for one who gave up waiting', async () => {
  const room = new ReadingRoom(10);
  await room.take(8, () => undefined);
  let end = (): void => undefined;
  const impatient = room.take(5, (giveUp) => (end = giveUp));
  const next = room.take(2, () => undefined);
  end();
  expect(await impatient).toBe(false);
  expect(await next).toBe(true);
});

const PARTITIONS = 10;
let dir: string;
let store: Embedded;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-reading-'));
  store = await openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1), reads: 'here' });
  await store.log.ensureTopics([{ name: 't', partitions: PARTITIONS }]);
  const value = new TextEncoder().encode('v');
  const records = Array.from({ length: 3_000 }, (_, i) => ({ key: `k${i % 200}`, value, timestamp_ms: i }));
  await store.log.append([{ topic: 't', records }]);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

it('bounds what the handlers of all partitions have in hand, and every record is handled once', async () => {
  let inHand = 0;
  let most = 0;
  const offsets = new Map<number, number[]>();
  const onBatch = async ({ partition, records }: LogBatch): Promise<void> => {
    most = Math.max(most, (inHand += records.length));
    offsets.set(partition, [...(offsets.get(partition) ?? []), ...records.map(({ offset }) => offset)]);
    await sleep(3);
    inHand -= records.length;
  };
  const running = store.log.consume({ group: 'g', topics: ['t'], maxRecords: 40, maxInHand: 100, onBatch });
  const handled = (): number => [...offsets.values()].reduce((sum, of) => sum + of.length, 0);
  while (handled() < 3_000) await sleep(5);
  await running.stop();
  expect(most).toBeGreaterThan(40);
  expect(most).toBeLessThanOrEqual(100);
  for (const of of offsets.values()) expect(of).toEqual(of.map((_, i) => i));
});

it('lets a consumption stop while partitions wait for their turn', async () => {
  let finish = (): void => undefined;
  const busy = new Promise<void>((resolve) => (finish = resolve));
  let batches = 0;
  const onBatch = async (): Promise<void> => {
    batches++;
    await busy;
  };
  const running = store.log.consume({ group: 'g', topics: ['t'], maxRecords: 40, maxInHand: 40, onBatch });
  while (batches === 0) await sleep(5);
  const stopped = running.stop();
  finish();
  await stopped;
  expect(batches).toBe(1);
});
