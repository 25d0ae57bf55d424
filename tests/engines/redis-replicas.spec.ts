import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentWrite, EngineError } from '@tributary/kernel';
import { documentsContract, keyVaultContract } from '@tributary/kernel/contracts';
import { openRedis, openRedisVault } from '@tributary/redis';
import { Redis } from 'ioredis';
import {
  type LocalRedis,
  type LocalRedisCluster,
  type LocalRedisSentinels,
  startRedis,
  startRedisCluster,
  startRedisSentinels,
  vaultSettings,
} from '../../infra/local/redis.mjs';
import { FaultProxy } from '../faults/proxy.js';
import { until } from './until.js';

const masterKey = new Uint8Array(32).fill(7);
const patience = { commandTimeout_ms: 2_000 };
const subject = (key: string, version: number) =>
  ({ kind: 'subject', key, version, body: `v${version}`, due_ms: version }) satisfies DocumentWrite;

/** The rights that the README tells an operator to give; `{prefix}` stands for his. */
const rights = (prefix: string): string => {
  const readme = readFileSync('libs/redis/README.md', 'utf8');
  const line = /^ACL SETUSER tributary (.*)$/m.exec(readme)?.[1];
  if (!line) throw new Error('the README does not say which rights are needed');
  return line.replace('tributary:', prefix).replace('>…', '>secret');
};

const ask = async <T>(node: LocalRedis, work: (raw: Redis) => Promise<T>): Promise<T> => {
  const raw = new Redis(node.url, { enableReadyCheck: false });
  raw.on('error', () => undefined);
  try {
    return await work(raw);
  } finally {
    raw.disconnect();
  }
};

const roleOf = (node: LocalRedis): Promise<string> =>
  ask(node, async (raw) => String(((await raw.role()) as unknown[])[0])).catch(() => 'away');

/** Again, until it is done; what is fatal ends it. */
const untilDone = async <T>(work: () => Promise<T>, failures: EngineError[] = []): Promise<T> => {
  for (const end = Date.now() + 40_000; ; await sleep(50))
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure === 'fatal' || Date.now() > end) throw error;
      failures.push(error);
    }
};

