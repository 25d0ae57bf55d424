/**
 * The profile store: documents by key, guarded by version, and a queue of due times.
 * Redis is the measure: single-key atomicity, pipelines, no joins, total loss repaired by a rebuild.
 */
export type DocumentKind = 'subject' | 'activity' | 'customer' | 'checkpoint' | 'outcome';

export interface StoredDocument {
  readonly key: string;
  /** Position of the last event that the document reflects. */
  readonly version: number;
  /** JSON text, canonical: the same state is the same text. */
  readonly body: string;
}

export interface DocumentWrite {
  readonly kind: DocumentKind;
  readonly key: string;
  /** A write applies only if it is newer than what is stored: a zombie's write changes nothing. */
  readonly version: number;
  /** `null` deletes. */
  readonly body: string | null;
  /** When this document wants to be looked at again (`due`); `null` or absent: never. */
  readonly due_ms?: number | null;
}

export interface DocumentStore {
  /** In the order of `keys`; `undefined` where there is none. */
  get(kind: DocumentKind, keys: readonly string[]): Promise<readonly (StoredDocument | undefined)[]>;
  put(writes: readonly DocumentWrite[]): Promise<void>;
  /** Keys of documents due at or before `until`, earliest first. */
  due(
    kind: DocumentKind,
    until: number,
    limit: number,
  ): Promise<readonly { readonly key: string; readonly due_ms: number }[]>;
  /** Documents after `afterKey` in key order. For rebuilds, exports and verification. */
  scan(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly StoredDocument[]>;
  count(kind: DocumentKind): Promise<number>;
  /**
   * As `put`, whatever version is stored; a body of `null` forgets the document, version and all. Each document changes
   * at once, old to new. For a repair, which alone may say that what is stored is wrong.
   */
  replace(writes: readonly DocumentWrite[]): Promise<void>;
  /** Empties a kind, versions and all: for a rebuild. */
  clear(kind: DocumentKind): Promise<void>;
}

/** First sightings of message ids: the memory by which a producer's retry is known. A projection of the event store. */
export interface SeenStore {
  /** For each key: where it was first seen (`topic/partition/offset`), or `undefined`. */
  firstSeen(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** Remembers keys; one that is known keeps its first place. */
  markSeen(marks: readonly SeenMark[]): Promise<void>;
}

export interface SeenMark {
  readonly key: string;
  readonly at: string;
}
