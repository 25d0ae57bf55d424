import { describe, expect, it } from '@jest/globals';
import { type BatchTaken } from '@tributary/domain';
import { type StoredRecord } from '@tributary/kernel';
import { readRange } from './read-range.js';

const recordAt = (offset: number, timestamp_ms: number): StoredRecord => ({
  offset,
  key: null,
  value: new Uint8Array(),
  timestamp_ms,
});
const logOf = (...records: readonly StoredRecord[]) => ({
  read: async (_at: unknown, from: number, most: number) =>
    records.filter(({ offset }) => offset >= from).slice(0, most),
  partitions: async (topic: string) => [
    { topic, partition: 0, begin: records[0]?.offset ?? 7, end: (records.at(-1)?.offset ?? 6) + 1 },
  ],
});
const batch: BatchTaken = {
  type: 'BatchTaken',
  topic: 'touchpoints.shop',
  partition: 0,
  from: 4,
  to: 6,
  toAt: 600,
  accepted: 2,
  duplicates: [5],
  quarantined: [],
};

describe('the records of a batch', () => {
  it('are those that it accepted, and of them those that the log still holds', async () => {
    const held = [recordAt(4, 400), recordAt(5, 500), recordAt(6, 600), recordAt(7, 700)];
    expect((await readRange(logOf(...held), batch)).map(({ offset }) => offset)).toEqual([4, 6]);
    expect((await readRange(logOf(...held.slice(1)), batch)).map(({ offset }) => offset)).toEqual([6]);
    await expect(readRange(logOf(...held.slice(3)), batch)).resolves.toEqual([]);
    await expect(readRange(logOf(), batch)).resolves.toEqual([]);
  });

  it('are not others, which lie where they did in a log that was set back', async () => {
    const others = logOf(recordAt(4, 400), recordAt(5, 900), recordAt(6, 910));
    await expect(readRange(others, batch)).rejects.toMatchObject({ engine: 'log', failure: 'fatal' });
    // It has not grown so far again.
    const fewer = logOf(recordAt(4, 900), recordAt(5, 901));
    await expect(readRange(fewer, batch)).rejects.toMatchObject({ engine: 'log', failure: 'fatal' });
    const { toAt: _, ...ofBefore } = batch;
    await expect(readRange(others, ofBefore)).resolves.toHaveLength(2);
  });
});
