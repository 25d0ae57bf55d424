import { type LogRecord, type StoredRecord } from '@tributary/kernel';
import { ByteReader, type ByteWriter } from './bytes.js';

/** A segment is no larger than about this, unless a single record is. */
export const SEGMENT_BYTES = 256 * 1024;

const NO_KEY = 0xffffffff;

/**
 * A segment is a run of records of one partition in one blob. A record is its length, timestamp, key and value; its
 * offset is its place in the run, so segments can be joined and cut without looking inside the records.
 */
export interface Segment {
  readonly first: number;
  readonly records: number;
  readonly body: Uint8Array;
}

export const recordSize = (record: LogRecord): number => 20 + (record.key?.length ?? 0) + record.value.length;

export const writeRecord = (into: ByteWriter, record: LogRecord): void => {
  const hole = into.hole();
  into.f64(record.timestamp_ms);
  if (record.key === null) into.u32(NO_KEY);
  else into.text(record.key);
  into.bytes(record.value);
  into.fill(hole, into.at - hole - 4);
};

/** Where the nth record of a body begins: hops from length to length. */
const beginning = (body: Uint8Array, nth: number): number => {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  for (let i = 0; i < nth; i++) at += 4 + view.getUint32(at, true);
  return at;
};

/** The records from offset `from` on, at most `max` of them; values are views into the segment's memory. */
export const readRecords = (segment: Segment, from: number, max: number, into: StoredRecord[]): void => {
  const skip = Math.max(0, from - segment.first);
  const reader = new ByteReader(segment.body, beginning(segment.body, skip));
  const end = Math.min(segment.records, skip + max);
  for (let i = skip; i < end; i++) {
    const next = reader.u32() + reader.at;
    const timestamp_ms = reader.f64();
    let key: string | null = null;
    if (reader.u32() !== NO_KEY) {
      reader.at -= 4;
      key = reader.text();
    }
    into.push({ offset: segment.first + i, key, timestamp_ms, value: reader.bytes(next - reader.at) });
  }
};

/** What is left of a segment when everything before `from` is dropped. */
export const cutSegment = (segment: Segment, from: number): Segment => ({
  first: from,
  records: segment.first + segment.records - from,
  body: segment.body.slice(beginning(segment.body, from - segment.first)),
});