describe('a Redis cluster with replicas, for a user with few rights', () => {
  const prefix = `r${randomUUID().slice(0, 8)}:`;
  let cluster: LocalRedisCluster;
  let masters: LocalRedis[];
  let replicas: LocalRedis[];
  const url = (own = '') =>
    `${cluster.url.replace('://', '://tributary:secret@')}?prefix=${prefix}${own}&replicas=1&durability=asserted`;
  const find = async (): Promise<void> => {
    const roles = await Promise.all(cluster.nodes.map(roleOf));
    masters = cluster.nodes.filter((_, i) => roles[i] === 'master');
    replicas = cluster.nodes.filter((_, i) => roles[i] === 'slave');
  };
  beforeAll(async () => {
    const user = `tributary ${rights(prefix)}`;
    cluster = await startRedisCluster({ replicas: 1, settings: { ...vaultSettings, user } });
  });
  beforeEach(async () => {
    await until(async () => {
      await find();
      return masters.length === 3 && replicas.length === 3;
    });
  });
  afterAll(() => cluster.close());

  documentsContract('a cluster with replicas', async () => {
    const place = url(`${randomUUID()}:`);
    let store = await openRedis(place);
    const reopen = async () => {
      await store.close();
      return (store = await openRedis(place));
    };
    return { documents: store.documents, seen: store.seen, reopen, close: () => store.close() };
  });

  keyVaultContract('a cluster with replicas', async () => {
    const vault = await openRedisVault(url(`${randomUUID()}:`), masterKey);
    return { vault, close: () => vault.close() };
  });

  it('asked for nothing that it may not do', async () => {
    for (const node of cluster.nodes) expect(await ask(node, (raw) => raw.call('ACL', 'LOG'))).toEqual([]);
  });

  it('loses no answered document and no answered key, whichever of them dies under writers', async () => {
    const store = await openRedis(url('docs:'), patience);
    const vault = await openRedisVault(url('keys:'), masterKey, patience);
    const failures: EngineError[] = [];
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    const known = new Map<string, string>();
    let [version, answered, stop] = [0, 0, false];
    const documents = (async () => {
      while (!stop) {
        version++;
        await untilDone(() => store.documents.put(keys.map((key) => subject(key, version))), failures);
        answered = version;
      }
    })();
    const secrets = (async () => {
      for (let round = 0; !stop; round++) {
        const people = Array.from({ length: 20 }, (_, i) => `s${round}-${i}`);
        const made = await untilDone(() => vault.keysFor(people), failures);
        for (const [person, { keyId }] of made) known.set(person, keyId);
      }
    })();
    for (let round = 0; round < 2; round++) {
      await sleep(300);
      const victim = masters[round % masters.length] as LocalRedis;
      const before = answered;
      await victim.kill();
      await until(async () => (await Promise.all(replicas.map(roleOf))).includes('master'));
      // Alone, it answers no write: nobody else would have it. The one that comes back makes it whole again.
      await victim.start();
      await until(() => answered > before + 1);
      await until(async () => {
        await find();
        return masters.length === 3 && replicas.length === 3;
      });
    }
    stop = true;
    await Promise.all([documents, secrets]);
    expect(failures.length).toBeGreaterThan(0);
    expect(answered).toBeGreaterThan(3);
    const stored = await store.documents.get('subject', keys);
    expect(new Set(stored.map((document) => document?.version))).toEqual(new Set([answered]));
    expect(await store.documents.due('subject', 1e9, 1_000)).toHaveLength(200);
    const again = await vault.keysFor([...known.keys()]);
    expect(new Map([...again].map(([person, { keyId }]) => [person, keyId]))).toEqual(known);
    await store.close();
    await vault.close();
  }, 180_000);

  it('answers nothing that the one who takes over would not know', async () => {
    const store = await openRedis(url('silent:'), patience);
    const vault = await openRedisVault(url('silent-keys:'), masterKey, patience);
    const [kept] = (await vault.keysFor(['kept'])).values();
    for (const replica of replicas) replica.pause();
    try {
      const few = { failure: 'retriable', message: expect.stringContaining('held by 0 of 1 replicas') };
      await expect(store.documents.put([subject('a', 1)])).rejects.toMatchObject(few);
      await expect(store.seen.markSeen([{ key: 'm', at: '0:1' }])).rejects.toMatchObject(few);
      await expect(vault.keysFor(['lost'])).rejects.toMatchObject(few);
      // It is found now, which does not make it safe; and a key that is gone could still come back.
      await expect(vault.keysFor(['lost'])).rejects.toMatchObject(few);
      await expect(vault.destroy([kept!.keyId])).rejects.toMatchObject(few);
      await expect(vault.destroy([kept!.keyId])).rejects.toMatchObject(few);
      // What others have is read as ever.
      expect(await store.documents.get('subject', ['a'])).toMatchObject([{ version: 1 }]);
    } finally {
      for (const replica of replicas) replica.resume();
    }
    await untilDone(() => store.documents.put([subject('a', 1)]));
    expect((await untilDone(() => vault.keysFor(['lost']))).size).toBe(1);
    await untilDone(() => vault.destroy([kept!.keyId]));
    expect(await vault.idsOf(['kept'])).toEqual([]);
    await store.close();
    await vault.close();
  });
});

