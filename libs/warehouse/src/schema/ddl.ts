import { type TableSpec, type ViewSpec } from './table-spec.js';

export const quoted = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/**
 * Erased rows must leave the disk at once, not after the usual eight minutes: parts that a mutation or merge replaced
 * are removed within seconds.
 */
const settings = [
  'old_parts_lifetime = 1',
  'cleanup_delay_period = 1',
  'max_cleanup_delay_period = 2',
  'cleanup_delay_period_random_add = 0',
  'finished_mutations_to_keep = 1',
  'index_granularity = 8192',
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'min_rows_to_fsync_after_merge = 1',
  'min_compressed_bytes_to_fsync_after_merge = 1',
].join(', ');

/** The statement that makes the table, under its own name or another one (a shadow for a rebuild). */
export const createTable = (table: TableSpec, name: string = table.name): string => {
  const columns = table.columns.map((column) => `  ${column.name} ${column.type} COMMENT ${quoted(column.comment)}`);
  const indexes = (table.indexes ?? []).map((index) => `  ${index}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (`,
    [...columns, ...indexes].join(',\n'),
    `) ENGINE = ${table.engine}`,
    `ORDER BY (${table.orderBy.join(', ')})`,
    `SETTINGS ${settings}`,
    `COMMENT ${quoted(table.comment)}`,
  ].join('\n');
};

/** Column types of a view come from its query; the engine keeps the comments. */
export const createView = (view: ViewSpec): string =>
  `CREATE OR REPLACE VIEW ${view.name} AS\n${view.sql}\nCOMMENT ${quoted(view.comment)}`;

export const commentColumns = (view: ViewSpec): string =>
  `ALTER TABLE ${view.name} ${view.columns.map(([name, comment]) => `COMMENT COLUMN ${name} ${quoted(comment)}`).join(', ')}`;
