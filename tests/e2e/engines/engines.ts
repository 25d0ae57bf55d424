import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../infra/local/free-port.mjs';
import { documentSettings, type LocalRedis, startRedis, vaultSettings } from '../../../infra/local/redis.mjs';
import { type Double, startDouble } from '../../eventstoredb-double/double.js';

const clickHouseServer = fileURLToPath(new URL('../../engines/clickhouse-server.mjs', import.meta.url));

/** ClickHouse over HTTP, in a process of its own. */
export class ClickHouseProcess {
  #child: ChildProcess | undefined;

  private constructor(
    readonly dir: string,
    readonly port: number,
    /** Of which it is the only replica; see there. */
    readonly cluster: string | undefined,
  ) {}

  static async begin(cluster?: string): Promise<ClickHouseProcess> {
    const dir = await mkdtemp(join(tmpdir(), 'tributary-e2e-clickhouse-'));
    const made = new ClickHouseProcess(dir, await freePort(), cluster);
    await made.start();
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const named = this.cluster === undefined ? [] : [this.cluster];
    this.#child = spawn(process.execPath, [clickHouseServer, this.dir, String(this.port), ...named], {
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(this.#child.stdout!, 'data');
  }

  async empty(): Promise<void> {
    const response = await fetch(this.url, { method: 'POST', body: 'DROP DATABASE IF EXISTS tributary SYNC' });
    if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${await response.text()}`);
  }

  /** SIGKILL; `start` goes on with the same data on the same port. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Everything distributed that a platform can stand on; Kafka is shared, by a prefix of one's own. */
export interface EnginesForTests {
  readonly env: Readonly<Record<string, string>>;
  /** Other, empty ones in their place (Kafka's by another prefix). */
  renew(): Promise<void>;
  readonly clickHouse: ClickHouseProcess;
  readonly profiles: LocalRedis;
  end(): Promise<void>;
}

let platforms = 0;

export const kafkaOfItsOwn = (url: string): string => {
  const own = new URL(url.replace(/^kafka:/, 'http:'));
  own.searchParams.set('prefix', `e2e-${process.pid}-${Date.now()}-${++platforms}.`);
  return `kafka://${own.host}/?${own.searchParams.toString()}`;
};

interface Servers {
  readonly profiles: LocalRedis;
  readonly keys: LocalRedis;
  readonly events: Double;
}

const startServers = async (): Promise<Servers> => ({
  profiles: await startRedis({ settings: documentSettings }),
  keys: await startRedis({ settings: vaultSettings }),
  // Never the server that the environment may name: a platform needs one that holds nothing yet.
  events: await startDouble(),
});

const endServers = async ({ profiles, keys, events }: Servers): Promise<void> => {
  await events.stop();
  await Promise.all([profiles.close(), keys.close()]);
};

/** `cluster`: what ClickHouse's is called; absent: it is one server. */
export const beginEngines = async (kafkaUrl: string, cluster?: string): Promise<EnginesForTests> => {
  let servers = await startServers();
  const clickHouse = await ClickHouseProcess.begin(cluster);
  let logUrl = kafkaOfItsOwn(kafkaUrl);
  return {
    get env() {
      return {
        TRIBUTARY_LOG_URL: logUrl,
        TRIBUTARY_EVENTS_URL: servers.events.url,
        TRIBUTARY_PROFILES_URL: servers.profiles.url,
        TRIBUTARY_KEYS_URL: servers.keys.url,
        TRIBUTARY_WAREHOUSE_URL: clickHouse.url,
        ...(cluster === undefined ? {} : { TRIBUTARY_WAREHOUSE_CLUSTER: cluster }),
      };
    },
    get profiles() {
      return servers.profiles;
    },
    clickHouse,
    renew: async () => {
      await endServers(servers);
      servers = await startServers();
      logUrl = kafkaOfItsOwn(kafkaUrl);
      await clickHouse.empty();
    },
    end: async () => {
      await clickHouse.end();
      await endServers(servers);
    },
  };
};
