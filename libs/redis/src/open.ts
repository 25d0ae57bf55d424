import { type RedisOptions, type RedisStore } from './open-redis.js';
import { type RedisVault, type RedisVaultOptions } from './open-vault.js';

// The client is loaded only where a store is opened: whoever reads settings, but works embedded, starts without it.

/** Documents and seen keys in the Redis or cluster at `url`. Fails if it cannot be reached, or would evict. */
export const openRedis = async (url: string, options?: RedisOptions): Promise<RedisStore> =>
  (await import('./open-redis.js')).openRedis(url, options);

/** The keys of subjects in the Redis or cluster at `url`, which must keep what it has answered, and forget what was deleted. */
export const openRedisVault = async (
  url: string,
  masterKey: Uint8Array,
  options?: RedisVaultOptions,
): Promise<RedisVault> => (await import('./open-vault.js')).openRedisVault(url, masterKey, options);
