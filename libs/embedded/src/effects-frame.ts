import { hash } from 'node:crypto';
import {
  type Append,
  type DocumentSaid,
  type Effects,
  type EffectsRest,
  type LogAppend,
  type LogRecord,
  type SeenMark,
} from '@tributary/kernel';
import { ByteReader, ByteWriter, writeHex } from './bytes.js';
import { writeEvents } from './event-frame.js';
import { documentKinds, OFFSETS_PER_PARTITION } from './schema.js';
import { partitionOf, recordSize, SEGMENT_BYTES, writeRecord } from './segment.js';

/** What the frame needs to know of topics: the numbers that stand for their partitions. */
export interface PartitionNumbers {
  idsOf(topic: string): readonly number[];
  /** Counts calls, so that records without a key go round. */
  turn(): number;
}

export const SEEN_KEY_BYTES = 16;

/**
 * 16 bytes stand for a message id: a collision is out of reach, and the table stays small. The platform's own keys are 16
 * bytes in hexadecimal already; any other text is hashed.
 */
export const seenKey = (key: string): Uint8Array => {
  const bytes = Buffer.allocUnsafe(SEEN_KEY_BYTES);
  return writeHex(key, SEEN_KEY_BYTES, bytes, 0) ? bytes : hashed(key);
};

const hashed = (key: string): Uint8Array => hash('sha256', key, 'buffer').subarray(0, SEEN_KEY_BYTES);

/** `topic/partition/offset` of a known partition is one integer; any other text is kept as it is. */
class Places {
  readonly #numbers: PartitionNumbers;
  /** Most come of one partition after the other. */
  #prefix: string | undefined;
  #id: number | undefined;

  constructor(numbers: PartitionNumbers) {
    this.#numbers = numbers;
  }

  compact(at: string): number | string {
    const slash = at.lastIndexOf('/');
    const offset = digitsFrom(at, slash + 1);
    if (slash < 0 || offset < 0 || offset >= OFFSETS_PER_PARTITION) return at;
    const isSame = this.#prefix !== undefined && slash === this.#prefix.length && at.startsWith(this.#prefix);
    if (!isSame) {
      this.#prefix = at.slice(0, slash);
      this.#id = this.#idOf(this.#prefix);
    }
    return this.#id === undefined ? at : this.#id * OFFSETS_PER_PARTITION + offset;
  }

  #idOf(place: string): number | undefined {
    const slash = place.lastIndexOf('/');
    const partition = digitsFrom(place, slash + 1);
    return slash < 0 || partition < 0 ? undefined : this.#numbers.idsOf(place.slice(0, slash))[partition];
  }
}

