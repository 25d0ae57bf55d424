import { type ChainableCommander, type Result } from 'ioredis';
import { type RedisClient } from './connect.js';

/**
 * The key of each subject, made where there is none. KEYS: of each subject its place and that of the proposed id.
 * ARGV: of each its subject and the proposed key. Answers each one's key; `false` where the id was taken: draw again.
 */
const ensure = `
local keys = {}
for i = 1, #KEYS, 2 do
  local known = redis.call('GET', KEYS[i])
  if known then keys[#keys + 1] = known
  elseif redis.call('SETNX', KEYS[i + 1], ARGV[i]) == 0 then keys[#keys + 1] = false
  else
    redis.call('SET', KEYS[i], ARGV[i + 1])
    keys[#keys + 1] = ARGV[i + 1]
  end
end
return keys
`;

/** KEYS: of each subject its place and that of its id. ARGV: that id. Deletes both if they still belong together. */
const destroy = `
local deleted = 0
for i = 1, #KEYS, 2 do
  local known = redis.call('GET', KEYS[i])
  if known and string.sub(known, 1, 16) == ARGV[(i + 1) / 2] then
    redis.call('DEL', KEYS[i], KEYS[i + 1])
    deleted = deleted + 1
  end
end
return deleted
`;

/** KEYS: the mark. ARGV: where it is to stand, and where it stands at least. Answers whether it does. */
const mark = `
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
if known < tonumber(ARGV[2]) then return 0 end
if known < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tributaryEnsureKeys(keys: number, ...keysAndValues: readonly string[]): Result<(string | null)[], Context>;
    tributaryDestroyKeys(keys: number, ...keysAndValues: readonly string[]): Result<number, Context>;
    tributaryMarkVault(keys: number, ...keysAndValues: readonly string[]): Result<number, Context>;
  }
}

export const defineVault = (client: RedisClient): void => {
  client.defineCommand('tributaryEnsureKeys', { lua: ensure });
  client.defineCommand('tributaryDestroyKeys', { lua: destroy });
  client.defineCommand('tributaryMarkVault', { lua: mark });
};

export const queueEnsure = (pipeline: ChainableCommander, keys: readonly string[], values: readonly string[]) =>
  pipeline.tributaryEnsureKeys(keys.length, ...keys, ...values);

export const queueDestroy = (pipeline: ChainableCommander, keys: readonly string[], values: readonly string[]) =>
  pipeline.tributaryDestroyKeys(keys.length, ...keys, ...values);

export const queueMark = (pipeline: ChainableCommander, key: string, position: number, from: number) =>
  pipeline.tributaryMarkVault(1, key, String(position), String(from));
