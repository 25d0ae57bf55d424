import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock } from '@tributary/kernel';
import { loadIdentityRules, loadLifecycleRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { channelTopics, sharedTopics } from '@tributary/domain';
import { type Connection, openEmbedded } from '@tributary/embedded';
import { defaultChannelsDir } from '@tributary/intake';
import { PROJECTOR_GROUP, outcomeOf, readCensus } from '@tributary/pipeline';
import { openProfiles } from '@tributary/query';
import { pino } from 'pino';
import { AccessKeys } from './access/access-keys.js';
import { createServer } from './create-server.js';
import { keepRelay } from './distributed/keep-relay.js';
import { feedAsTold } from './distributed/feed-as-told.js';
import { projectorLag } from './distributed/projector-lag.js';
import { Engines } from './engines/engines.js';
import { requireSameEngines } from './engines/filled-with.js';
import { isFused, mixEngines, outboxOf } from './engines/mixed.js';
import { Opened } from './engines/opened.js';
import { patiently } from './engines/patiently.js';
import { type EngineSettings, embeddedOnly } from './engines/settings.js';
import { lagIfKnown } from './ops/lag-if-known.js';
import { type Verification } from './ops/operations.js';
import { backupTo } from './platform/backup.js';
import { tellOfRestore } from './platform/backup-note.js';
import { channelNames } from './platform/channel-names.js';
import { endInput, REMAINING_IN_KAFKA } from './platform/end-input.js';
import { logCommands } from './platform/log-commands.js';
import { helpersInBackground } from './platform/background.js';
import { requireSameLookupKey } from './engines/same-lookup-key.js';
import { startPipelineThread } from './platform/pipeline-thread.js';
import { platformStats } from './platform/platform-stats.js';
import { profilesWorker, startProfilesThread } from './platform/profiles-thread.js';
import { reachable } from './platform/reachable.js';
import { RETENTION_MS } from './platform/retention.js';
import { sweepScratch } from './platform/scratch.js';
import { openSecrets } from './platform/secrets.js';
import { removeServerFile, writeServerFile } from './platform/server-file.js';
import { startWarehouseSide } from './platform/warehouse-side.js';
import { requireWholeFolder } from './platform/whole-folder.js';

export interface PlatformOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** 0: any free port. */
  readonly sqlPort: number;
  /** Warnings and errors only. */
  readonly quiet?: boolean;
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How long input is kept after it has had its effect; 7 days by default. */
  readonly retention_ms?: number;
  /** Bytes that the store may take; when they are used up the doors answer 503. Absent: the disk decides. */
  readonly quota_bytes?: number;
  /** Engines by URL in the place of embedded ones; none unless told. */
  readonly engines?: EngineSettings;
  /** Aborted while it starts: it rejects with the reason instead of waiting for engines. */
  readonly signal?: AbortSignal;
  /** Shown on the page, such as that the data is the shipped sample. */
  readonly notice?: () => string | undefined;
}

export interface Platform {
  readonly url: string;
  readonly sqlUrl: string | null;
  /** Opens every door of this server while it runs. */
  readonly token: string;
  readonly keys: AccessKeys;
  /** The doors close, the pipeline finishes its batch, the loader flushes, chDB closes, the store closes: in this order. */
  stop(): Promise<void>;
}

/** As the loader: what helps most of the time helps it, or the pipeline. */
const HELPERS_NICENESS = 10;

/**
 * The whole platform in this process, on the embedded engines. Whatever has been opened when a later step fails is
 * closed again before this rejects. Installs no signal handlers.
 */
