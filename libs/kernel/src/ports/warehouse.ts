/**
 * The warehouse: ClickHouse tables that a loader fills by position and analysts query.
 * Rows carry the log or feed position they came from; the loader resumes from what the table holds.
 */
export type Cell = string | number | bigint | boolean | null | readonly string[];

export interface RowBatch {
  readonly table: string;
  readonly columns: readonly string[];
  /** Row-major, each as long as `columns`. Date-times are instants in ms; decimals are integers of ten-thousandths. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface QueryOptions {
  /** A ClickHouse output format, such as `JSONEachRow` or `TabSeparated`. */
  readonly format?: string;
  /** Values of `{name:Type}` placeholders. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly readonly?: boolean;
  readonly timeout_ms?: number;
  readonly maxMemory_bytes?: number;
}

export interface Warehouse {
  /** Name of the cluster whose replicas hold the rows; absent: one engine has them all. */
  readonly cluster?: string;
  /** Brings the schema to the newest version; may be called by anyone at any time. */
  migrate(): Promise<void>;
  insert(batch: RowBatch): Promise<void>;
  /** Runs a statement and answers its rows. */
  query<Row = Record<string, unknown>>(sql: string, options?: QueryOptions): Promise<readonly Row[]>;
  /** Runs a statement that answers nothing. */
  command(sql: string, options?: QueryOptions): Promise<void>;
  close(): Promise<void>;
}
