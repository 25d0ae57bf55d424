import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LogRecord, type StoredRecord } from '@tributary/kernel';
import { ByteWriter } from './bytes.js';
import { cutSegment, readRecords, writeRecord, type Segment } from './segment.js';

const segmentOf = (records: readonly LogRecord[], first: number): Segment => {
  const into = ByteWriter.own(16);
  for (const record of records) writeRecord(into, record);
  return { first, records: records.length, body: into.finish() };
};
const read = (segment: Segment, from: number, max: number): StoredRecord[] => {
  const into: StoredRecord[] = [];
  readRecords(segment, from, max, into);
  return into.map((record) => ({ ...record, value: new Uint8Array(record.value) }));
};

const anyRecord = fc.record({
  key: fc.option(fc.string({ unit: 'grapheme', maxLength: 80 })),
  value: fc.uint8Array({ maxLength: 200 }).map((value) => new Uint8Array(value)),
  timestamp_ms: fc.integer(),
});

it('gives back any slice of what was written, whole or cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { minLength: 1, maxLength: 30 }),
      fc.nat(1e12),
      fc.nat(29),
      fc.nat(30),
      (records, first, skip, max) => {
        const segment = segmentOf(records, first);
        const whole = records.map((record, i) => ({ ...record, offset: first + i }));
        const from = Math.min(skip, records.length - 1);
        expect(read(segment, first + from, max)).toEqual(whole.slice(from, from + max));
        expect(read(cutSegment(segment, first + from), first + from, 99)).toEqual(whole.slice(from));
      },
    ),
  );
});
