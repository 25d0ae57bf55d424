import {
  type DocumentKind,
  type DocumentStore,
  type DocumentWrite,
  type SeenMark,
  type SeenStore,
  type StoredDocument,
} from '../ports/documents.js';

interface Kept extends DocumentWrite {
  readonly body: string | null;
}

export class MemoryDocuments implements DocumentStore {
  readonly #kinds = new Map<DocumentKind, Map<string, Kept>>();

  /** As a store that comes back empty. */
  lose(): void {
    this.#kinds.clear();
  }

  #of(kind: DocumentKind): Map<string, Kept> {
    let kept = this.#kinds.get(kind);
    if (!kept) this.#kinds.set(kind, (kept = new Map()));
    return kept;
  }

  async get(kind: DocumentKind, keys: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    return keys.map((key) => stored(this.#of(kind).get(key)));
  }

  async put(writes: readonly DocumentWrite[]): Promise<void> {
    for (const write of writes) {
      const before = this.#of(write.kind).get(write.key);
      // A deleted document keeps its version, so that a zombie's older write cannot bring it back.
      if (!before || write.version > before.version) this.#of(write.kind).set(write.key, { ...write });
    }
  }

  async due(kind: DocumentKind, until: number, limit: number): ReturnType<DocumentStore['due']> {
    return [...this.#of(kind).values()]
      .filter(({ body, due_ms }) => body !== null && due_ms != null && due_ms <= until)
      .map(({ key, due_ms }) => ({ key, due_ms: due_ms as number }))
      .sort((a, b) => a.due_ms - b.due_ms || (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }

  async scan(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly StoredDocument[]> {
    return [...this.#of(kind).values()]
      .filter(({ key, body }) => key > afterKey && body !== null)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, limit)
      .map((kept) => stored(kept) as StoredDocument);
  }

  async count(kind: DocumentKind): Promise<number> {
    return [...this.#of(kind).values()].filter(({ body }) => body !== null).length;
  }

  async replace(writes: readonly DocumentWrite[]): Promise<void> {
    for (const write of writes)
      if (write.body === null) this.#of(write.kind).delete(write.key);
      else this.#of(write.kind).set(write.key, { ...write });
  }

  async clear(kind: DocumentKind): Promise<void> {
    this.#of(kind).clear();
  }
}

const stored = (kept: Kept | undefined): StoredDocument | undefined =>
  kept && kept.body !== null ? { key: kept.key, version: kept.version, body: kept.body } : undefined;

export class MemorySeen implements SeenStore {
  readonly #seen = new Map<string, string>();

  /** As a store that comes back empty. */
  lose(): void {
    this.#seen.clear();
  }

  async firstSeen(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return keys.map((key) => this.#seen.get(key));
  }

  async markSeen(marks: readonly SeenMark[]): Promise<void> {
    for (const { key, at } of marks) if (!this.#seen.has(key)) this.#seen.set(key, at);
  }
}
