import { createSecretKey, type KeyObject } from 'node:crypto';
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

const REWRITE_PATIENCE_MS = 60_000;
const MASTER_KEY_BYTES = 32;
const CHECK = 'master-key-check';

/** The keys of subjects in the Redis or cluster at `url`, which must keep what it has answered, and forget what was deleted. */
export const openRedisVault = async (
  url: string,
  masterKey: Uint8Array,
  options: RedisVaultOptions = {},
): Promise<KeyVault & { close(): Promise<void> }> => {
  if (masterKey.length !== MASTER_KEY_BYTES)
    throw new EngineError(ENGINE, 'fatal', `a master key has ${MASTER_KEY_BYTES} bytes, this one ${masterKey.length}`);
  const key = createSecretKey(masterKey);
  const place = parseRedisUrl(url);
  const chosen = { ...defaults, ...options };
  const client = await connect(place, chosen);
  defineVault(client);
  const link = new RedisLink(client, place, chosen);
  try {
    await refuseEviction(link);
    await requireDurability(link, place.durabilityAsserted);
    await requireReplicas(link, place);
    await checkMasterKey(link, key);
  } catch (error) {
    link.close();
    throw error;
  }
  const patience_ms = options.rewritePatience_ms ?? REWRITE_PATIENCE_MS;
  const vault = new RedisKeyVault(link, key, () => rewriteFiles(link, patience_ms, place.durabilityAsserted));
  return Object.assign(vault, { close: async () => link.close() });
};

/** A wrong master key must fail at the start, not at the first erased-looking customer. */
const checkMasterKey = async (link: RedisLink, masterKey: KeyObject): Promise<void> => {
  const name = link.key(0, CHECK);
  const [, stored] = await link.keep([
    { shard: 0, bytes: 200, queue: (pipeline) => pipeline.set(name, wrap(masterKey, CHECK, newKey(0)), 'NX') },
    { shard: 0, bytes: 100, queue: (pipeline) => pipeline.get(name) },
  ]);
  try {
    unwrap(masterKey, CHECK, String(stored));
  } catch {
    throw new EngineError(ENGINE, 'fatal', 'this master key is not the one with which this vault was made');
  }
};
