import { randomUUID } from 'node:crypto';
import { PROJECTOR_GROUP, rebuildWatch } from '@tributary/pipeline';
import { createServer } from '../create-server.js';
import { feedAsTold } from '../stages/feed-as-told.js';
import { projectorLag } from '../stages/projector-lag.js';
import { lagIfKnown, SCRAPE_PATIENCE_MS } from '../ops/lag-if-known.js';
import { type Operations } from '../ops/operations.js';
import { SettledItems } from '../ops/quarantine/settled-items.js';
import { tellOfRestore } from './backup-note.js';
import { logCommands } from './log-commands.js';
import { type OpenChannels } from './open-channels.js';
import { type Stores } from './open-stores.js';
import { platformStats } from './platform-stats.js';
import { reachable } from './reachable.js';
import { removeServerFile, writeServerFile } from './server-file.js';
import { stagesReadiness } from './stages-readiness.js';
import { type Stages } from './start-stages.js';
import { type Start } from './start.js';

export interface Doors {
  readonly url: string;
  /** `null`: ClickHouse has a door of its own. */
  readonly sqlUrl: string | null;
}

/** Listens, and tells by `server.json` where. The SQL door has been open since the warehouse loads. */
export const openDoors = async (
  start: Start,
  stores: Stores,
  channels: OpenChannels,
  stages: Stages,
  operations: Operations,
): Promise<Doors> => {
  const { dataDir, host, port, retention_ms, settings, logger, clock, opened, notice } = start;
  const { store, fused, keys, token } = stores;
  const { named, ready, known, partitions } = channels;
  const { catalogue, identify, profiles, warehouse, pipeline, relay } = stages;

  const startedAt = new Date(clock.now()).toISOString();
  // Our own engine answers, if late; one over the network may be silent.
  const patience_ms = settings.warehouseUrl === undefined ? undefined : SCRAPE_PATIENCE_MS;
  const loaderLag = lagIfKnown(['facts', 'customers', 'erasures'], () => warehouse.lag(), patience_ms);
  const settled = new SettledItems(store.log);
  const stats = platformStats({
    store,
    settled,
    channels: known,
    titleOf: (channel) => named.titleOf(channel),
    ...(fused ? {} : { commandGroup: PROJECTOR_GROUP }),
    lagBeyond: async () => ({
      ...(fused ? {} : { projector: await projectorLag(store.events, store.documents)() }),
      ...(relay ? { relay: await relay.lag() } : {}),
      ...(await loaderLag()),
    }),
    clock,
    startedAt,
    leap_ms: pipeline.leap_ms,
    ...(notice ? { notice } : {}),
  });
  const server = opened.add(
    'server',
    await createServer({
      bind: { host, port },
      log: store.log,
      ...(fused ? {} : { toldFeed: feedAsTold(store.log, store.documents) }),
      catalogue,
      identify,
      profiles,
      ...(fused ? {} : { rebuilding: rebuildWatch(store.documents, store.events) }),
      commands: logCommands(store.log, store.documents, clock),
      operations,
      keys,
      channels: named,
      settled,
      stats,
      readiness: () => stagesReadiness(stages),
      pressure: () => store.pressure(),
      onChannel: (channel) => {
        if (ready.has(channel)) return;
        ready.add(channel);
        pipeline.addChannel(channel);
        relay?.widen();
      },
      dataDir,
      topic: { partitions, retention_ms },
      clock,
      newId: randomUUID,
      logger,
    }),
    (it) => it.close(),
  );
  const url = `http://${reachable(host)}:${await server.listen()}`;
  // A ClickHouse server has a door of its own, with its own users.
  const sqlUrl = settings.warehouseUrl === undefined ? `http://${reachable(host)}:${warehouse.sqlPort}` : null;
  await writeServerFile(dataDir, { pid: process.pid, url, sqlUrl, token, startedAt });
  await tellOfRestore(dataDir, logger);
  opened.add('server.json', undefined, () => removeServerFile(dataDir, token));
  return { url, sqlUrl };
};
