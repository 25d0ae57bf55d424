export { openRedis, openRedisVault } from './open.js';
export { type RedisOptions, type RedisStore } from './open-redis.js';
export { type RedisVaultOptions } from './open-vault.js';
export { parseRedisUrl, type RedisPlace } from './redis-url.js';
