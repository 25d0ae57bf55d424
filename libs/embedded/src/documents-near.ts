import { type DocumentKind, type DocumentStore, type StoredDocument } from '@tributary/kernel';
import { documentKinds, openForReading, storeFile } from './schema.js';
import { fromFailure, toFailure } from './protocol.js';

/** What a thread reads itself that has others waiting: more is for a thread of reads. */
export interface Reach {
  /** Of one `get`. */
  readonly keys: number;
  /** Of what one `get` finds. */
  readonly bytes: number;
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

/** The engine knows how long a body is without reading it, and reads it only if it is not too long. */
const boundedRead = (kind: DocumentKind): string =>
  `SELECT key, version, length(body) AS bytes, CASE WHEN length(body) <= ? THEN CAST(body AS TEXT) END AS body
   FROM ${kind}_document WHERE key = ?`;

interface BoundedRow extends Omit<StoredDocument, 'body'> {
  readonly bytes: number;
  readonly body: string | null;
}

/**
 * Documents read in place, on a connection of its own, within a bound: a read costs its caller no waking of another thread, and
 * holds it up no longer than that: `get` throws `BeyondReach` before anything beyond it is read, and never waits for a lock.
 */
export const documentsNear = (dir: string, reach: Reach): NearDocuments => {
  const db = openForReading(storeFile(dir));
  const statements = new Map(documentKinds.map((kind) => [kind, db.prepare(boundedRead(kind))]));
  // Not before: to open it may wait.
  db.exec(`PRAGMA busy_timeout=0; PRAGMA cache_size=-${CACHE_KIB};`);
  const read = (kind: DocumentKind, key: string, most_bytes: number): BoundedRow | undefined => {
    try {
      return statements.get(kind)?.get(most_bytes, key) as BoundedRow | undefined;
    } catch (error) {
      throw fromFailure(toFailure(error));
    }
  };
  return {
    get: async (kind, keys) => {
      if (keys.length > reach.keys) throw new BeyondReach();
      let left_bytes = reach.bytes;
      return keys.map((key) => {
        const row = read(kind, key, left_bytes);
        if (!row) return undefined;
        const { version, body, bytes } = row;
        if (body === null) throw new BeyondReach();
        left_bytes -= bytes;
        return { key, version, body };
      });
    },
    close: () => db.close(),
  };
};
