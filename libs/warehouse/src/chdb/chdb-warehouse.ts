import { resolve } from 'node:path';
import { EngineError, messageOf, type QueryOptions, type Warehouse } from '@tributary/kernel';
import { batchEncoder } from '../encode/batch-encoder.js';
import { answerSettingsOf, limitsOf } from '../query-settings.js';
import { migrate } from '../schema/migrate.js';
import { tableNamed } from '../schema/tables.js';
import { rowsOfText } from '../rows-of-text.js';
import { ChdbThread, type OnHeld } from './chdb-thread.js';
import { HELD_AFTER_MS } from './held-places.js';
import { claimPath, leavePath, ownerOf } from './path-owner.js';
import { type AnswerPart, type Classified, ENGINE, type Question, type Statement } from './protocol.js';
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
  /** How long past its limit a question of an analyst may be at it before it is one that does not end; 10 s unless told. */
  readonly heldAfter_ms?: number;
  readonly onHeld?: OnHeld;
}

/** What the SQL listener needs of an engine: its parser, and a way to ask that can change nothing. */
export interface AnalystDoor {
  classify(sql: string): Promise<Classified>;
  /**
   * Parts of the answer as they come, at the reader's pace. Rejects with `StatementFailed`. When `signal` aborts they end,
   * and the engine stops.
   */
  ask(question: Question, signal?: AbortSignal): AsyncIterable<AnswerPart>;
}

export interface ChdbWarehouse extends Warehouse, AnalystDoor {
  readonly engine: 'chdb';
  /** ClickHouse version of the engine. */
  readonly version: string;
}

/** The engine itself says which file it was, on stderr; what it cannot read it does not start without. */
const MEND =
  'check owner and mode of its files; if they are damaged, put the folder elsewhere: tables are filled again from the log, or come from a backup (docs/guide/backups.md)';

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
  heldAfter_ms = HELD_AFTER_MS,
  onHeld = () => {},
}: ChdbOptions): Promise<ChdbWarehouse> => {
  const folder = resolve(path);
  const owner = ownerOf(folder);
  const request = { path: folder, readers, analysts, memory_bytes, heldAfter_ms };
  const { thread, version } = await ChdbThread.open(request, onHeld).catch((cause: unknown) => {
    if (owner !== undefined)
      throw new EngineError(ENGINE, 'fatal', `${folder} is in use by process ${owner}; stop it first`, { cause });
    const said = messageOf(cause).replace(`${ENGINE}: `, '');
    throw new EngineError(ENGINE, 'fatal', `${said}; ${MEND}`, { cause });
  });
  claimPath(folder);

  const encode = batchEncoder();

  const read = (sql: string, options: QueryOptions): Promise<Uint8Array> => {
    const statement: Statement = {
      sql,
      format: options.format ?? 'JSONEachRow',
      settings: answerSettingsOf(options),
      params: paramsOf(options),
    };
    return thread.call({ name: 'read', statement });
  };
  const query = async <Row>(sql: string, options: QueryOptions = {}): Promise<readonly Row[]> =>
    rowsOfText<Row>(Buffer.from(await read(sql, options)).toString(), options.format);
  const command = async (sql: string, options: QueryOptions = {}): Promise<void> => {
    const statement: Statement = { sql, format: 'Null', settings: limitsOf(options), params: paramsOf(options) };
    await thread.call({ name: 'command', statement });
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
