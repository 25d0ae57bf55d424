import { resolve } from 'node:path';
import { EngineError, type QueryOptions, type RowBatch, type Warehouse } from '@tributary/kernel';
import { type Encoded, rowEncoder } from '../encode/row-binary.js';
import { migrate } from '../schema/migrate.js';
import { tableNamed } from '../schema/tables.js';
import { rowsOfText } from '../rows-of-text.js';
import { ChdbThread } from './chdb-thread.js';
import { claimPath, leavePath, ownerOf } from './path-owner.js';
import { type Classified, ENGINE, type Question, type Statement } from './protocol.js';
import { paramText } from './statement-text.js';

export interface ChdbOptions {
  /** Folder of the engine's data; made if missing. One process may hold it. */
  readonly path: string;
  /** Statements of the platform that may run at once, beside the loader's; 2 unless told. */
  readonly readers?: number;
  /** Statements of analysts that may run at once; 2 unless told. */
  readonly analysts?: number;
  /** What the engine may take at most; beyond it a statement fails, retriable. 2 GB unless told. */
  readonly memory_bytes?: number;
}

/** What the SQL listener needs of an engine: its parser, and a way to ask that can change nothing. */
export interface AnalystDoor {
  classify(sql: string): Promise<Classified>;
  /**
   * Bytes of the answer as they come, at the reader's pace. Rejects with `StatementFailed`. When `signal` aborts they end,
   * and the engine stops.
   */
  ask(question: Question, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface ChdbWarehouse extends Warehouse, AnalystDoor {
  readonly engine: 'chdb';
  /** ClickHouse version of the engine. */
  readonly version: string;
}

const settingsOf = (options: QueryOptions): Record<string, string | number> => ({
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 1,
  ...(options.timeout_ms === undefined
    ? {}
    : { max_execution_time: Math.max(1, Math.ceil(options.timeout_ms / 1000)) }),
  ...(options.maxMemory_bytes === undefined ? {} : { max_memory_usage: options.maxMemory_bytes }),
  ...(options.readonly ? { readonly: 1 } : {}),
});

const paramsOf = (options: QueryOptions): Record<string, string> =>
  Object.fromEntries(Object.entries(options.params ?? {}).map(([name, value]) => [name, paramText(value)]));

/**
 * chDB in a thread of its own. Close it before the process ends: a thread that ends with chDB open takes the process
 * with it.
 */
export const openChdbWarehouse = async ({
  path,
  readers = 2,
  analysts = 2,
  memory_bytes = 2_000_000_000,
}: ChdbOptions): Promise<ChdbWarehouse> => {
  const folder = resolve(path);
  const owner = ownerOf(folder);
  const { thread, version } = await ChdbThread.open({ path: folder, readers, analysts, memory_bytes }).catch(
    (cause: unknown) => {
      if (owner === undefined) throw cause;
      throw new EngineError(ENGINE, 'fatal', `${folder} is in use by process ${owner}; stop it first`, { cause });
    },
  );
  claimPath(folder);

  const encoders = new Map<string, (batch: RowBatch) => Encoded>();
  const encode = (batch: RowBatch): Encoded => {
    let encoder = encoders.get(batch.table);
    if (!encoder) encoders.set(batch.table, (encoder = rowEncoder(tableNamed(batch.table))));
    return encoder(batch);
  };

  const read = (sql: string, options: QueryOptions): Promise<Uint8Array> => {
    const statement: Statement = {
      sql,
      format: options.format ?? 'JSONEachRow',
      settings: settingsOf(options),
      params: paramsOf(options),
    };
    return thread.call({ name: 'read', statement });
  };
  const query = async <Row>(sql: string, options: QueryOptions = {}): Promise<readonly Row[]> =>
    rowsOfText<Row>(Buffer.from(await read(sql, options)).toString(), options.format);
  const command = async (sql: string, options: QueryOptions = {}): Promise<void> => {
    const {
      output_format_json_quote_64bit_integers: _,
      output_format_json_quote_decimals: __,
      ...settings
    } = settingsOf(options);
    await thread.call({ name: 'command', statement: { sql, format: 'Null', settings, params: paramsOf(options) } });
  };

  return {
    engine: ENGINE,
    version,
    migrate: () => migrate({ query, command }),
    insert: async (batch) => {
      if (batch.rows.length === 0) return;
      const { table, columns, bytes } = encode(batch);
      const spec = tableNamed(batch.table);
      const structure = columns
        .map((name) => `${name} ${spec.columns.find((column) => column.name === name)?.type ?? ''}`)
        .join(', ');
      await thread.call({ name: 'insert', insertion: { table, columns, structure, bytes } }, [bytes.buffer]);
    },
    query,
    command,
    classify: (sql) => thread.call({ name: 'classify', sql }),
    ask: (question, signal) => thread.ask(question, signal),
    close: async () => {
      await thread.close();
      leavePath(folder);
    },
  };
};