describe('a Redis whose name moves to another server', () => {
  let old: LocalRedis;
  let next: LocalRedis;
  let name: FaultProxy;
  let meant: LocalRedis;
  beforeEach(async () => {
    [old, next] = [await startRedis(), await startRedis()];
    meant = old;
    name = await FaultProxy.open({ target: () => meant.port });
    await ask(next, (raw) => raw.call('REPLICAOF', '127.0.0.1', String(old.port)));
  });
  afterEach(async () => {
    await name.close();
    await old.close();
    await next.close();
  });

  it('is followed when the one that it meant was made a replica, and stays', async () => {
    const store = await openRedis(`redis://127.0.0.1:${name.port}?replicas=1`, patience);
    await untilDone(() => store.documents.put([subject('a', 1)]));
    await ask(next, (raw) => raw.call('REPLICAOF', 'NO', 'ONE'));
    await ask(old, (raw) => raw.call('REPLICAOF', '127.0.0.1', String(next.port)));
    meant = next;
    const failures: EngineError[] = [];
    await untilDone(() => store.documents.put([subject('a', 2)]), failures);
    expect(failures.map(({ message }) => message).join()).toContain('READONLY');
    expect(await ask(next, (raw) => raw.call('DBSIZE'))).toBeGreaterThan(0);
    expect(await store.documents.get('subject', ['a'])).toMatchObject([{ version: 2 }]);
    await store.close();
  });
});

describe('a Redis that sentinels watch', () => {
  let watched: LocalRedisSentinels;
  beforeEach(async () => {
    watched = await startRedisSentinels();
  });
  afterEach(() => watched.close());

  it('is found by the name of its primary, and again when another has taken over, with all that was answered', async () => {
    const store = await openRedis(`${watched.url}&replicas=1`, patience);
    const [primary, replica] = watched.nodes as readonly [LocalRedis, LocalRedis];
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    const failures: EngineError[] = [];
    let [version, stop] = [0, false];
    const writer = (async () => {
      while (!stop) {
        version++;
        await untilDone(() => store.documents.put(keys.map((key) => subject(key, version))), failures);
      }
    })();
    await until(() => version > 3);
    // Nobody answers for a while, and one of the sentinels does not come back.
    await watched.sentinels[0]!.kill();
    await primary.kill();
    await until(async () => (await roleOf(replica)) === 'master');
    await primary.start();
    const before = version;
    await until(() => version > before + 1);
    expect(await roleOf(primary)).toBe('slave');
    stop = true;
    await writer;
    expect(failures.length).toBeGreaterThan(0);
    const stored = await store.documents.get('subject', keys);
    expect(new Set(stored.map((document) => document?.version))).toEqual(new Set([version]));
    await store.close();
  });

  it('asks again for ever once it is open, and says at once where nobody knows', async () => {
    await expect(openRedis(watched.url.replace('primary=main', 'primary=other'))).rejects.toMatchObject({
      failure: 'retriable',
      message: expect.stringContaining('sentinels'),
    });
    const store = await openRedis(watched.url, patience);
    for (const sentinel of watched.sentinels) await sentinel.kill();
    await watched.nodes[0]!.kill();
    await expect(store.documents.put([subject('a', 1)])).rejects.toBeInstanceOf(EngineError);
    await sleep(500);
    await expect(store.documents.put([subject('a', 1)])).rejects.toMatchObject({ failure: 'retriable' });
    await watched.nodes[0]!.start();
    for (const sentinel of watched.sentinels) await sentinel.start();
    await untilDone(() => store.documents.put([subject('a', 1)]));
    await store.close();
  });
});

describe('a Redis of keys whose replica takes over by itself', () => {
  let watched: LocalRedisSentinels;
  beforeAll(async () => {
    watched = await startRedisSentinels({ settings: vaultSettings });
    // Its replica is told of when it has come.
    const [primary] = watched.nodes;
    await until(() => ask(primary!, async (raw) => (await raw.info('replication')).includes('connected_slaves:1')));
  });
  afterAll(() => watched.close());

  it('is refused where nobody waits for that replica: it would take over without the newest keys', async () => {
    await expect(openRedisVault(watched.url, masterKey)).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringContaining('?replicas=1'),
    });
    await (await openRedisVault(`${watched.url}&durability=asserted`, masterKey)).close();
    const vault = await untilDone(() => openRedisVault(`${watched.url}&replicas=1`, masterKey));
    expect((await vault.keysFor(['s_1'])).size).toBe(1);
    await vault.close();
  });
});
