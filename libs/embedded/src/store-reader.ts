import { type DocumentKind } from '@tributary/kernel';
import { DocumentReader, type DocumentRow } from './document-reader.js';
import { type PackedEvents } from './event-frame.js';
import { EventReader } from './event-reader.js';
import { KeyReader, type WrappedKey } from './key-table.js';
import { LogReader, type PartitionRow } from './log-reader.js';
import { keysFile, OFFSETS_PER_PARTITION, openForReading, storeFile } from './schema.js';
import { SeenReader } from './seen-reader.js';
import { type Segment } from './segment.js';
import { type Database } from './sqlite.js';

/** Every read there is, in packed form: cheap to hand from thread to thread, opened by whoever asked. */
export class StoreReader {
  readonly #store: Database;
  readonly #keyFile: Database;
  readonly #log: LogReader;
  readonly #events: EventReader;
  readonly #documents: DocumentReader;
  readonly #seen: SeenReader;
  readonly #keys: KeyReader;

  constructor(dir: string) {
    this.#store = openForReading(storeFile(dir));
    this.#keyFile = openForReading(keysFile(dir));
    this.#log = new LogReader(this.#store);
    this.#events = new EventReader(this.#store);
    this.#documents = new DocumentReader(this.#store);
    this.#seen = new SeenReader(this.#store);
    this.#keys = new KeyReader(this.#keyFile);
  }

  partitions(topic: string): PartitionRow[] {
    return this.#log.partitions(topic);
  }
  end(partition: number): number {
    return this.#log.end(partition);
  }
  segments(partition: number, from: number, max: number): Segment[] {
    return this.#log.segments(partition, from, max);
  }
  committed(group: string, partition: number): number | undefined {
    return this.#log.committed(group, partition);
  }
  head(): number {
    return this.#events.head();
  }
  ofStream(stream: string, fromRevision: number, maxEvents: number): PackedEvents[] {
    return this.#events.ofStream(stream, fromRevision, maxEvents);
  }
  ofStreams(streams: readonly string[]): PackedEvents[][] {
    return this.#events.ofStreams(streams);
  }
  after(after: number, maxEvents: number, prefix: string): PackedEvents[] {
    return this.#events.after(after, maxEvents, prefix);
  }
  documents(kind: DocumentKind, keys: readonly string[]): DocumentRow[] {
    return keys.length === 0 ? [] : this.#documents.get(kind, keys);
  }
  due(kind: DocumentKind, until: number, limit: number): { key: string; due_ms: number }[] {
    return this.#documents.due(kind, until, limit);
  }
  scan(kind: DocumentKind, afterKey: string, limit: number): DocumentRow[] {
    return this.#documents.scan(kind, afterKey, limit);
  }
  count(kind: DocumentKind): number {
    return this.#documents.count(kind);
  }
  /** Where each key was first seen, as it was said. */
  seen(keys: readonly Uint8Array[]): (string | undefined)[] {
    return this.#seen.places(keys).map((place) => {
      if (typeof place !== 'number') return place;
      const partition = Math.floor(place / OFFSETS_PER_PARTITION);
      return this.#log.place(partition, place % OFFSETS_PER_PARTITION);
    });
  }
  keysOf(subjects: readonly string[]): WrappedKey[] {
    return this.#keys.ofSubjects(subjects);
  }
  keysById(ids: readonly string[]): WrappedKey[] {
    return this.#keys.byId(ids);
  }
  close(): void {
    this.#store.close();
    this.#keyFile.close();
  }
}

/** The same reads, wherever they run. */
export type Reads = {
  readonly [K in keyof StoreReader]: (
    ...args: Parameters<StoreReader[K]>
  ) => Promise<ReturnType<StoreReader[K]>> | ReturnType<StoreReader[K]>;
};
