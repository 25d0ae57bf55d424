import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentStore, type DocumentWrite, EngineError, StoreFull } from '@tributary/kernel';
import { openRedis, type RedisStore } from '@tributary/redis';
import { Redis } from 'ioredis';
import {
  documentSettings,
  installRedis,
  type LocalRedis,
  type LocalRedisCluster,
  startRedis,
  startRedisCluster,
} from '../../infra/local/redis.mjs';

const subject = (key: string, version: number, body: string | null = `v${version}`, due_ms: number | null = null) =>
  ({ kind: 'subject', key, version, body, due_ms }) satisfies DocumentWrite;

/** What a pipeline does about an engine that is away: again, until it is back. */
const untilDone = async (work: () => Promise<void>, failures: EngineError[] = []): Promise<EngineError[]> => {
  for (const until = Date.now() + 30_000; ; await sleep(50))
    try {
      await work();
      return failures;
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure === 'fatal' || Date.now() > until) throw error;
      failures.push(error);
    }
};

const all = async (documents: DocumentStore): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>();
  for (let after = ''; ;) {
    const page = await documents.scan('subject', after, 500);
    for (const { key, version } of page) found.set(key, version);
    if (page.length === 0) return found;
    after = page.at(-1)!.key;
  }
};

describe('Redis with faults', () => {
  let server: LocalRedis;
  let store: RedisStore;
  let raw: Redis;
  beforeEach(async () => {
    server = await startRedis();
    store = await openRedis(server.url, { commandTimeout_ms: 500, connectTimeout_ms: 1_000, graveLife_ms: 300 });
    raw = new Redis(server.url);
    raw.on('error', () => undefined);
  });
  afterEach(async () => {
    raw.disconnect();
    await store.close();
    await server.close();
  });

  it('loses and mixes up nothing when the server is killed again and again under writers', async () => {
    const failures: EngineError[] = [];
    let stop = false;
    const writer = async (who: number) => {
      let version = 0;
      while (!stop) {
        version++;
        const writes = Array.from({ length: 300 }, (_, i) => subject(`k${i}`, version * 10 + who, 'x', version));
        await untilDone(() => store.documents.put(writes), failures);
      }
      return version * 10 + who;
    };
    const writers = [writer(0), writer(1), writer(2)];
    for (let round = 0; round < 5; round++) {
      await sleep(200);
      await server.kill();
      await sleep(100);
      await server.start();
    }
    stop = true;
    const newest = Math.max(...(await Promise.all(writers)));
    expect(failures.length).toBeGreaterThan(0);
    expect(await all(store.documents)).toEqual(new Map(Array.from({ length: 300 }, (_, i) => [`k${i}`, newest])));
    expect(await store.documents.count('subject')).toBe(300);
    expect(await store.documents.due('subject', 1e9, 1_000)).toHaveLength(300);
  });

  it('says what became of a command: not sent, or not known', async () => {
    server.pause();
    const began = Date.now();
    await expect(store.documents.put([subject('a', 1)])).rejects.toMatchObject({ failure: 'unknown' });
    expect(Date.now() - began).toBeLessThan(2_000);
    // Nothing queues up behind a connection that is not there.
    const refused = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => store.documents.get('subject', ['a'])),
    );
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
    server.resume();
    await untilDone(() => store.documents.put([subject('a', 1)]));
    await server.kill();
    await sleep(50);
    await expect(store.documents.put([subject('a', 2)])).rejects.toMatchObject({ failure: 'retriable' });
    await server.start();
    const back = Date.now();
    await untilDone(() => store.documents.put([subject('a', 2)]));
    expect(Date.now() - back).toBeLessThan(5_000);
  });

  it('waits for a server that is loading', async () => {
    await store.documents.put(Array.from({ length: 5_000 }, (_, i) => subject(`k${i}`, 1, 'x'.repeat(500))));
    await server.stop();
    await server.start();
    await untilDone(() => store.documents.put([subject('k0', 2)]));
    expect(await store.documents.count('subject')).toBe(5_000);
  });

  it('is full with nothing half written, and still deletes', async () => {
    const body = 'x'.repeat(10_000);
    await store.documents.put(Array.from({ length: 200 }, (_, i) => subject(`k${i}`, 1, body, i)));
    await raw.config('SET', 'maxmemory', '2mb');
    const more = Array.from({ length: 50 }, (_, i) => subject(`more${i}`, 1, body, i));
    const full = await store.documents.put(more).catch((error: unknown) => error);
    expect(full).toBeInstanceOf(StoreFull);
    expect(full).toMatchObject({ failure: 'retriable' });
    expect(await store.documents.count('subject')).toBe(200);
    expect(await store.documents.due('subject', 1e6, 1_000)).toHaveLength(200);
    await expect(store.seen.markSeen([{ key: 'm', at: 't/0/0' }])).rejects.toBeInstanceOf(StoreFull);
    await store.documents.put(Array.from({ length: 150 }, (_, i) => subject(`k${i}`, 2, null)));
    expect(await store.documents.count('subject')).toBe(50);
    await raw.config('SET', 'maxmemory', '0');
    await store.documents.put(more);
    expect(await store.documents.count('subject')).toBe(100);
  });

  it('refuses a server that evicts, and a wrong password, without telling it', async () => {
    await store.requireSettings();
    await raw.config('SET', 'maxmemory-policy', 'volatile-lru');
    await expect(openRedis(server.url)).rejects.toThrow('CONFIG SET maxmemory-policy noeviction');
    await expect(store.requireSettings()).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.not.stringContaining('forgotten'),
    });
    await raw.config('SET', 'maxmemory-policy', 'allkeys-random', 'maxmemory', '1');
    await raw.get('x');
    await expect(store.requireSettings()).rejects.toThrow(/forgotten \d+ entries .*: empty it/);
    await raw.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
    await raw.config('SET', 'requirepass', 'right');
    const wrong = await openRedis(server.url.replace('//', '//:hunter2@')).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ failure: 'fatal', message: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify(wrong) + String((wrong as Error).stack)).not.toContain('hunter2');
    await expect(openRedis(server.url.replace('//', '//:right@')).then((one) => one.close())).resolves.toBeUndefined();
    const nobody = await openRedis('redis://127.0.0.1:1').catch((error: unknown) => error);
    expect(nobody).toMatchObject({ failure: 'retriable', message: expect.stringContaining('127.0.0.1:1') });
  });

  it('says when it was emptied, and only then', async () => {
    const epoch = await store.epoch();
    await store.documents.put([subject('a', 1)]);
    expect(await store.epoch()).toBe(epoch);
    await server.kill();
    await server.start();
    await untilDone(async () => expect(await store.epoch()).toBe(epoch));
    await raw.flushall();
    const second = await store.epoch();
    expect(second).not.toBe(epoch);
    expect(await store.epoch()).toBe(second);
    const another = await openRedis(server.url);
    expect(await another.epoch()).toBe(second);
    await another.close();
  });

  it('forgets graves and marks when their time is over, leaving nothing behind', async () => {
    const brief = await openRedis(`${server.url}?prefix=brief:`, { graveLife_ms: 3_000, seenRetention_ms: 3_000 });
    await brief.documents.put([subject('a', 5), subject('b', 5)]);
    await brief.documents.put([subject('a', 6, null), subject('b', 6, null)]);
    await brief.seen.markSeen([{ key: 'm', at: 't/0/0' }]);
    await brief.documents.put([subject('a', 5)]);
    expect(await brief.documents.count('subject')).toBe(0);
    expect(await brief.seen.firstSeen(['m'])).toEqual(['t/0/0']);
    for (; (await brief.documents.count('subject')) === 0; await sleep(200))
      await brief.documents.put([subject('a', 5)]);
    expect(await brief.documents.count('subject')).toBe(1);
    while ((await brief.seen.firstSeen(['m']))[0] !== undefined) await sleep(200);
    await brief.documents.clear('subject');
    expect((await raw.keys('brief:*')).filter((key) => !key.endsWith('epoch'))).toEqual([]);
    await brief.close();
  });

  it('is told apart by its certificate', async () => {
    const file = (name: string) => `${server.dir}/${name}`;
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', [...request, ...names, '-keyout', file('key'), '-out', file('cert')], { stdio: 'pipe' });
    const tls = { 'tls-cert-file': file('cert'), 'tls-key-file': file('key'), 'tls-auth-clients': 'no' };
    const port = server.port + 1 > 65_535 ? server.port - 1 : server.port + 1;
    for (const [name, value] of Object.entries(tls)) await raw.config('SET', name, value);
    await raw.config('SET', 'tls-port', String(port));
    const url = `rediss://localhost:${port}/0`;
    await expect(openRedis(url)).rejects.toThrow('cannot be reached');
    const secure = await openRedis(`${url}?ca=${file('cert')}`);
    await secure.documents.put([subject('tls', 1)]);
    expect(await store.documents.count('subject')).toBe(1);
    await secure.close();
  });
});

