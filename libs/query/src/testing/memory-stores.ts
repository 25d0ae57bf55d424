import {
  type Append,
  type DocumentKind,
  type DocumentStore,
  type EventStore,
  type KeyVault,
  type RecordedEvent,
  type StoredDocument,
  type SubjectKey,
  WrongExpectedRevision,
} from '@tributary/kernel';

/** The stores of specs: as the ports say, in maps. */
export class MemoryEvents implements EventStore {
  readonly #all: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();

  async append(appends: readonly Append[]): Promise<void> {
    for (const { stream, expectedRevision, events } of appends) {
      const held = this.#streams.get(stream) ?? [];
      if (held.length - 1 !== expectedRevision)
        throw new WrongExpectedRevision(stream, expectedRevision, held.length - 1);
      this.#streams.set(stream, held);
      for (const event of events) {
        const recorded = { ...event, stream, revision: held.length, position: this.#all.length };
        held.push(recorded);
        this.#all.push(recorded);
      }
    }
  }

  async readStream(stream: string, fromRevision: number, maxEvents: number): Promise<readonly RecordedEvent[]> {
    return (this.#streams.get(stream) ?? []).slice(fromRevision, fromRevision + maxEvents);
  }

  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    return new Map(streams.map((stream) => [stream, this.#streams.get(stream) ?? []]));
  }

  async readAll(after: number, maxEvents: number, streamPrefix = ''): Promise<readonly RecordedEvent[]> {
    return this.#all
      .filter((event) => event.position > after && event.stream.startsWith(streamPrefix))
      .slice(0, maxEvents);
  }

  async head(): Promise<number> {
    return this.#all.length - 1;
  }

  revisionOf(stream: string): number {
    return (this.#streams.get(stream)?.length ?? 0) - 1;
  }
}

export class MemoryDocuments implements DocumentStore {
  readonly #kinds = new Map<DocumentKind, Map<string, StoredDocument>>();
  /** Calls of `get`, so that specs can count round trips. */
  gets = 0;

  #of(kind: DocumentKind): Map<string, StoredDocument> {
    let documents = this.#kinds.get(kind);
    if (!documents) this.#kinds.set(kind, (documents = new Map()));
    return documents;
  }

  async get(kind: DocumentKind, keys: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    this.gets += 1;
    return keys.map((key) => this.#of(kind).get(key));
  }

  async put(writes: Parameters<DocumentStore['put']>[0]): Promise<void> {
    for (const { kind, key, version, body } of writes)
      if (body === null) this.#of(kind).delete(key);
      else this.#of(kind).set(key, { key, version, body });
  }

  async due(): ReturnType<DocumentStore['due']> {
    return [];
  }

  async scan(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly StoredDocument[]> {
    const keys = [...this.#of(kind).keys()].filter((key) => key > afterKey).sort();
    return keys.slice(0, limit).map((key) => this.#of(kind).get(key) as StoredDocument);
  }

  async count(kind: DocumentKind): Promise<number> {
    return this.#of(kind).size;
  }

  async replace(writes: Parameters<DocumentStore['replace']>[0]): Promise<void> {
    await this.put(writes);
  }

  async clear(kind: DocumentKind): Promise<void> {
    this.#of(kind).clear();
  }
}

export class MemoryVault implements KeyVault {
  readonly #bySubject = new Map<string, SubjectKey>();
  readonly #byId = new Map<string, Uint8Array>();
  #made = 0;

  async keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return new Map(subjects.map((subject) => [subject, this.keyOf(subject)]));
  }

  keyOf(subject: string): SubjectKey {
    const known = this.#bySubject.get(subject);
    if (known) return known;
    this.#made += 1;
    const made = { keyId: this.#made.toString(16).padStart(16, '0'), key: new Uint8Array(32).fill(this.#made % 256) };
    this.#bySubject.set(subject, made);
    this.#byId.set(made.keyId, made.key);
    return made;
  }

  async keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const held = new Map<string, Uint8Array>();
    for (const id of keyIds) {
      const key = this.#byId.get(id);
      if (key) held.set(id, key);
    }
    return held;
  }

  async idsOf(subjects: readonly string[]): Promise<readonly string[]> {
    return subjects.flatMap((subject) => this.#bySubject.get(subject)?.keyId ?? []);
  }

  async destroy(keyIds: readonly string[]): Promise<number> {
    const gone = new Set(keyIds);
    for (const [subject, { keyId }] of this.#bySubject) if (gone.has(keyId)) this.#bySubject.delete(subject);
    return keyIds.filter((id) => this.#byId.delete(id)).length;
  }
}
