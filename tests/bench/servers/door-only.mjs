/** The server with its doors and the embedded store, and neither pipeline nor warehouse behind it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadIdentityRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { openEmbedded } from '@tributary/embedded';
import { AccessKeys, createServer } from '@tributary/server';
import { channels } from '../load/touchpoints.mjs';

const { pino } = createRequire(new URL('../../../apps/server/package.json', import.meta.url))('pino');

const [, , dir, port] = process.argv;
mkdirSync(dir, { recursive: true });
const clock = { now: () => Date.now() };
const key = Buffer.alloc(32, 7);
const store = await openEmbedded({ dir, masterKey: key, reads: 'thread', clock });
const accessKeys = await AccessKeys.open(join(dir, 'access-keys.json'), clock);
const keys = {};
for (const channel of channels) keys[channel] = (await accessKeys.create({ kind: 'write', channel })).key;

const nothing = async () => undefined;
const server = await createServer({
  bind: { host: '127.0.0.1', port: Number(port) },
  log: store.log,
  catalogue: openCatalogue(),
  identify: makeIdentify({ lookupKey: key, rules: loadIdentityRules({ lookupKey: key }) }),
  profiles: { findByIdentifier: nothing, get: nothing, timeline: nothing, explain: nothing, list: async () => [] },
  commands: {},
  operations: {},
  keys: accessKeys,
  channels,
  stats: () => {
    throw new Error('not measured');
  },
  readiness: () => ({ ready: true, checks: {} }),
  pressure: () => store.pressure(),
  clock,
  newId: randomUUID,
  logger: pino({ level: 'warn' }, pino.destination(2)),
});
await server.listen();
process.stdout.write(`${JSON.stringify({ keys })}\n`);

process.once('SIGTERM', async () => {
  await server.close();
  await store.close();
  process.exit();
});
