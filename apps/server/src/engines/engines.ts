import { isMainThread } from 'node:worker_threads';
import { openEventStoreDB } from '@tributary/eventstoredb';
import { type KafkaLog, openKafkaLog, parseKafkaUrl, type RecordBindings, tellsPassword } from '@tributary/kafka';
import { EngineError, type EventStore, type KeyVault, type Warehouse } from '@tributary/kernel';
import { FEED_TOPIC } from '@tributary/pipeline';
import { profileEventBinding } from '@tributary/query';
import { openRedis, openRedisVault, type RedisStore } from '@tributary/redis';
import { openClickHouseWarehouse } from '@tributary/warehouse';
import { type Logger } from 'pino';
import { type OnWait, waitInLog } from './engine-wait.js';
import { type Opened } from './opened.js';
import { PATIENCE_MS, patiently } from './patiently.js';
import { requireSameVault } from './same-vault.js';
import { type MarkedLog } from './shared-mark.js';
import { placeOf } from './place-of.js';
import { type EngineSettings, type SettingName, SettingRefused } from './settings.js';
import { withVisibleEnds } from './visible-ends.js';
import { type Ask, EngineWatch } from './engine-watch.js';

/** Services of others read the feed there as CloudEvents. */
const bindings: RecordBindings = new Map([[FEED_TOPIC, profileEventBinding]]);

/** What no engine holds: to be asked for by whoever wants to know whether it answers. */
const NOBODY = 'nobody';

/** Whose settings, once they are wrong, lose what is kept there while the process goes on. */
const endedBy: ReadonlySet<string> = new Set(['profiles', 'keys']);
/** How often Kafka is asked whether topics still keep what they must. */
const TOPICS_MS = 15_000;

const OPEN_PASSWORD =
  'Kafka is told the password as it is (SASL PLAIN without TLS), for whoever listens on the way: put ssl=true into TRIBUTARY_LOG_URL, or sasl=scram-sha-512';

const needed = <T>(value: T | undefined, name: SettingName): T => {
  if (value === undefined) throw new SettingRefused(name, 'is not set, and this role cannot run without it');
  return value;
};

/** Opens engines by their URLs, each only when a role asks for it; what was opened is closed with `opened`. */
export class Engines {
  constructor(
    readonly settings: EngineSettings,
    readonly opened: Opened,
    readonly logger: Logger,
    /** What engines' own logs call this process. */
    readonly clientId: string,
    /** Aborted: engines that are away are waited for no longer. */
    readonly signal?: AbortSignal,
    /** Told by engine what is waited for at the start, and that it is no longer; what was waited for goes on when it resolves. */
    readonly onWaiting: (waiting: ReadonlyMap<string, string>) => Promise<void> = async () => undefined,
    /** Told of each of them for people; the log tells unless this does. */
    readonly tell: OnWait = waitInLog(logger),
  ) {}

  readonly #asks = new Map<string, Ask>();
  #fail!: (error: EngineError) => void;

