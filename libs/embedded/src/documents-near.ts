import { type DocumentKind, type DocumentStore, type StoredDocument } from '@tributary/kernel';
import { DocumentReader } from './document-reader.js';
import { openForReading, storeFile } from './schema.js';
import { fromFailure, toFailure } from './protocol.js';

/** What a thread reads itself that has others waiting: more is for a thread of reads. */
export interface Reach {
  /** Of one `get`. */
  readonly keys: number;
  /** Of what one `get` finds: characters. */
  readonly chars: number;
}

/** It would take too long here; nothing is wrong with the question. */
export class BeyondReach extends Error {
  constructor() {
    super('the documents are more, or larger, than are read on this thread');
    this.name = 'BeyondReach';
  }
}

export interface NearDocuments extends Pick<DocumentStore, 'get'> {
  close(): void;
}

/** Little is read here, and most of it lies in the system's cache. */
const CACHE_KIB = 4 * 1024;

/**
 * Documents read in place, on a connection of its own, within a bound: a read costs its caller no waking of another thread, and
 * holds it up no longer than that: `get` throws `BeyondReach` before anything large is parsed, and never waits for a lock.
 */
export const documentsNear = (dir: string, reach: Reach): NearDocuments => {
  const db = openForReading(storeFile(dir));
  db.exec(`PRAGMA busy_timeout=0; PRAGMA cache_size=-${CACHE_KIB};`);
  const reader = new DocumentReader(db);
  const read = (kind: DocumentKind, keys: readonly string[]): StoredDocument[] => {
    try {
      return reader.get(kind, keys);
    } catch (error) {
      throw fromFailure(toFailure(error));
    }
  };
  return {
    get: async (kind, keys) => {
      if (keys.length > reach.keys) throw new BeyondReach();
      const found = new Map<string, StoredDocument>();
      let chars = 0;
      for (const document of keys.length === 0 ? [] : read(kind, keys)) {
        found.set(document.key, document);
        chars += document.body.length;
      }
      if (chars > reach.chars) throw new BeyondReach();
      return keys.map((key) => found.get(key));
    },
    close: () => db.close(),
  };
};
