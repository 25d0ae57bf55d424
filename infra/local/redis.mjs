/**
 * A Redis of one's own on this machine, without Docker or root: as a command, and for tests.
 *
 *   node infra/local/redis.mjs start --dir /tmp/redis --port 6400 [--vault]     prints its URL and returns
 *   node infra/local/redis.mjs stop|kill --dir /tmp/redis
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.mjs';
import { installRedis } from './redis-install.mjs';

export { installRedis };

const START_MS = 15_000;
const STOP_MS = 10_000;

/** What the documents need: nothing is ever evicted, and an answered write outlives the process. */
export const documentSettings = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '',
  'maxmemory-policy': 'noeviction',
};
/** What the keys of subjects need: an answered write outlives the machine, and a deleted key is in no file. */
export const vaultSettings = { ...documentSettings, appendfsync: 'always' };

/** Whether it answers, if only that it wants a password. Still loading counts as no. */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (bytes) => {
      resolve(/^\+PONG|^-NOAUTH/.test(bytes.toString()));
      socket.destroy();
    });
    socket.on('error', () => resolve(false)).on('close', () => resolve(false));
  });

const argumentsOf = (port, dir, settings) =>
  Object.entries({ bind: '127.0.0.1', port, dir, daemonize: 'no', ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    ...(name === 'save' && value === '' ? [''] : String(value).split(' ')),
  ]);

/** `sentinel`: it is one, and keeps what it knows in that file. */
const spawned = async ({ port, dir, settings, sentinel, detached = false }) => {
  const { server, env } = installRedis();
  mkdirSync(dir, { recursive: true });
  const log = join(dir, 'redis.log');
  const out = openSync(log, 'a');
  const args = [...(sentinel ? [sentinel, '--sentinel'] : []), ...argumentsOf(port, dir, settings)];
  const child = spawn(server, args, { env, detached, stdio: ['ignore', out, out] });
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(20)) {
    if (child.exitCode !== null) break;
    if (await answers(port)) return child;
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server did not start on port ${port}:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
};

/**
 * `settings` are Redis's own; `requirepass` shows up in the URL. After `stop` or `kill`, `start` goes on with the same
 * data on the same port. `close` ends it and removes a folder that was made here.
 */
export const startRedis = async ({ port, dir, settings = documentSettings, sentinel } = {}) => {
  const at = port ?? (await freePort());
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'tributary-redis-'));
  let child = await spawned({ port: at, dir: folder, settings, sentinel });
  const dieWithUs = () => child.kill('SIGKILL');
  process.once('exit', dieWithUs);
  const end = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(patience);
  };
  const secret = settings.requirepass ? `:${encodeURIComponent(settings.requirepass)}@` : '';
  return {
    url: `redis://${secret}127.0.0.1:${at}/0`,
    port: at,
    dir: folder,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    /** Half-open: connections stay, nothing is answered. */
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    start: async () => {
      child = await spawned({ port: at, dir: folder, settings, sentinel });
    },
    close: async () => {
      await end('SIGKILL');
      process.off('exit', dieWithUs);
      if (!dir) rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** All slots lie between the masters; each has so many replicas, of which one takes over when it dies. */
export const startRedisCluster = async ({ masters = 3, replicas = 0, settings = documentSettings } = {}) => {
  const { cli, env } = installRedis();
  const nodes = [];
  for (let i = 0; i < masters * (1 + replicas); i++) {
    const own = {
      ...settings,
      'cluster-enabled': 'yes',
      'cluster-port': await freePort(),
      'cluster-node-timeout': 2_000,
    };
    nodes.push(await startRedis({ settings: own }));
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...hosts, '--cluster-replicas', String(replicas), '--cluster-yes'];
  execFileSync(cli, create, { env, stdio: 'pipe' });
  const told = (port, ...what) => execFileSync(cli, ['-p', port, ...what], { env, encoding: 'utf8' });
  const settled = () =>
    nodes.every(({ port }) => /cluster_state:ok/.test(told(port, 'cluster', 'info'))) &&
    nodes.filter(({ port }) => /master_link_status:up/.test(told(port, 'info', 'replication'))).length ===
      masters * replicas;
  for (const until = Date.now() + START_MS; !settled(); await sleep(100))
    if (Date.now() > until) throw new Error('the Redis cluster did not come up');
  return {
    url: `redis+cluster://${hosts.join(',')}/`,
    nodes,
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
};

/** A primary called `main` with its replicas, and three sentinels, of whom two agree when it is to be replaced. */
export const startRedisSentinels = async ({ replicas = 1, settings = documentSettings } = {}) => {
  const primary = await startRedis({ settings });
  const nodes = [primary];
  for (let i = 0; i < replicas; i++)
    nodes.push(await startRedis({ settings: { ...settings, replicaof: `127.0.0.1 ${primary.port}` } }));
  const folder = mkdtempSync(join(tmpdir(), 'tributary-sentinels-'));
  const sentinels = [];
  for (let i = 0; i < 3; i++) {
    const config = join(folder, `${i}.conf`);
    const lines = [
      `sentinel monitor main 127.0.0.1 ${primary.port} 2`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 5000',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    sentinels.push(await startRedis({ settings: {}, sentinel: config }));
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/0?primary=main`,
    nodes,
    sentinels,
    close: async () => {
      await Promise.all([...sentinels, ...nodes].map((node) => node.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const command = async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string' }, port: { type: 'string' }, vault: { type: 'boolean' } },
  });
  const [order] = positionals;
  if (!values.dir || !['start', 'stop', 'kill'].includes(order ?? ''))
    throw new Error('usage: redis.mjs start|stop|kill --dir FOLDER [--port PORT] [--vault]');
  const pidFile = join(values.dir, 'redis.pid');
  if (order === 'start') {
    const port = values.port ? Number(values.port) : await freePort();
    const settings = values.vault ? vaultSettings : documentSettings;
    const child = await spawned({ port, dir: values.dir, settings, detached: true });
    writeFileSync(pidFile, String(child.pid));
    child.unref();
    process.stdout.write(`redis://127.0.0.1:${port}/0\n`);
    return;
  }
  if (!existsSync(pidFile)) throw new Error(`no Redis was started in ${values.dir}`);
  process.kill(Number(readFileSync(pidFile, 'utf8')), order === 'kill' ? 'SIGKILL' : 'SIGTERM');
  rmSync(pidFile);
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command().catch((failure) => {
    process.stderr.write(`${failure.message}\n`);
    process.exitCode = 1;
  });
