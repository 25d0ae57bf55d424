import { type ChainableCommander, type Result } from 'ioredis';
import { type RedisClient } from './connect.js';

/**
 * Documents of one shard and kind. Redis runs it whole, beside nothing else: a document, its place in the index and its
 * due time never part ways.
 *
 * KEYS: index (all keys, score 0), due times, graves (score: when they end), then each document.
 * ARGV: `put` (only newer writes) or `replace`, now and life of a grave in ms, then for each document its key, its text
 * (see stored-text.ts; empty: forget it) and its due time (empty: none).
 *
 * What frees memory comes before what takes some, so that a full Redis still deletes.
 */
const lua = `
local index, due, graves = KEYS[1], KEYS[2], KEYS[3]
local guarded, now, life = ARGV[1] == 'put', tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 4, #KEYS do
  local at = 4 + (i - 4) * 3
  local key, text, due_ms = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local stored = redis.call('GETRANGE', KEYS[i], 0, 16)
  if not guarded or stored == '' or string.sub(text, 1, 16) > string.sub(stored, 1, 16) then
    local lived = string.sub(stored, 17, 17)
    local lives = string.sub(text, 17, 17)
    if lives == '+' then
      redis.call('SET', KEYS[i], text)
      if lived ~= '+' then redis.call('ZADD', index, 0, key) end
      if lived == '-' then redis.call('ZREM', graves, key) end
      if due_ms ~= '' then redis.call('ZADD', due, due_ms, key)
      elseif lived == '+' then redis.call('ZREM', due, key) end
    else
      redis.call('ZREM', index, key)
      redis.call('ZREM', due, key)
      if lives == '-' then
        redis.call('ZREMRANGEBYSCORE', graves, '-inf', now)
        redis.call('ZADD', graves, now + life, key)
        redis.call('SET', KEYS[i], text, 'PX', life)
      else
        redis.call('ZREM', graves, key)
        redis.call('DEL', KEYS[i])
      end
    end
  end
end
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tributaryWrite(keys: number, ...keysAndValues: readonly string[]): Result<null, Context>;
  }
}

/** Redis Functions would be loaded by an administrator; a script goes with the connection that needs it. */
export const defineWrite = (client: RedisClient): void => client.defineCommand('tributaryWrite', { lua });

export const queueWrite = (
  pipeline: ChainableCommander,
  keys: readonly string[],
  values: readonly string[],
): ChainableCommander => pipeline.tributaryWrite(keys.length, ...keys, ...values);