  /** Rejects when an engine that is watched is no longer as it was when it was opened, and would not be opened again. */
  readonly failed = new Promise<never>((_, reject) => (this.#fail = reject));

  /** From now on each engine that was opened is asked whether it is there, until all are closed. */
  watch(): EngineWatch {
    this.failed.catch(() => undefined);
    const watch = new EngineWatch(this.logger);
    for (const [name, ask] of this.#asks)
      watch.add(name, ask, endedBy.has(name) ? (error) => this.#fail(error) : undefined);
    return this.opened.add('watch over the engines', watch, (it) => it.stop());
  }

  /** For all engines of the process together: a supervisor gives up on a start that lasts. */
  readonly #late_ms = performance.now() + PATIENCE_MS;

  readonly #waiting = new Map<string, string>();

  /** An engine that is away when the process starts is waited for: engines and roles are started together, or again. */
  async reach<T>(name: string, url: string | undefined, open: () => Promise<T>): Promise<T> {
    const at = placeOf(url ?? '');
    const onWait = (reason: string): void => {
      this.tell({ engine: name, at, reason });
      this.#waiting.set(name, reason);
      void this.onWaiting(this.#waiting);
    };
    try {
      const there = await patiently(open, { late_ms: this.#late_ms, signal: this.signal, onWait });
      if (this.#waiting.has(name)) this.tell({ engine: name, at, reason: null });
      return there;
    } finally {
      if (this.#waiting.delete(name)) await this.onWaiting(this.#waiting);
    }
  }

  lookupKey(): Uint8Array {
    return needed(this.settings.lookupKey, 'TRIBUTARY_LOOKUP_KEY');
  }

  async kafka(): Promise<KafkaLog> {
    const url = needed(this.settings.logUrl, 'TRIBUTARY_LOG_URL');
    // Threads of this process open the same again.
    if (isMainThread && tellsPassword(parseKafkaUrl(url, process.env)))
      this.logger.warn({ engine: 'log', at: placeOf(url) }, OPEN_PASSWORD);
    let isReached = false;
    // Until then each try has a client of its own, and each tells the same again, several times a second.
    const notice = (reason: string): void => this.logger[isReached ? 'warn' : 'debug']({ reason }, 'Kafka');
    const { clientId } = this;
    const log = await this.reach('log', url, () => openKafkaLog({ url, env: process.env, clientId, notice, bindings }));
    isReached = true;
    let looked_ms = performance.now();
    this.#asks.set('log', async () => {
      await log.identity();
      if (performance.now() < looked_ms + TOPICS_MS) return;
      await log.requireTopics().catch((error: unknown) => {
        if (error instanceof EngineError && error.failure === 'fatal') this.#fail(error);
        throw error;
      });
      looked_ms = performance.now();
    });
    return this.opened.add('log', log, (it) => it.close());
  }

  /** Kafka as a reader of all topics sees it, the feed's transactions included. */
  async log(): Promise<ReturnType<typeof withVisibleEnds> & { readonly kafka: KafkaLog }> {
    const kafka = await this.kafka();
    return { ...withVisibleEnds(kafka, new Set([FEED_TOPIC])), kafka };
  }

  async events(): Promise<EventStore> {
    const url = needed(this.settings.eventsUrl, 'TRIBUTARY_EVENTS_URL');
    const store = await openEventStoreDB({ url });
    this.opened.add('event store', store, (it) => it.close());
    await this.reach('events', url, () => store.ping());
    this.#asks.set('events', () => store.ping());
    return store.events;
  }

  async profiles(): Promise<RedisStore> {
    const url = needed(this.settings.profilesUrl, 'TRIBUTARY_PROFILES_URL');
    const store = await this.reach('profiles', url, () => openRedis(url));
    this.#asks.set('profiles', async () => {
      await store.documents.get('checkpoint', [NOBODY]);
      await store.requireSettings();
    });
    return this.opened.add('profile store', store, (it) => it.close());
  }

  /** `log`: which others share, and so the vault. */
  async vault(log?: MarkedLog): Promise<KeyVault> {
    const url = needed(this.settings.keysUrl, 'TRIBUTARY_KEYS_URL');
    const masterKey = needed(this.settings.masterKey, 'TRIBUTARY_MASTER_KEY');
    const vault = await this.reach('keys', url, () => openRedisVault(url, masterKey));
    this.#asks.set('keys', async () => {
      await vault.idsOf([NOBODY]);
      await vault.requireSettings();
    });
    this.opened.add('key vault', vault, (it) => it.close());
    if (log) await patiently(() => requireSameVault(log, vault.identity), { signal: this.signal });
    return vault;
  }

  /** `loads`: this process fills the tables, as long as it lives. */
  async warehouse(loads: boolean): Promise<Warehouse> {
    const warehouse = await this.reach('warehouse', this.settings.warehouseUrl, () => this.#openWarehouse(loads));
    this.#asks.set('warehouse', () => warehouse.query('SELECT 1'));
    return this.opened.add('warehouse', warehouse, (it) => it.close());
  }

  /** For one turn of filling the tables; to be closed after it. Inserts that another has left under way are ended first. */
  loadingWarehouse(): Promise<Warehouse> {
    return this.#openWarehouse(true);
  }

  #openWarehouse(loads: boolean): Promise<Warehouse> {
    const url = needed(this.settings.warehouseUrl, 'TRIBUTARY_WAREHOUSE_URL');
    const { warehouseCluster: cluster } = this.settings;
    return openClickHouseWarehouse({ url, ...(cluster === undefined ? {} : { cluster }), loads });
  }
}
