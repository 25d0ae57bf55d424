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
export const createTable = (table: TableSpec, name: string = table.name): string =>
  createStored(table, name, table.engine);

const columnsOf = (table: TableSpec): string[] =>
  table.columns.map((column) => `  ${column.name} ${column.type} COMMENT ${quoted(column.comment)}`);

const createStored = (table: TableSpec, name: string, engine: string): string =>
  [
    `CREATE TABLE IF NOT EXISTS ${name} (`,
    [...columnsOf(table), ...(table.indexes ?? []).map((index) => `  ${index}`)].join(',\n'),
    `) ENGINE = ${engine}`,
    `ORDER BY (${table.orderBy.join(', ')})`,
    `SETTINGS ${settings}`,
    `COMMENT ${quoted(table.comment)}`,
  ].join('\n');

const identifier = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;

export const onCluster = (cluster: string | undefined): string =>
  cluster === undefined ? '' : ` ON CLUSTER ${identifier(cluster)}`;

/**
 * `MergeTree` or `ReplacingMergeTree(version)` with its place in Keeper: named after the table, not after the id that each
 * statement gives it anew, so that a replica that is added later finds what the others hold.
 */
const replicated = (engine: string): string => {
  const [, family = '', parameters] = /^(\w+)(?:\((.*)\))?$/.exec(engine) ?? [];
  const place = ["'/clickhouse/tables/{shard}/{database}/{table}'", "'{replica}'"];
  return `Replicated${family}(${[...place, ...(parameters ? [parameters] : [])].join(', ')})`;
};

/** What belongs to one person lies on one shard; what belongs to nobody goes by the first column of its order. */
const shardedBy = ({ columns, personalBy, orderBy }: TableSpec): string =>
  columns.some(({ name }) => name === personalBy) ? personalBy : (orderBy[0] as string);

/** The same table on a cluster: what each node stores, and under the table's own name the way to all of it. */
export const createOnCluster = (table: TableSpec, cluster: string, name: string = table.name): readonly string[] => {
  const stored = `${name}_local`;
  const target = `${identifier(cluster)}, currentDatabase(), ${stored}, sipHash64(${shardedBy(table)})`;
  return [
    createStored(table, `${stored}${onCluster(cluster)}`, replicated(table.engine)),
    [
      `CREATE TABLE IF NOT EXISTS ${name}${onCluster(cluster)} (`,
      columnsOf(table).join(',\n'),
      `) ENGINE = Distributed(${target})`,
      `COMMENT ${quoted(table.comment)}`,
    ].join('\n'),
  ];
};

/**
 * What a view means does not hang on what the one who asks has set for SQL of his own: object mappers and dbt's kin set
 * `join_use_nulls`, profiles the others. A query that may change no setting may ask such a view all the same.
 */
const asWritten = [
  'join_use_nulls',
  'aggregate_functions_null_for_empty',
  'group_by_use_nulls',
  'transform_null_in',
  'prefer_column_name_to_alias',
]
  .map((setting) => `${setting} = 0`)
  .join(', ');

/**
 * Column types of a view come from its query; the engine keeps the comments. The query stands in brackets: where it ends in
 * a subquery, engines before 26.7 take COMMENT for its alias.
 */
export const createView = (view: ViewSpec, cluster?: string): string =>
  `CREATE OR REPLACE VIEW ${view.name}${onCluster(cluster)} AS (\n${view.sql}\nSETTINGS ${asWritten}\n)\nCOMMENT ${quoted(view.comment)}`;

export const commentColumns = (view: ViewSpec, cluster?: string): string =>
  `ALTER TABLE ${view.name}${onCluster(cluster)} ${view.columns.map(([name, comment]) => `COMMENT COLUMN ${name} ${quoted(comment)}`).join(', ')}`;
