import { hash } from 'node:crypto';
import { type DocumentWrite, type Effects, type LogAppend, type LogRecord, type SeenMark } from '@tributary/kernel';
import { ByteReader, ByteWriter } from './bytes.js';
import { writeEvents } from './event-frame.js';
import { documentKinds, OFFSETS_PER_PARTITION } from './schema.js';
import { partitionOf, recordSize, SEGMENT_BYTES, writeRecord } from './segment.js';

/** What the frame needs to know of topics: the numbers that stand for their partitions. */
export interface PartitionNumbers {
  idsOf(topic: string): readonly number[];
  /** Counts calls, so that records without a key go round. */
  turn(): number;
}

const writeChunk = (into: ByteWriter, partition: number, records: readonly LogRecord[]): void => {
  into.u32(partition);
  into.u32(records.length);
  const newest = into.at;
  into.f64(0);
  const length = into.hole();
  const begin = into.at;
  let newest_ms = -Infinity;
  for (const record of records) {
    writeRecord(into, record);
    if (record.timestamp_ms > newest_ms) newest_ms = record.timestamp_ms;
  }
  into.patchF64(newest, newest_ms);
  into.fill(length, into.at - begin);
};

/** Records by partition, in runs of bounded size; order is kept within a partition. */
const writeLogAppends = (into: ByteWriter, appends: readonly LogAppend[], numbers: PartitionNumbers): void => {
  const hole = into.hole();
  let chunks = 0;
  for (const { topic, records } of appends) {
    const ids = numbers.idsOf(topic);
    const keyless = numbers.turn() % ids.length;
    const runs: { records: LogRecord[]; bytes: number }[] = ids.map(() => ({ records: [], bytes: 0 }));
    const cut = (partition: number) => {
      const run = runs[partition]!;
      writeChunk(into, ids[partition]!, run.records);
      chunks++;
      run.records = [];
      run.bytes = 0;
    };
    for (const record of records) {
      const partition = record.key === null ? keyless : partitionOf(record.key, ids.length);
      const run = runs[partition]!;
      const size = recordSize(record);
      if (run.bytes > 0 && run.bytes + size > SEGMENT_BYTES) cut(partition);
      run.records.push(record);
      run.bytes += size;
    }
    runs.forEach((run, partition) => {
      if (run.records.length > 0) cut(partition);
    });
  }
  into.fill(hole, chunks);
};

const HEX_32 = /^[0-9a-f]{32}$/;

/**
 * 16 bytes stand for a message id: a collision is out of reach, and the table stays small. The platform's own keys are 16
 * bytes in hexadecimal already; any other text is hashed.
 */
export const seenKey = (key: string): Uint8Array =>
  HEX_32.test(key) ? Buffer.from(key, 'hex') : hash('sha256', key, 'buffer').subarray(0, 16);

/** `topic/partition/offset` of a known partition is one integer; any other text is kept as it is. */
const compactPlace = (at: string, numbers: PartitionNumbers): number | string => {
  const parts = /^(.*)\/(\d{1,9})\/(\d{1,15})$/.exec(at);
  if (!parts) return at;
  const id = numbers.idsOf(parts[1]!)[Number(parts[2])];
  const offset = Number(parts[3]);
  if (id === undefined || offset >= OFFSETS_PER_PARTITION || String(offset) !== parts[3]) return at;
  return id * OFFSETS_PER_PARTITION + offset;
};

const writeSeen = (into: ByteWriter, seen: readonly SeenMark[], numbers: PartitionNumbers): void => {
  into.u32(seen.length);
  for (const mark of seen) {
    into.bytes(seenKey(mark.key));
    const place = compactPlace(mark.at, numbers);
    into.u8(typeof place === 'number' ? 1 : 0);
    if (typeof place === 'number') into.f64(place);
    else into.text(place);
  }
};

