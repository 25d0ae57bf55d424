import { describe, expect, it } from '@jest/globals';
import { type LogBatch, type StoredRecord } from '@tributary/kernel';
import { intentionOf, intentionsOf } from './intention.js';

const recordAt = (offset: number): StoredRecord => ({
  offset,
  key: null,
  timestamp_ms: 7 * offset,
  value: new Uint8Array(),
});

const batchOf = (offsets: readonly number[]): LogBatch => ({
  topic: 'touchpoints.shop',
  partition: 1,
  records: offsets.map(recordAt),
  end: 1_000_000,
});

const tally = { accepted: 0, duplicates: [10, 40_003, 59_990], unreadable: [40_007, 100_000] };

describe('what is said of a batch', () => {
  const batch = batchOf(Array.from({ length: 50_001 }, (_, i) => 10 + 2 * i - (i % 2)));
  const taken = {
    ...tally,
    unreadable: tally.unreadable.map((offset) => ({ record: recordAt(offset), reason: 'it is broken' })),
  };
  const place = { type: 'BatchTaken', topic: 'touchpoints.shop', partition: 1 };

  it('is all of it in one', () => {
    expect(intentionOf(batch, taken)).toEqual({
      ...place,
      from: 10,
      to: 100_010,
      toAt: 700_070,
      accepted: 49_996,
      duplicates: [10, 40_003, 59_990],
      quarantined: [40_007, 100_000],
    });
  });

  it('is each record once, in parts of bounded size', () => {
    expect(intentionsOf(batch, taken)).toEqual([
      {
        ...place,
        from: 10,
        to: 40_007,
        toAt: 280_049,
        accepted: 19_997,
        duplicates: [10, 40_003],
        quarantined: [40_007],
      },
      { ...place, from: 40_010, to: 80_007, toAt: 560_049, accepted: 19_999, duplicates: [59_990], quarantined: [] },
      { ...place, from: 80_010, to: 100_010, toAt: 700_070, accepted: 10_000, duplicates: [], quarantined: [100_000] },
    ]);
  });
});
