import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openRedis } from '@tributary/redis';
import { freePort } from '../../infra/local/free-port.mjs';
import { installRedis, type LocalRedisCluster, startRedisCluster } from '../../infra/local/redis.mjs';

/** As clusters are run that are not on one's own machine: nodes have names, and their certificates know no addresses. */
const folder = mkdtempSync(join(tmpdir(), 'tributary-redis-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
let cluster: LocalRedisCluster;
let ports: readonly number[];

beforeAll(async () => {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...made, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  cluster = await startRedisCluster();
  const { cli, env } = installRedis();
  ports = await Promise.all(cluster.nodes.map(() => freePort()));
  cluster.nodes.forEach(({ port }, i) => {
    const settings = {
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
      'tls-auth-clients': 'no',
      'tls-port': String(ports[i]),
      'tls-cluster': 'yes',
      'cluster-announce-tls-port': String(ports[i]),
      'cluster-announce-hostname': 'localhost',
      'cluster-preferred-endpoint-type': 'hostname',
    };
    for (const [name, value] of Object.entries(settings))
      execFileSync(cli, ['-p', String(port), 'config', 'set', name, value], { env, stdio: 'pipe' });
  });
  // Each node tells the others of its port and name by and by, over connections that they make anew.
  const ask = (port: number, what: string) =>
    execFileSync(cli, ['-p', String(port), 'cluster', what], { env, encoding: 'utf8' });
  const settled = () =>
    cluster.nodes.every(
      ({ port }) =>
        ports.every((tls) => new RegExp(`:${tls}@\\d+,localhost\\b.* connected`).test(ask(port, 'nodes'))) &&
        /cluster_state:ok/.test(ask(port, 'info')),
    );
  for (const until = Date.now() + 20_000; !settled(); await sleep(100))
    if (Date.now() > until)
      throw new Error(`the nodes do not know each other:\n${ask(cluster.nodes[0]!.port, 'nodes')}`);
});
afterAll(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

it('is a cluster told apart by the names in its certificates, from the first node on', async () => {
  const hosts = ports.map((port) => `localhost:${port}`).join(',');
  const store = await openRedis(`rediss+cluster://${hosts}?ca=${certificate}`);
  await store.documents.put(
    Array.from({ length: 300 }, (_, i) => ({ kind: 'subject', key: `k${i}`, version: 1, body: 'x' })),
  );
  expect(await store.documents.count('subject')).toBe(300);
  await store.close();
});

it('says why not, where no TLS comes about', async () => {
  const impatient = { connectTimeout_ms: 500, commandTimeout_ms: 500 };
  const secure = ports.map((port) => `localhost:${port}`).join(',');
  await expect(openRedis(`rediss+cluster://${secure}`, impatient)).rejects.toThrow('certificate is not trusted');
  const plain = cluster.nodes.map(({ port }) => `localhost:${port}`).join(',');
  const begun = Date.now();
  await expect(openRedis(`rediss+cluster://${plain}?ca=${certificate}`, impatient)).rejects.toMatchObject({
    failure: 'retriable',
  });
  expect(Date.now() - begun).toBeLessThan(5_000);
});

it('says at once that a word is wrong', async () => {
  const { cli, env } = installRedis();
  const hosts = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
  for (const { port } of cluster.nodes)
    execFileSync(cli, ['-p', String(port), 'config', 'set', 'requirepass', 'right'], { env, stdio: 'pipe' });
  await expect(openRedis(`redis+cluster://:wrong@${hosts.join(',')}`)).rejects.toMatchObject({
    failure: 'fatal',
    message: expect.stringContaining('WRONGPASS'),
  });
});
