export { openRedis, type RedisOptions, type RedisStore } from './open-redis.js';
export { openRedisVault, type RedisVaultOptions } from './open-vault.js';
