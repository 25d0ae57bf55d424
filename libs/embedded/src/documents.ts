import {
  noEffects,
  type DocumentKind,
  type DocumentStore,
  type DocumentWrite,
  type SeenMark,
  type SeenStore,
  type StoredDocument,
} from '@tributary/kernel';
import { type EmbeddedSink } from './effect-sink.js';
import { packEffects } from './effects-frame.js';
import { seenKey } from './seen-mark.js';
import { type Reads } from './store-reader.js';

export class EmbeddedDocuments implements DocumentStore {
  constructor(
    readonly sink: EmbeddedSink,
    readonly reads: Reads,
  ) {}

  async get(kind: DocumentKind, keys: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    const rows = new Map<string, StoredDocument>();
    for (const row of await this.reads.documents(kind, keys)) rows.set(row.key, row);
    return keys.map((key) => rows.get(key));
  }

  async put(writes: readonly DocumentWrite[]): Promise<void> {
    await this.sink.write({ documents: writes });
  }

  async due(kind: DocumentKind, until: number, limit: number) {
    return this.reads.due(kind, until, limit);
  }

  async scan(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly StoredDocument[]> {
    return this.reads.scan(kind, afterKey, limit);
  }

  async count(kind: DocumentKind): Promise<number> {
    return this.reads.count(kind);
  }

  async replace(writes: readonly DocumentWrite[]): Promise<void> {
    const frame = packEffects({ ...noEffects, documents: writes }, this.sink.topics);
    await this.sink.link.call({ name: 'replace', frame });
  }

  async clear(kind: DocumentKind): Promise<void> {
    await this.sink.link.call({ name: 'clear', kind });
  }
}

export class EmbeddedSeen implements SeenStore {
  constructor(
    readonly sink: EmbeddedSink,
    readonly reads: Reads,
  ) {}

  async firstSeen(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return this.reads.seen(keys.map(seenKey));
  }

  async markSeen(marks: readonly SeenMark[]): Promise<void> {
    await this.sink.write({ seen: marks });
  }
}
