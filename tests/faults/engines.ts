import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Role, roles } from '@tributary/server';
import { type LocalKafka, startKafka } from '../../infra/local/kafka.mjs';
import { freePort } from '../../infra/local/free-port.mjs';
import { documentSettings, startRedis, vaultSettings } from '../../infra/local/redis.mjs';
import { ClickHouseProcess } from '../e2e/engines/engines.js';
import { startDouble } from '../eventstoredb-double/double.js';
import { type Fault, FaultProxy, kafkaClientOf } from './proxy.js';

export const engineNames = ['kafka', 'events', 'profiles', 'keys', 'clickHouse'] as const;
export type EngineName = (typeof engineNames)[number];

/** Which role talks to which engine. */
export const links: Readonly<Record<EngineName, readonly Role[]>> = {
  kafka: roles,
  events: ['processor', 'projector', 'loader', 'api'],
  profiles: ['processor', 'projector', 'loader', 'api'],
  keys: ['processor', 'projector', 'api'],
  clickHouse: ['loader', 'api'],
};

export interface Interruptible {
  /** Dies at once. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Engines, each app's way to each of them through a proxy. */
export interface FaultyEngines {
  readonly engines: Readonly<Record<EngineName, Interruptible>>;
  envOf(role: Role): Readonly<Record<string, string>>;
  /** Straight to the engines: for whoever looks on. */
  readonly direct: Readonly<Record<string, string>>;
  begin(role: Role, engine: EngineName, fault: Fault): void;
  heal(role: Role, engine: EngineName): void;
  end(): Promise<void>;
}

const settingOf: Readonly<Record<Exclude<EngineName, 'kafka'>, string>> = {
  events: 'TRIBUTARY_EVENTS_URL',
  profiles: 'TRIBUTARY_PROFILES_URL',
  keys: 'TRIBUTARY_KEYS_URL',
  clickHouse: 'TRIBUTARY_WAREHOUSE_URL',
};

/** Clients are sent to the advertised port, so Kafka has one way for all, and who comes says its name. */
const beginKafka = async (dir: string) => {
  const port = await freePort();
  const proxy = await FaultProxy.open({ target: () => port, nameOf: kafkaClientOf });
  const start = (): Promise<LocalKafka> => startKafka({ dir, port, advertisedPort: proxy.port });
  let broker = await start();
  return {
    proxy,
    kill: () => broker.kill(),
    start: async () => {
      broker = await start();
    },
  };
};

export const beginFaultyEngines = async (): Promise<FaultyEngines> => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-faults-'));
  const kafka = await beginKafka(join(folder, 'kafka'));
  const profiles = await startRedis({ settings: documentSettings });
  const keys = await startRedis({ settings: vaultSettings });
  const events = await startDouble();
  const clickHouse = await ClickHouseProcess.begin();

  const urls = { events: events.url, profiles: profiles.url, keys: keys.url, clickHouse: clickHouse.url };
  const proxies = new Map<string, FaultProxy>();
  const through = (url: string, port: number): string => url.replace(/:\d+/, `:${port}`);
  const env = new Map<Role, Record<string, string>>();
  const logUrl = `kafka://127.0.0.1:${kafka.proxy.port}`;
  for (const role of roles) env.set(role, { TRIBUTARY_LOG_URL: logUrl });
  for (const name of ['events', 'profiles', 'keys', 'clickHouse'] as const)
    for (const role of links[name]) {
      const target = Number(/:(\d+)/.exec(urls[name])?.[1]);
      const proxy = await FaultProxy.open({ target: () => target });
      proxies.set(`${role} ${name}`, proxy);
      (env.get(role) as Record<string, string>)[settingOf[name]] = through(urls[name], proxy.port);
    }
  const wayOf = (role: Role, engine: EngineName): readonly [FaultProxy, string?] =>
    engine === 'kafka' ? [kafka.proxy, `tributary-${role}`] : [proxies.get(`${role} ${engine}`) as FaultProxy];

  return {
    engines: {
      kafka,
      events: { kill: () => events.stop(), start: () => events.resume() },
      profiles,
      keys,
      clickHouse: clickHouse,
    },
    envOf: (role) => env.get(role) ?? {},
    direct: {
      TRIBUTARY_LOG_URL: logUrl,
      ...Object.fromEntries(Object.entries(urls).map(([name, url]) => [settingOf[name as keyof typeof urls], url])),
    },
    begin: (role, engine, fault) => {
      const [proxy, name] = wayOf(role, engine);
      proxy.begin(fault, name);
    },
    heal: (role, engine) => {
      const [proxy, name] = wayOf(role, engine);
      proxy.heal(name);
    },
    end: async () => {
      await clickHouse.end();
      await events.stop();
      await Promise.all([profiles.close(), keys.close(), kafka.kill()]);
      await Promise.all([kafka.proxy, ...proxies.values()].map((proxy) => proxy.close()));
      // The broker's last files may still be closing.
      await sleep(100);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