export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const { dataDir, host, port, sqlPort, quiet = false, logLevel = quiet ? 'warn' : 'info' } = options;
  const logger = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const clock: Clock = { now: () => Date.now() };
  const opened = new Opened(logger);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    helpersInBackground(HELPERS_NICENESS);
    // The store first: it takes the folder's lock.
    const settings: EngineSettings = options.engines ?? embeddedOnly;
    await requireWholeFolder(dataDir, settings.masterKey !== undefined);
    const secrets = await openSecrets(dataDir, settings);
    const own = opened.add(
      'store',
      await openEmbedded({
        dir: dataDir,
        masterKey: secrets.masterKey,
        reads: 'thread',
        clock,
        ...(options.quota_bytes === undefined ? {} : { quota_bytes: options.quota_bytes }),
      }),
      (it) => it.close(),
    );
    await sweepScratch(dataDir, true);
    const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), clock);
    const token = randomBytes(32).toString('hex');
    keys.admit(token, { kind: 'role', role: 'admin' });

    const engines = new Engines({ ...settings, ...secrets }, opened, logger, 'tributary', options.signal);
    const { store, kafka } = await mixEngines(own, engines);
    await requireSameEngines(
      dataDir,
      settings,
      kafka && (await patiently(() => kafka.identity(), { signal: options.signal })),
    );
    const fused = isFused(settings);

    const retention_ms = options.retention_ms ?? RETENTION_MS;
    const named = channelNames(defaultChannelsDir(), settings.channels);
    const channels = new Set([...named.all(), ...keys.channels(), ...(await channelsTaken(store))]);
    const known = () => [...new Set([...channels, ...keys.channels()])].sort();
    const partitions = kafka ? settings.partitions : 1;
    const topics = [...channels].flatMap((channel) => channelTopics(channel, partitions, retention_ms));
    await patiently(() => store.log.ensureTopics([...topics, ...sharedTopics]), { signal: options.signal });

    if (kafka) await patiently(() => requireSameLookupKey(kafka, secrets.lookupKey), { signal: options.signal });

    const catalogue = openCatalogue();
    const identityRules = loadIdentityRules({ lookupKey: secrets.lookupKey });
    const identify = makeIdentify({ lookupKey: secrets.lookupKey, rules: identityRules });
    // Another engine is asked over the network, which holds up no thread.
    const readers = fused
      ? opened.add(
          'reads',
          await startProfilesThread(
            () => profilesWorker({ dataDir, port: own.mintPort(), lookupKey: secrets.lookupKey }),
            logger,
          ),
          (it) => it.stop(),
        )
      : null;
    const profiles =
      readers?.profiles ??
      openProfiles({ ...store, catalogue, identify, identityRules, lifecycleRules: loadLifecycleRules(), clock });

    const warehouse = opened.add(
      'warehouse',
      await startWarehouseSide(
        {
          dataDir,
          port: own.mintPort(),
          channels: [...channels],
          engines: engines.settings,
          logLevel,
          lookupKey: secrets.lookupKey,
          host,
          sqlPort,
          token: { text: token, grant: { kind: 'role', role: 'admin' } },
        },
        logger,
      ),
      (it) => it.stop(),
    );
    const pipeline = opened.add(
      'pipeline',
      await startPipelineThread(
        { dataDir, port: own.mintPort(), ...secrets, channels: [...channels], engines: engines.settings, logLevel },
        logger,
      ),
      (it) => it.stop(),
    );

    const relay =
      kafka && fused
        ? opened.add(
            'relay',
            keepRelay(own.log, kafka, () => outboxOf([...channels]), logger),
            (it) => it.stop(),
          )
        : null;

    const startedAt = new Date(clock.now()).toISOString();
    const loaderLag = lagIfKnown(['facts', 'customers', 'erasures'], () => warehouse.lag());
    const stats = platformStats({
      store,
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
      ...(options.notice ? { notice: options.notice } : {}),
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
        commands: logCommands(store.log, store.documents, clock),
        operations: {
          // Documents first: the customers' tables are made from them.
          verify: async () => both(await pipeline.verify(), await warehouse.verify()),
          rebuild: async () => both(await pipeline.rebuild(), await warehouse.rebuild()),
          endRetention: endInput({
            ...store,
            loadedTo: () => warehouse.loadedTo(),
            channels: known,
            scrub: () => store.scrub(),
            ...(kafka ? { remaining: REMAINING_IN_KAFKA } : {}),
          }),
          ...(fused
            ? {
                backup: backupTo({
                  dataDir,
                  store: own,
                  ...(settings.warehouseUrl === undefined ? { linkTables: (into) => warehouse.link(into) } : {}),
                  clock,
                }),
              }
            : {}),
        },
        keys,
        channels: named,
        stats,
        readiness: () => {
          const checks = {
            pipeline: pipeline.trouble() ?? 'ok',
            warehouse: warehouse.trouble() ?? 'ok',
            ...(readers ? { reads: readers.trouble() ?? 'ok' } : {}),
            ...(relay ? { relay: relay.trouble() ?? 'ok' } : {}),
          };
          return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
        },
        pressure: () => store.pressure(),
        onChannel: (channel) => {
          if (channels.has(channel)) return;
          channels.add(channel);
          pipeline.addChannel(channel);
          relay?.widen();
        },
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
    return { url, sqlUrl, token, keys, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
};

const both = (documents: Verification, tables: Verification['projections']): Verification => {
  const projections = [...documents.projections, ...tables];
  const outcome = outcomeOf(projections);
  return { outcome, equal: outcome === 'equal', position: documents.position, projections };
};

/** Channels that have been written to before, by whatever key. */
const channelsTaken = async (store: Pick<Connection, 'documents'>): Promise<readonly string[]> =>
  Object.keys((await readCensus(store.documents)).channels);
