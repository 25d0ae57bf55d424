import {
  type Append,
  type DocumentSaid,
  type Effects,
  type EffectsRest,
  type LogAppend,
  type LogRecord,
  type SeenMark,
} from '@tributary/kernel';
import { ByteReader, ByteWriter } from './bytes.js';
import { writeEvents } from './event-frame.js';
import { LogChunks, SpareRuns } from './log-chunks.js';
import { documentKinds } from './schema.js';
import { Places, SEEN_MARK_BYTES, writeSeenKey } from './seen-mark.js';
import { recordSize } from './segment.js';
import { type PartitionNumbers } from './topics.js';
import { UnsealedEvents } from './to-seal.js';

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

const SMALL_BYTES = 4096;
/** Of a feed message, about. */
const MESSAGE_BYTES = 300;

const sizeOf = (records: readonly LogRecord[]): number => {
  let bytes = 0;
  for (const record of records) bytes += recordSize(record) + 8;
  return bytes;
};

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
  /** What lies here and is still to be sealed, before any of it is handed over. */
  readonly unsealed = new UnsealedEvents();
  #appends = 0;
  #marks = 0;

  /** `into`: as large as the whole is expected to be. Of `expected_records` it holds marks and messages. */
  constructor(numbers: PartitionNumbers, into: ByteWriter<M>, expected_records: number, spare = new SpareRuns()) {
    this.#numbers = numbers;
    this.#places = new Places(numbers);
    this.#seen = ByteWriter.own(expected_records * SEEN_MARK_BYTES);
    this.#chunks = new LogChunks(numbers, expected_records * MESSAGE_BYTES, spare);
    this.#into = into;
    this.#into.f64(NaN);
    this.#appendsHole = this.#into.hole();
  }

  append(append: Append): void {
    this.#append(append, (into) => writeEvents(into, append.events));
  }

  appendUnsealed(append: Append, owner: string): void {
    this.#append(append, (into) => this.unsealed.write(into, append.events, owner));
  }

  #append({ stream, expectedRevision, events }: Append, write: (into: ByteWriter<M>) => void): void {
    const into = this.#into;
    into.text(stream);
    into.f64(expectedRevision);
    into.u32(events.length);
    const length = into.hole();
    const begin = into.at;
    write(into);
    into.fill(length, into.at - begin);
    this.#appends++;
  }

  see({ key, at }: SeenMark): void {
    writeSeenKey(this.#seen, key);
    const place = this.#places.compact(at);
    this.#seen.u8(typeof place === 'number' ? 1 : 0);
    if (typeof place === 'number') this.#seen.f64(place);
    else this.#seen.text(place);
    this.#marks++;
  }

  send(append: LogAppend): void {
    this.#chunks.add(append);
  }

  /** Where it lies just now. */
  get memory(): M {
    return this.#into.memory;
  }

  /** The rest, and with it the whole: in the memory that it was given, or in more of its kind if that did not suffice. */
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
  let bytes = 1024 + seen.length * SEEN_MARK_BYTES + offsets.length * 64 + documents.length * 1_500;
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
