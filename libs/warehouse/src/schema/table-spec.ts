import { type ColumnType } from './column-type.js';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment: string;
  /** Says where and when the row was loaded, not what it means: left out of the digest by which tables are compared. */
  readonly technical?: true;
}

/** A table as data: its DDL, its encoder and its page in the data dictionary all come from here. */
export interface TableSpec {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly ColumnSpec[];
  /** `MergeTree`, or `ReplacingMergeTree(version[, is_deleted])`. */
  readonly engine: string;
  readonly orderBy: readonly string[];
  /** Data-skipping indexes, as DDL. */
  readonly indexes?: readonly string[];
  /** The column by which erasure finds a person's rows. */
  readonly personalBy: 'subject_id' | 'customer_id';
}

export interface ViewSpec {
  readonly name: string;
  readonly comment: string;
  /** `[name, comment]` of each column, in the order of the query. */
  readonly columns: readonly (readonly [string, string])[];
  readonly sql: string;
  /** Parameters of the view, such as `as_of: Date32`; they are given as `name(as_of = '2011-12-10')`. */
  readonly parameters?: readonly string[];
}

/** Rows of a replaced key are merged away later; who reads must say FINAL. */
export const isReplacing = (table: TableSpec): boolean => table.engine.startsWith('Replacing');
