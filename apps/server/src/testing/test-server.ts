import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadIdentityRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { sharedTopics } from '@tributary/domain';
import { type Embedded, openEmbedded } from '@tributary/embedded';
import { type Log, manualClock } from '@tributary/kernel';
import { type Profiles } from '@tributary/query';
import { pino } from 'pino';
import { AccessKeys } from '../access/access-keys.js';
import { createServer, type Server } from '../create-server.js';
import { SettledItems } from '../ops/quarantine/settled-items.js';
import { type CustomerCommands } from '../profiles/customer-commands.js';
import { type ServerDeps } from '../server-deps.js';

/** A server over a real embedded store in a folder of its own, and what a spec looks at. */
export interface TestServer {
  readonly server: Server;
  readonly store: Embedded;
  readonly keys: AccessKeys;
  /** Write key of the channel `web_shop`. */
  readonly write: string;
  readonly read: string;
  readonly admin: string;
  readonly clock: ReturnType<typeof manualClock>;
  /** All that was logged, as JSON lines. */
  readonly logged: () => string;
  close(): Promise<void>;
}

export interface TestOptions {
  readonly host?: string;
  /** In place of the store's own. */
  readonly log?: (log: Log) => Log;
  readonly profiles?: Partial<Profiles>;
  readonly commands?: Partial<CustomerCommands>;
  readonly deps?: Partial<ServerDeps>;
}

export const TEST_NOW = Date.UTC(2026, 5, 1, 12);
export const TEST_PORT = 8080;

const nobody: Profiles = {
  findByIdentifier: async () => undefined,
  get: async () => undefined,
  timeline: async () => undefined,
  explain: async () => undefined,
  list: async () => [],
};
const pending = async () => ({ status: 'pending' }) as const;

export const openTestServer = async (options: TestOptions = {}): Promise<TestServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-server-'));
  const secret = Buffer.alloc(32, 1);
  const store = await openEmbedded({ dir, masterKey: secret });
  await store.log.ensureTopics(sharedTopics);
  const clock = manualClock(TEST_NOW);
  const keys = await AccessKeys.open(join(dir, 'access-keys.json'), clock);
  const { key: write } = await keys.create({ kind: 'write', channel: 'web_shop' });
  const { key: read } = await keys.create({ kind: 'role', role: 'read' });
  const { key: admin } = await keys.create({ kind: 'role', role: 'admin' });
  const log = options.log?.(store.log) ?? store.log;
  let logged = '';
  const server = await createServer({
    bind: { host: options.host ?? '127.0.0.1', port: TEST_PORT },
    log,
    catalogue: openCatalogue(),
    identify: makeIdentify({ lookupKey: secret, rules: loadIdentityRules({ lookupKey: secret }) }),
    profiles: { ...nobody, ...options.profiles },
    commands: { merge: pending, unmerge: pending, erase: pending, ...options.commands },
    operations: {
      verify: async () => ({ outcome: 'equal', equal: true, position: 0, projections: [] }),
      rebuild: async () => ({ outcome: 'equal', equal: true, position: 0, projections: [] }),
      endRetention: async () => ({ topics: 0, records: 0 }),
    },
    keys,
    channels: { has: (name) => name === 'app', all: () => ['app'], titleOf: () => undefined },
    settled: new SettledItems(log),
    stats: () => ({
      channels: [],
      stages: { relationship: {}, buyer: {}, tier: {} },
      customers: 0,
      touchpoints: 0,
      events: -1,
      lag: {},
      startedAt: new Date(TEST_NOW).toISOString(),
    }),
    readiness: () => ({ ready: true, checks: {} }),
    clock,
    newId: () => 'id-1',
    logger: pino({ level: 'trace' }, { write: (line: string) => void (logged += line) }),
    ...options.deps,
  }).catch(async (error: unknown) => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  return {
    server,
    store,
    keys,
    write,
    read,
    admin,
    clock,
    logged: () => logged,
    close: async () => {
      await server.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** How a caller on this machine addresses the server. */
export const own = { host: `localhost:${TEST_PORT}` };
export const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
export const json = { 'content-type': 'application/json' };

/** A touchpoint that the door takes. */
export const searched = (messageId: string, query = 'kettle') => ({
  type: 'searched',
  messageId,
  occurredAt: '2026-05-31T18:30:00+08:00',
  identifiers: [{ type: 'phone', value: '13912345678' }],
  payload: { query },
});
