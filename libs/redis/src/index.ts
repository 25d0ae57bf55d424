export { openRedis, type RedisOptions, type RedisStore } from './open-redis.js';
export { parseRedisUrl, type RedisPlace } from './redis-url.js';
export { openRedisVault, type RedisVaultOptions } from './open-vault.js';
