import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type DataFormat } from '@clickhouse/client';
import { EngineError, type QueryOptions, type RowBatch, type Warehouse } from '@tributary/kernel';
import { type Encoded, rowEncoder } from '../encode/row-binary.js';
import { rowsOfText } from '../rows-of-text.js';
import { migrate } from '../schema/migrate.js';
import { tableNamed } from '../schema/tables.js';
import { failureOf } from '../warehouse-errors.js';

export interface ClickHouseOptions {
  /** Such as `http://clickhouse:8123`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** `tributary` unless told; it must exist. */
  readonly database?: string;
  readonly maxConnections?: number;
  readonly requestTimeout_ms?: number;
}

const ENGINE = 'clickhouse';

/** One insert, one part, on the disk before it is answered: what resuming by position rests on. */
const insertSettings = {
  async_insert: 0,
  max_insert_threads: '1',
  min_insert_block_size_rows: '4000000',
  min_insert_block_size_bytes: '0',
  max_insert_block_size: '4000000',
} as const;

const told = (error: unknown, doing: 'reading' | 'writing'): EngineError => {
  if (error instanceof EngineError) return error;
  if (error instanceof ClickHouseError)
    return failureOf(
      ENGINE,
      `Code: ${error.code}. DB::Exception: ${error.message} (${error.type ?? 'UNKNOWN'})`,
      error,
    );
  // The connection failed. What was to be read can be asked again; what was to be written may have been.
  const message = error instanceof Error ? error.message : 'no answer';
  return new EngineError(ENGINE, doing === 'reading' ? 'retriable' : 'unknown', message, { cause: error });
};

/** A ClickHouse server over HTTP: the same tables and rows as chDB. */
export const openClickHouseWarehouse = ({
  url,
  username = 'default',
  password = '',
  database = 'tributary',
  maxConnections = 8,
  requestTimeout_ms = 120_000,
}: ClickHouseOptions): Promise<Warehouse> => {
  const client = createClient({
    url,
    username,
    password,
    database,
    application: 'tributary',
    max_open_connections: maxConnections,
    request_timeout: requestTimeout_ms,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const settingsOf = (options: QueryOptions) => ({
    output_format_json_quote_64bit_integers: 0 as const,
    output_format_json_quote_decimals: 1 as const,
    ...(options.timeout_ms === undefined
      ? {}
      : { max_execution_time: Math.max(1, Math.ceil(options.timeout_ms / 1000)) }),
    ...(options.maxMemory_bytes === undefined ? {} : { max_memory_usage: String(options.maxMemory_bytes) }),
    ...(options.readonly ? { readonly: '1' } : {}),
  });

  const encoders = new Map<string, (batch: RowBatch) => Encoded>();
  const encode = (batch: RowBatch): Encoded => {
    let encoder = encoders.get(batch.table);
    if (!encoder) encoders.set(batch.table, (encoder = rowEncoder(tableNamed(batch.table))));
    return encoder(batch);
  };

  const query = async <Row>(sql: string, options: QueryOptions = {}): Promise<readonly Row[]> => {
    try {
      const { stream } = await client.exec({
        query: sql,
        query_params: { ...options.params },
        clickhouse_settings: {
          ...settingsOf(options),
          default_format: (options.format ?? 'JSONEachRow') as DataFormat,
        },
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return rowsOfText<Row>(Buffer.concat(chunks).toString(), options.format);
    } catch (error) {
      throw told(error, 'reading');
    }
  };
  const command = async (sql: string, options: QueryOptions = {}): Promise<void> => {
    const {
      output_format_json_quote_64bit_integers: _,
      output_format_json_quote_decimals: __,
      ...settings
    } = settingsOf(options);
    try {
      await client.command({ query: sql, query_params: { ...options.params }, clickhouse_settings: settings });
    } catch (error) {
      throw told(error, 'writing');
    }
  };

  return Promise.resolve({
    migrate: () => migrate({ query, command }),
    insert: async (batch) => {
      if (batch.rows.length === 0) return;
      const { table, columns, bytes } = encode(batch);
      try {
        const { stream } = await client.exec({
          query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT RowBinary`,
          values: Readable.from([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)], { objectMode: false }),
          clickhouse_settings: insertSettings,
        });
        for await (const _ of stream);
      } catch (error) {
        throw told(error, 'writing');
      }
    },
    query,
    command,
    close: () => client.close(),
  });
};