describe('a Redis cluster with faults', () => {
  let cluster: LocalRedisCluster;
  let store: RedisStore;
  beforeEach(async () => {
    cluster = await startRedisCluster({ settings: { ...documentSettings, 'cluster-require-full-coverage': 'no' } });
    store = await openRedis(cluster.url, { commandTimeout_ms: 1_000 });
  });
  afterEach(async () => {
    await store.close();
    await cluster.close();
  });

  it('says when one node was emptied', async () => {
    const epoch = await store.epoch();
    const one = new Redis(cluster.nodes[1]!.url);
    await one.flushall();
    one.disconnect();
    expect(await store.epoch()).not.toBe(epoch);
  });

  it('goes on when a node was away', async () => {
    await store.documents.put(Array.from({ length: 500 }, (_, i) => subject(`k${i}`, 1)));
    await cluster.nodes[0]!.kill();
    const writes = Array.from({ length: 500 }, (_, i) => subject(`k${i}`, 2, 'x', i));
    const failed = await store.documents.put(writes).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(EngineError);
    expect((failed as EngineError).failure).not.toBe('fatal');
    await cluster.nodes[0]!.start();
    await untilDone(() => store.documents.put(writes));
    expect(new Set((await all(store.documents)).values())).toEqual(new Set([2]));
    expect(await store.documents.due('subject', 1e6, 1_000)).toHaveLength(500);
  });

  it('goes on while slots move from node to node', async () => {
    let version = 1;
    let stop = false;
    const writer = (async () => {
      while (!stop) {
        const writes = Array.from({ length: 200 }, (_, i) => subject(`k${i}`, version, 'x', i));
        await untilDone(() => store.documents.put(writes));
        expect(await store.documents.scan('subject', '', 1_000)).toHaveLength(200);
        version++;
      }
    })();
    const { cli, env } = installRedis();
    const idOf = ({ port }: LocalRedis) =>
      execFileSync(cli, ['-p', String(port), 'cluster', 'myid'], { env, encoding: 'utf8' }).trim();
    const [from, to] = cluster.nodes.map(idOf);
    const move = ['--cluster-from', from!, '--cluster-to', to!, '--cluster-slots', '3000', '--cluster-yes'];
    const { spawn } = await import('node:child_process');
    const resharding = spawn(cli, ['--cluster', 'reshard', `127.0.0.1:${cluster.nodes[0]!.port}`, ...move], {
      env,
      stdio: 'ignore',
    });
    const code = await new Promise((resolve) => resharding.once('exit', resolve));
    stop = true;
    await writer;
    expect(code).toBe(0);
    expect(await all(store.documents)).toEqual(new Map(Array.from({ length: 200 }, (_, i) => [`k${i}`, version - 1])));
  });
});