/** What stands there to the end as the one way to write a number below 10^15; -1: something else. */
const digitsFrom = (text: string, at: number): number => {
  const digits = text.length - at;
  if (digits < 1 || digits > 15 || (digits > 1 && text.charCodeAt(at) === 0x30)) return -1;
  let value = 0;
  for (let i = at; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
};

const writeDocuments = (into: ByteWriter<ArrayBufferLike>, documents: Iterable<DocumentSaid>): void => {
  const hole = into.hole();
  let count = 0;
  for (const { kind, key, version, due_ms, body } of documents) {
    into.u8(documentKinds.indexOf(kind));
    into.text(key);
    into.f64(version);
    into.f64(due_ms ?? NaN);
    into.u8(body === null ? 0 : 1);
    if (typeof body === 'string') into.text(body);
    else if (body !== null) {
      into.u32(body.length);
      into.bytes(body);
    }
    count++;
  }
  into.fill(hole, count);
};

/** Records of one partition, in the form in which the log stores them. */
interface Run {
  readonly bytes: ByteWriter;
  records: number;
  newest_ms: number;
}

/** Memory of runs whose bytes have gone into a frame, for those of the next. */
export type SpareRuns = ByteWriter[];
const MOST_SPARE = 512;

const SMALL_BYTES = 4096;
const MARK_BYTES = 25;
/** Of a feed message, about. */
const MESSAGE_BYTES = 300;

const sizeOf = (records: readonly LogRecord[]): number => {
  let bytes = 0;
  for (const record of records) bytes += recordSize(record) + 8;
  return bytes;
};

/** Records by partition, in runs of bounded size; order is kept within a partition. */
class LogChunks {
  readonly #numbers: PartitionNumbers;
  readonly #runs = new Map<number, Run>();
  readonly #cut: { readonly partition: number; readonly run: Run }[] = [];
  readonly #expected_bytes: number;
  readonly #spare: SpareRuns;

  constructor(numbers: PartitionNumbers, expected_bytes: number, spare: SpareRuns) {
    this.#numbers = numbers;
    this.#expected_bytes = expected_bytes;
    this.#spare = spare;
  }

  add({ topic, records }: LogAppend): void {
    const ids = this.#numbers.idsOf(topic);
    if (ids.length === 0) throw new RangeError(`topic ${topic} is not known`);
    const keyless = this.#numbers.turn() % ids.length;
    for (const record of records) {
      const partition = ids[record.key === null ? keyless : partitionOf(record.key, ids.length)]!;
      let run = this.#runs.get(partition);
      if (run && run.bytes.at + recordSize(record) > SEGMENT_BYTES) {
        this.#cut.push({ partition, run });
        run = undefined;
      }
      if (!run) {
        const expected = Math.min(SEGMENT_BYTES, Math.ceil(this.#expected_bytes / ids.length));
        const bytes = this.#spare.pop() ?? ByteWriter.own(expected);
        this.#runs.set(partition, (run = { bytes, records: 0, newest_ms: -Infinity }));
      }
      writeRecord(run.bytes, record);
      run.records++;
      if (record.timestamp_ms > run.newest_ms) run.newest_ms = record.timestamp_ms;
    }
  }

  writeInto(into: ByteWriter<ArrayBufferLike>): void {
    for (const [partition, run] of this.#runs) this.#cut.push({ partition, run });
    into.u32(this.#cut.length);
    for (const { partition, run } of this.#cut) {
      const body = run.bytes.finish();
      into.u32(partition);
      into.u32(run.records);
      into.f64(run.newest_ms);
      into.u32(body.length);
      into.bytes(body);
      run.bytes.rewind();
      if (this.#spare.length < MOST_SPARE) this.#spare.push(run.bytes);
    }
  }
}

/**
 * All of a batch in one buffer, written as it is planned, so that handing it to the writer thread costs a pointer. Topics
 * that it sends to must be known to `numbers` before; of places in others the text is kept.
 */
export class EffectsFrame<M extends ArrayBufferLike = ArrayBuffer> {
  readonly #numbers: PartitionNumbers;
  readonly #places: Places;
  readonly #into: ByteWriter<M>;
  readonly #seen: ByteWriter;
  readonly #chunks: LogChunks;
  readonly #appendsHole: number;
  #appends = 0;
  #marks = 0;

  /** `into`: as large as the whole is expected to be. Of `expected_records` it holds marks and messages. */
  constructor(numbers: PartitionNumbers, into: ByteWriter<M>, expected_records: number, spare: SpareRuns = []) {
    this.#numbers = numbers;
    this.#places = new Places(numbers);
    this.#seen = ByteWriter.own(expected_records * MARK_BYTES);
    this.#chunks = new LogChunks(numbers, expected_records * MESSAGE_BYTES, spare);
    this.#into = into;
    this.#into.f64(NaN);
    this.#appendsHole = this.#into.hole();
  }

  append({ stream, expectedRevision, events }: Append): void {
    const into = this.#into;
    into.text(stream);
    into.f64(expectedRevision);
    into.u32(events.length);
    const length = into.hole();
    const begin = into.at;
    writeEvents(into, events);
    into.fill(length, into.at - begin);
    this.#appends++;
  }

  see({ key, at }: SeenMark): void {
    if (!this.#seen.hex(key, SEEN_KEY_BYTES)) this.#seen.bytes(hashed(key));
    const place = this.#places.compact(at);
    this.#seen.u8(typeof place === 'number' ? 1 : 0);
    if (typeof place === 'number') this.#seen.f64(place);
    else this.#seen.text(place);
    this.#marks++;
  }

  send(append: LogAppend): void {
    this.#chunks.add(append);
  }

  /** The rest, and with it the whole; its memory belongs to the caller from now on. */
  finish({ expectedHead, documents, offsets }: EffectsRest): Uint8Array<M> {
    const into = this.#into;
    into.patchF64(0, expectedHead ?? NaN);
    into.fill(this.#appendsHole, this.#appends);
    writeDocuments(into, documents);
    into.u32(this.#marks);
    into.bytes(this.#seen.finish());
    this.#chunks.writeInto(into);
    into.u32(offsets.length);
    for (const { group, topic, partition, next } of offsets) {
      const id = this.#numbers.idsOf(topic)[partition];
      if (id === undefined) throw new RangeError(`topic ${topic} has no partition ${partition}`);
      into.text(group);
      into.u32(id);
      into.f64(next);
    }
    return into.finish();
  }
}

const expectedBytes = ({ appends, documents, seen, outgoing, offsets }: Effects): number => {
  let bytes = 1024 + seen.length * MARK_BYTES + offsets.length * 64 + documents.length * 1_500;
  for (const { events } of appends) for (const { data } of events) bytes += data.length + 600;
  for (const { records } of outgoing) bytes += sizeOf(records);
  return bytes;
};

/** Effects that are there as a whole. */
export const packEffects = (effects: Effects, numbers: PartitionNumbers): Uint8Array<ArrayBuffer> => {
  const sent = effects.outgoing.reduce((bytes, { records }) => bytes + sizeOf(records), 0);
  const records = Math.max(effects.seen.length, Math.ceil(sent / MESSAGE_BYTES));
  const frame = new EffectsFrame(numbers, ByteWriter.own(Math.max(SMALL_BYTES, expectedBytes(effects))), records);
  for (const append of effects.appends) frame.append(append);
  for (const mark of effects.seen) frame.see(mark);
  for (const append of effects.outgoing) frame.send(append);
  return frame.finish(effects);
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

/**
 * What a frame says. All but the appends is read as it is asked for, once and in this order: as objects, a large batch
 * would be some times its bytes.
 */
export interface PackedEffects {
  readonly expectedHead: number | undefined;
  readonly appends: readonly PackedAppend[];
  readonly documents: Iterable<PackedDocument>;
  readonly seen: Iterable<{ readonly key: Uint8Array; readonly place: number | string }>;
  readonly chunks: Iterable<PackedChunk>;
  readonly offsets: Iterable<{ readonly group: string; readonly partition: number; readonly next: number }>;
}

function* inTurn<T>(from: ByteReader, read: () => T): Iterable<T> {
  for (let left = from.u32(); left > 0; left--) yield read();
}

const unlessNaN = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

export const unpackEffects = (frame: Uint8Array): PackedEffects => {
  const from = new ByteReader(frame);
  return {
    expectedHead: unlessNaN(from.f64()),
    appends: [
      ...inTurn(from, () => ({
        stream: from.text(),
        expectedRevision: from.f64(),
        events: from.u32(),
        body: from.bytes(from.u32()),
      })),
    ],
    documents: inTurn(from, () => ({
      kind: from.u8(),
      key: from.text(),
      version: from.f64(),
      due_ms: unlessNaN(from.f64()) ?? null,
      body: from.u8() ? from.bytes(from.u32()) : null,
    })),
    seen: inTurn(from, () => ({ key: from.bytes(16), place: from.u8() ? from.f64() : from.text() })),
    chunks: inTurn(from, () => ({
      partition: from.u32(),
      records: from.u32(),
      newest_ms: from.f64(),
      body: from.bytes(from.u32()),
    })),
    offsets: inTurn(from, () => ({ group: from.text(), partition: from.u32(), next: from.f64() })),
  };
};
