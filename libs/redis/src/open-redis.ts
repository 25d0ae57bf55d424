import { DAY_MS, type DocumentStore, type SeenStore } from '@tributary/kernel';
import { connect, type Patience } from './connect.js';
import { RedisDocuments } from './documents.js';
import { readEpoch } from './epoch.js';
import { RedisLink } from './link.js';
import { parseRedisUrl } from './redis-url.js';
import { RedisSeen } from './seen.js';
import { refuseEviction } from './server-settings.js';
import { defineWrite } from './write-script.js';

export interface RedisOptions extends Partial<Patience> {
  /** How long a message id is remembered: longer than any producer retries. */
  readonly seenRetention_ms?: number;
  /** How long a deleted document's version is kept against a zombie's older write: longer than any zombie lives. */
  readonly graveLife_ms?: number;
}

export const defaults = {
  commandTimeout_ms: 5_000,
  connectTimeout_ms: 5_000,
  seenRetention_ms: 7 * DAY_MS,
  graveLife_ms: 7 * DAY_MS,
} as const satisfies Required<RedisOptions>;

export interface RedisStore {
  readonly documents: DocumentStore;
  readonly seen: SeenStore;
  /** Changes when the store was emptied, wholly or in part: what was written before must be built anew. */
  epoch(): Promise<string>;
  /** Throws, *fatal*, when its settings are no longer those with which it was opened: somebody changed them, or restarted it. */
  requireSettings(): Promise<void>;
  close(): Promise<void>;
}

/** Documents and seen keys in the Redis or cluster at `url`. Fails if it cannot be reached, or would evict. */
export const openRedis = async (url: string, options: RedisOptions = {}): Promise<RedisStore> => {
  const place = parseRedisUrl(url);
  const chosen = { ...defaults, ...options };
  const client = await connect(place, chosen);
  defineWrite(client);
  const link = new RedisLink(client, place, chosen);
  try {
    await refuseEviction(link, 'profiles');
    await readEpoch(link);
  } catch (error) {
    link.close();
    throw error;
  }
  return {
    documents: new RedisDocuments(link, chosen.graveLife_ms),
    seen: new RedisSeen(link, chosen.seenRetention_ms),
    epoch: () => readEpoch(link),
    requireSettings: () => refuseEviction(link, 'profiles'),
    close: async () => link.close(),
  };
};
