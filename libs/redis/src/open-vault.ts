import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { EngineError, type KeyVault } from '@tributary/kernel';
import { connect, type Patience } from './connect.js';
import { RedisLink } from './link.js';
import { defaults } from './open-redis.js';
import { ENGINE, parseRedisUrl } from './redis-url.js';
import { rewriteFiles } from './rewrite-files.js';
import { refuseEviction, requireDurability, requireReplicas } from './server-settings.js';
import { RedisKeyVault } from './vault.js';
import { defineVault } from './vault-scripts.js';
import { newKey, unwrap, wrap } from './wrapped-key.js';

export interface RedisVaultOptions extends Partial<Patience> {
  /** How long `destroy` waits for the server's file to be written anew. */
  readonly rewritePatience_ms?: number;
}

export interface RedisVault extends KeyVault {
  /** As at the opening: throws, *fatal*, when its settings are no longer those by which keys are kept. */
  requireSettings(): Promise<void>;
  /** Which vault this is, wherever it lies; one that was emptied is another, one that was restored is the same. */
  readonly identity: string;
  close(): Promise<void>;
}

const REWRITE_PATIENCE_MS = 60_000;
const MASTER_KEY_BYTES = 32;
const CHECK = 'master-key-check';

/** The keys of subjects in the Redis or cluster at `url`, which must keep what it has answered, and forget what was deleted. */
export const openRedisVault = async (
  url: string,
  masterKey: Uint8Array,
  options: RedisVaultOptions = {},
): Promise<RedisVault> => {
  if (masterKey.length !== MASTER_KEY_BYTES)
    throw new EngineError(ENGINE, 'fatal', `a master key has ${MASTER_KEY_BYTES} bytes, this one ${masterKey.length}`);
  const key = createSecretKey(masterKey);
  const place = parseRedisUrl(url);
  const chosen = { ...defaults, ...options };
  const client = await connect(place, chosen);
  defineVault(client);
  const link = new RedisLink(client, place, chosen);
  const requireSettings = async (): Promise<void> => {
    await refuseEviction(link, 'keys');
    await requireDurability(link, place.durabilityAsserted);
  };
  let identity: string;
  try {
    await requireSettings();
    await requireReplicas(link, place);
    identity = await checkMasterKey(link, key);
  } catch (error) {
    link.close();
    throw error;
  }
  const patience_ms = options.rewritePatience_ms ?? REWRITE_PATIENCE_MS;
  const vault = new RedisKeyVault(link, key, () => rewriteFiles(link, patience_ms, place.durabilityAsserted));
  return Object.assign(vault, { requireSettings, identity, close: async () => link.close() });
};

/** A wrong master key must fail at the start, not at the first erased-looking customer. Answers by what this vault is told from others. */
const checkMasterKey = async (link: RedisLink, masterKey: KeyObject): Promise<string> => {
  const name = link.key(0, CHECK);
  const [, stored] = await link.keep([
    { shard: 0, bytes: 200, queue: (pipeline) => pipeline.set(name, wrap(masterKey, CHECK, newKey(0)), 'NX') },
    { shard: 0, bytes: 100, queue: (pipeline) => pipeline.get(name) },
  ]);
  try {
    unwrap(masterKey, CHECK, String(stored));
    return hash('sha256', String(stored), 'hex').slice(0, 32);
  } catch {
    throw new EngineError(ENGINE, 'fatal', 'this master key is not the one with which this vault was made');
  }
};
