import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type DataFormat } from '@clickhouse/client';
import { EngineError, type QueryOptions, type RowBatch, type Warehouse } from '@tributary/kernel';
import { batchEncoder } from '../encode/batch-encoder.js';
import { answerSettingsOf, limitsOf } from '../query-settings.js';
import { rowsOfText } from '../rows-of-text.js';
import { onCluster } from '../schema/ddl.js';
import { migrate } from '../schema/migrate.js';
import { failureOf, saidAs } from '../warehouse-errors.js';
import { parseClickHouseUrl } from './clickhouse-url.js';
import { everyReplicaSettingsOf, requireEveryReplica } from './every-replica.js';
import { requireOneShard } from './one-shard.js';
import { clusterSettingsOf, commandSettings, insertSettingsOf, wholeAnswer } from './statement-settings.js';
import { UnsettledInserts } from './unsettled-inserts.js';

export interface ClickHouseOptions {
  /** `http[s]://[user[:password]@]host:8123[/database][?cluster=name]`; what is said below goes before it. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** `tributary` unless told; made by `migrate`. */
  readonly database?: string;
  /** Name of the server's cluster: tables are then made on all of it, replicated. */
  readonly cluster?: string;
  /** This one fills the tables: inserts that an earlier life of it left under way are ended first. */
  readonly loads?: boolean;
  /** How long an idle connection is kept; must be shorter than the server's `keep_alive_timeout`. */
  readonly keepAlive_ms?: number;
  readonly maxConnections?: number;
  readonly requestTimeout_ms?: number;
}

const ENGINE = 'clickhouse';

/** Below 3 s, the shortest that any ClickHouse has as its default; on a socket that the server closes, an insert is lost. */
const KEEP_ALIVE_MS = 2_500;

const told = (error: unknown, doing: 'reading' | 'writing'): EngineError => {
  if (error instanceof EngineError) return error;
  if (error instanceof ClickHouseError) return failureOf(ENGINE, saidAs(error), error);
  // The connection failed. What was to be read can be asked again; what was to be written may have been.
  const message = error instanceof Error ? error.message : 'no answer';
  return new EngineError(ENGINE, doing === 'reading' ? 'retriable' : 'unknown', message, { cause: error });
};

/** A ClickHouse server over HTTP: the same tables and rows as chDB. */
export const openClickHouseWarehouse = async (options: ClickHouseOptions): Promise<Warehouse> => {
  const {
    url,
    username = 'default',
    password = '',
    database = 'tributary',
    cluster,
    maxConnections = 8,
    requestTimeout_ms = 120_000,
    keepAlive_ms = KEEP_ALIVE_MS,
    loads = false,
  } = { ...options, ...parseClickHouseUrl(options.url), ...said(options) };
  const connection = {
    url,
    username,
    password,
    application: 'tributary',
    keep_alive: { enabled: true, idle_socket_ttl: keepAlive_ms, eagerly_destroy_stale_sockets: true },
    max_open_connections: maxConnections,
    request_timeout: requestTimeout_ms,
    log: { level: ClickHouseLogLevel.OFF },
  };
  const client = createClient({ ...connection, database });
  const onAll = everyReplicaSettingsOf(cluster, requestTimeout_ms);
  /** A statement that answers no rows, or on a cluster what became of it on each replica. */
  const carryOut = async (by: typeof client, statement: Parameters<typeof client.exec>[0]): Promise<void> => {
    if (cluster === undefined) return void (await by.command(statement));
    const { stream } = await by.exec({
      ...statement,
      clickhouse_settings: { ...statement.clickhouse_settings, ...onAll },
    });
    requireEveryReplica(await textOf(stream));
  };
  /** As long as the database may not be there yet: a server knows no statement that is sent to one that is missing. */
  const outside = async (query: string, params: Readonly<Record<string, string>> = {}): Promise<void> => {
    const unbound = createClient({ ...connection, database: 'default' });
    try {
      await carryOut(unbound, { query, query_params: { ...params } });
    } finally {
      await unbound.close();
    }
  };
  const unsettled = new UnsettledInserts(
    (where, params) =>
      outside(`KILL QUERY${onCluster(cluster)} WHERE ${where} SYNC`, params).catch((error: unknown) => {
        if (!(error instanceof ClickHouseError) || error.type !== 'NOTHING_TO_KILL') throw error;
      }),
    database,
    randomUUID(),
  );
  const encode = batchEncoder();

  const query = async <Row>(sql: string, options: QueryOptions = {}): Promise<readonly Row[]> => {
    try {
      await unsettled.settle();
      const { stream } = await client.exec({
        query: sql,
        query_params: { ...options.params },
        clickhouse_settings: {
          ...answerSettingsOf(options),
          ...clusterSettingsOf(cluster),
          ...wholeAnswer,
          default_format: (options.format ?? 'JSONEachRow') as DataFormat,
        },
      });
      return rowsOfText<Row>(await textOf(stream), options.format);
    } catch (error) {
      throw told(error, 'reading');
    }
  };
  const command = async (sql: string, options: QueryOptions = {}): Promise<void> => {
    const settings = { ...limitsOf(options), ...commandSettings, ...clusterSettingsOf(cluster) };
    try {
      await unsettled.settle();
      await carryOut(client, { query: sql, query_params: { ...options.params }, clickhouse_settings: settings });
    } catch (error) {
      throw told(error, 'writing');
    }
  };

  const insert = async (batch: RowBatch): Promise<void> => {
    if (batch.rows.length === 0) return;
    const { table, columns, bytes } = encode(batch);
    const id = unsettled.nextId();
    try {
      await unsettled.settle();
    } catch (error) {
      throw told(error, 'reading');
    }
    try {
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT RowBinary`,
        query_id: id,
        values: Readable.from([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)], { objectMode: false }),
        clickhouse_settings: insertSettingsOf(cluster),
      });
      for await (const _ of stream);
    } catch (error) {
      const failure = told(error, 'writing');
      if (failure.failure === 'unknown') unsettled.lost(id);
      throw failure;
    }
  };

  /** The right to make it is asked for also where it is there: who was given a database, and no more than that, goes on. */
  const createDatabase = async (): Promise<void> => {
    try {
      await outside(`CREATE DATABASE IF NOT EXISTS ${database}${onCluster(cluster)}`);
    } catch (error) {
      const isRefused = error instanceof ClickHouseError && error.type === 'ACCESS_DENIED';
      // Whatever is asked of a database that is missing fails.
      const isThere = isRefused && (await query('SELECT 1').then(Boolean, () => false));
      if (!isThere) throw told(error, 'reading');
    }
  };

  if (loads)
    try {
      await unsettled.settleOthers(database);
    } catch (error) {
      await client.close();
      throw told(error, 'reading');
    }
  return {
    ...(cluster === undefined ? {} : { cluster }),
    migrate: async () => {
      await createDatabase();
      if (cluster !== undefined) await requireOneShard(query, cluster);
      await migrate({ query, command }, cluster === undefined ? {} : { cluster });
    },
    insert,
    query,
    command,
    close: () => client.close(),
  };
};

const textOf = async (stream: AsyncIterable<unknown>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const said = ({ username, password, database, cluster }: ClickHouseOptions): Partial<ClickHouseOptions> =>
  Object.fromEntries(
    Object.entries({ username, password, database, cluster }).filter(([, value]) => value !== undefined),
  );
