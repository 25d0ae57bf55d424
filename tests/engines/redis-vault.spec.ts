import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KeyObject, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysInClear, keyVaultContract } from '@tributary/kernel/contracts';
import { openRedisVault } from '@tributary/redis';
import { Redis } from 'ioredis';
import { type LocalRedis, startRedis, startRedisCluster, vaultSettings } from '../../infra/local/redis.mjs';

const masterKey = new Uint8Array(32).fill(7);

const under = async (url: string) => {
  const place = `${url}?prefix=${randomUUID()}:`;
  let vault = await openRedisVault(place, masterKey);
  const reopen = async () => {
    await vault.close();
    return (vault = await openRedisVault(place, masterKey));
  };
  return { vault, reopen, close: () => vault.close() };
};

/** All that the server has on its disk; what it writes anew meanwhile has another name for a moment. */
const filesOf = ({ dir }: LocalRedis): string => {
  for (;;)
    try {
      return readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
};

describe('a Redis that keeps keys', () => {
  let server: LocalRedis;
  beforeAll(async () => {
    server = await startRedis({ settings: vaultSettings });
  });
  afterAll(() => server.close());

  keyVaultContract('one server', () => under(server.url));

  it('has lost no answered key when it is killed', async () => {
    const { vault, reopen, close } = await under(server.url);
    const keys = await vault.keysFor(Array.from({ length: 200 }, (_, i) => `s_${i}`));
    await server.kill();
    await server.start();
    expect(keysInClear(await (await reopen()).keysFor([...keys.keys()]))).toEqual(keysInClear(keys));
    await close();
  });

  it('holds keys sealed only, and destroyed ones in no file, in any form', async () => {
    const { vault, close } = await under(server.url);
    const raw = new Redis(server.url);
    const key = (await vault.keysFor(['s_gone'])).get('s_gone')!;
    const [name] = await raw.keys('*}key:s_gone');
    const sealed = (await raw.get(name!))!.slice(16);
    for (const encoding of ['latin1', 'hex', 'base64', 'base64url'] as const)
      expect(filesOf(server)).not.toContain(Buffer.from((key.key as KeyObject).export()).toString(encoding));
    expect(filesOf(server)).toContain(sealed);
    // A rewrite that began before the deletion still writes the key: another must follow it.
    const [deleted] = await Promise.all([
      vault.destroy(await vault.idsOf(['s_gone'])),
      raw.bgrewriteaof().catch(() => 'already'),
    ]);
    expect(deleted).toBe(1);
    expect(filesOf(server)).not.toContain(sealed);
    expect(filesOf(server)).not.toContain(key.keyId);
    raw.disconnect();
    await close();
  });

  it('refuses another master key, one of a wrong length, and an entry that stands in for another', async () => {
    const prefix = randomUUID();
    const place = `${server.url}?prefix=${prefix}:`;
    const vault = await openRedisVault(place, masterKey);
    await expect(openRedisVault(place, new Uint8Array(32).fill(8))).rejects.toThrow('not the one with which');
    await expect(openRedisVault(place, new Uint8Array(16))).rejects.toThrow('32 bytes');
    await vault.keysFor(['a', 'b']);
    const raw = new Redis(server.url);
    const [a, b] = [await raw.keys(`${prefix}:*}key:a`), await raw.keys(`${prefix}:*}key:b`)];
    await raw.set(a[0]!, (await raw.get(b[0]!))!);
    await expect(vault.keysFor(['a'])).rejects.toThrow('does not open');
    raw.disconnect();
    await vault.close();
  });

  it('is refused while it could lose or keep what it must not, with what to set', async () => {
    const raw = new Redis(server.url);
    const open = await openRedisVault(server.url, masterKey);
    for (const [name, value, right] of [
      ['appendfsync', 'everysec', 'always'],
      ['save', '60 10', ''],
      ['appendonly', 'no', 'yes'],
      ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ] as const) {
      await raw.config('SET', name, value);
      const refused = { failure: 'fatal', message: expect.stringContaining(`CONFIG SET ${name} ${right || '""'}`) };
      await expect(openRedisVault(server.url, masterKey)).rejects.toMatchObject(refused);
      await expect(open.requireSettings()).rejects.toMatchObject(refused);
      await raw.config('SET', name, right);
      await open.requireSettings();
    }
    const [again, identity] = [await openRedisVault(server.url, masterKey), open.identity];
    expect(again.identity).toBe(identity);
    await raw.flushall();
    const emptied = await openRedisVault(server.url, masterKey);
    expect(emptied.identity).not.toBe(identity);
    raw.disconnect();
    await Promise.all([open, again, emptied].map((one) => one.close()));
    await (await openRedisVault(server.url, masterKey)).close();
  });

  it('takes the word of an operator who forbids CONFIG', async () => {
    const raw = new Redis(server.url);
    await raw.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config', '-bgrewriteaof');
    const url = server.url.replace('//', '//app:secret@');
    await expect(openRedisVault(url, masterKey)).rejects.toThrow('durability=asserted');
    const vault = await openRedisVault(`${url}?durability=asserted`, masterKey);
    await vault.keysFor(['x']);
    expect(await vault.destroy(await vault.idsOf(['x']))).toBe(1);
    await vault.close();
    raw.disconnect();
  });
});

describe('a Redis cluster that keeps keys', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster({ settings: vaultSettings });
  });
  afterAll(() => cluster.close());

  keyVaultContract('a cluster of three', () => under(cluster.url));
});