const writeDocuments = (into: ByteWriter, documents: readonly DocumentWrite[]): void => {
  into.u32(documents.length);
  for (const document of documents) {
    into.u8(documentKinds.indexOf(document.kind));
    into.text(document.key);
    into.f64(document.version);
    into.f64(document.due_ms ?? NaN);
    // A body may be made by asking for it.
    const { body } = document;
    into.u8(body === null ? 0 : 1);
    if (body !== null) into.text(body);
  }
};

const expectedBytes = (effects: Effects): number => {
  let bytes = 1024 + effects.seen.length * 32 + effects.offsets.length * 64;
  for (const append of effects.appends) {
    bytes += 200;
    for (const event of append.events) bytes += event.data.length + 400;
  }
  bytes += effects.documents.length * 1_500;
  for (const { records } of effects.outgoing) for (const record of records) bytes += recordSize(record) + 16;
  return bytes;
};

/** All of a batch in one buffer, so that handing it to the writer thread costs a pointer. */
export const packEffects = (effects: Effects, numbers: PartitionNumbers): Uint8Array<ArrayBuffer> => {
  const into = new ByteWriter(expectedBytes(effects));
  into.f64(effects.expectedHead ?? NaN);
  into.u32(effects.appends.length);
  for (const append of effects.appends) {
    into.text(append.stream);
    into.f64(append.expectedRevision);
    into.u32(append.events.length);
    const length = into.hole();
    const begin = into.at;
    writeEvents(into, append.events);
    into.fill(length, into.at - begin);
  }
  writeDocuments(into, effects.documents);
  writeSeen(into, effects.seen, numbers);
  writeLogAppends(into, effects.outgoing, numbers);
  into.u32(effects.offsets.length);
  for (const offset of effects.offsets) {
    const id = numbers.idsOf(offset.topic)[offset.partition];
    if (id === undefined) throw new RangeError(`topic ${offset.topic} has no partition ${offset.partition}`);
    into.text(offset.group);
    into.u32(id);
    into.f64(offset.next);
  }
  return into.finish();
};

export interface PackedAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: number;
  readonly body: Uint8Array;
}

export interface PackedDocument {
  readonly kind: number;
  readonly key: string;
  readonly version: number;
  readonly due_ms: number | null;
  readonly body: Uint8Array | null;
}

export interface PackedChunk {
  readonly partition: number;
  readonly records: number;
  readonly newest_ms: number;
  readonly body: Uint8Array;
}

export interface PackedEffects {
  readonly expectedHead: number | undefined;
  readonly appends: readonly PackedAppend[];
  readonly documents: readonly PackedDocument[];
  readonly seen: readonly { readonly key: Uint8Array; readonly place: number | string }[];
  readonly chunks: readonly PackedChunk[];
  readonly offsets: readonly { readonly group: string; readonly partition: number; readonly next: number }[];
}

const times = <T>(count: number, read: () => T): T[] => {
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(read());
  return values;
};

const unlessNaN = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

export const unpackEffects = (frame: Uint8Array): PackedEffects => {
  const from = new ByteReader(frame);
  return {
    expectedHead: unlessNaN(from.f64()),
    appends: times(from.u32(), () => ({
      stream: from.text(),
      expectedRevision: from.f64(),
      events: from.u32(),
      body: from.bytes(from.u32()),
    })),
    documents: times(from.u32(), () => ({
      kind: from.u8(),
      key: from.text(),
      version: from.f64(),
      due_ms: unlessNaN(from.f64()) ?? null,
      body: from.u8() ? from.bytes(from.u32()) : null,
    })),
    seen: times(from.u32(), () => ({ key: from.bytes(16), place: from.u8() ? from.f64() : from.text() })),
    chunks: times(from.u32(), () => ({
      partition: from.u32(),
      records: from.u32(),
      newest_ms: from.f64(),
      body: from.bytes(from.u32()),
    })),
    offsets: times(from.u32(), () => ({ group: from.text(), partition: from.u32(), next: from.f64() })),
  };
};
