import { commentColumns, createOnCluster, createTable, createView, onCluster, quoted } from './ddl.js';
import { type CommentRow, commentStatements, readComments } from './comments.js';
import { pause } from '../load/pacing.js';
import { StatementFailed } from '../warehouse-errors.js';
import { type TableSpec, type ViewSpec } from './table-spec.js';
import { tables } from './tables.js';
import { views } from './views.js';

/**
 * A change that `CREATE IF NOT EXISTS` cannot make, with the version that it brings the schema to. Never edited once
 * released. The engine has no lock and no transaction over statements, so each statement must be repeatable (`IF EXISTS`,
 * `IF NOT EXISTS`): two migrators at once, or one that died midway, then do no harm.
 */
export interface Migration {
  readonly version: number;
  /** `on`: empty, or ` ON CLUSTER …`, to be put after the table's name. `stored`: the name under which a table's rows lie. */
  statements(on: string, stored: (table: string) => string): readonly string[];
}

/** A column more, where a table's rows lie and under the name that leads to all of them. */
const addColumn = (
  on: string,
  stored: Parameters<Migration['statements']>[1],
  table: string,
  column: string,
): readonly string[] =>
  [...new Set([stored(table), table])].map((name) => `ALTER TABLE ${name}${on} ADD COLUMN IF NOT EXISTS ${column}`);

/** Columns more at one stroke, each behind the one before. Their comments come with those of the specs. */
const addColumns = (
  on: string,
  stored: Parameters<Migration['statements']>[1],
  table: string,
  after: string,
  columns: readonly (readonly [name: string, type: string])[],
): readonly string[] => {
  const added = columns.map(
    ([name, type], i) => `ADD COLUMN IF NOT EXISTS ${name} ${type} AFTER ${columns[i - 1]?.[0] ?? after}`,
  );
  return [...new Set([stored(table), table])].map((name) => `ALTER TABLE ${name}${on} ${added.join(', ')}`);
};

const campaign = [
  ['campaign_name', 'LowCardinality(String)'],
  ['campaign_source', 'LowCardinality(String)'],
  ['campaign_medium', 'LowCardinality(String)'],
  ['campaign_term', 'String'],
  ['campaign_content', 'String'],
] as const;

export const migrations: readonly Migration[] = [
  {
    // Rows written before it say what they did then, until they are written again.
    version: 1,
    statements: (on, stored) =>
      addColumn(
        on,
        stored,
        'customers',
        `average_order Decimal(18,4) DEFAULT if(purchases = 0, 0, gross / purchases) COMMENT ${quoted('Gross of the orders that stand, per order, rounded to a ten-thousandth; 0 without one')} AFTER net`,
      ),
  },
  {
    // What rows of before say by them is what their events said: nothing.
    version: 2,
    statements: (on, stored) => [
      ...addColumns(on, stored, 'fct_orders', 'reason', [
        ['tax', 'Nullable(Decimal(18,4))'],
        ['shipping', 'Nullable(Decimal(18,4))'],
        ['discount', 'Nullable(Decimal(18,4))'],
        ['coupon', 'String'],
        ...campaign,
      ]),
      ...addColumns(on, stored, 'fct_order_lines', 'currency', [
        ['brand', 'LowCardinality(String)'],
        ['variant', 'String'],
        ['coupon', 'String'],
        ['discount', 'Nullable(Decimal(18,4))'],
      ]),
      ...addColumns(on, stored, 'raw_touchpoints', 'payload', campaign),
    ],
  },
];

export interface Statements {
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  command(sql: string): Promise<void>;
}

export interface MigrateOptions {
  readonly cluster?: string;
  readonly migrations?: readonly Migration[];
}

/** Written twice is the same as written once. */
const versions: TableSpec = {
  name: 'schema_version',
  comment: 'Versions of this schema, one row each. Read it with FINAL.',
  engine: 'ReplacingMergeTree(at)',
  orderBy: ['version'],
  personalBy: 'subject_id',
  columns: [
    { name: 'version', type: 'UInt32', comment: 'Version that the schema has reached' },
    { name: 'at', type: "DateTime64(3,'UTC')", comment: 'When it was reached' },
  ],
};

const create = (table: TableSpec, cluster: string | undefined): readonly string[] =>
  cluster === undefined ? [createTable(table)] : createOnCluster(table, cluster);

const show = (view: ViewSpec, cluster: string | undefined): readonly string[] => [
  createView(view, cluster),
  ...(view.parameters ? [] : [commentColumns(view, cluster)]),
];

/** Every statement that makes the schema where there is none. */
export const schemaStatements = (cluster?: string): readonly string[] => [
  ...[versions, ...tables].flatMap((table) => create(table, cluster)),
  ...views.flatMap((view) => show(view, cluster)),
];

/**
 * Repeatable, by any number at once: what exists stays, comments and views are brought up to date. A schema that a newer program has
 * made is left as it is: the older one beside it must not turn it back.
 */
export const migrate = async (
  { query, command }: Statements,
  { cluster, migrations: steps = migrations }: MigrateOptions = {},
): Promise<void> => {
  for (const statement of create(versions, cluster)) await command(statement);
  const [row] = await query(`SELECT max(version) AS version FROM ${versions.name}`);
  const reached = Number(row?.['version'] ?? 0);
  if (reached > Math.max(0, ...steps.map(({ version }) => version))) return;
  for (const table of tables) for (const statement of create(table, cluster)) await command(statement);
  for (const { version, statements } of steps) {
    if (version <= reached) continue;
    const stored = (table: string): string => (cluster === undefined ? table : `${table}_local`);
    for (const statement of statements(onCluster(cluster), stored)) await command(statement);
    await command(`INSERT INTO ${versions.name} (version, at) VALUES (${version}, now64(3))`);
  }
  await comment({ query, command }, cluster);
  for (const view of views)
    await unlessDisturbed(async () => {
      for (const statement of show(view, cluster)) await command(statement);
    });
};

/** Tables of an earlier program say what they mean in the words of this one. */
const comment = async ({ query, command }: Statements, cluster: string | undefined): Promise<void> => {
  const named = [versions, ...tables].flatMap((table) =>
    [table.name, ...(cluster === undefined ? [] : [`${table.name}_local`])].map((name) => ({ table, name })),
  );
  const found = (await query(readComments(named.map(({ name }) => name)))) as unknown as readonly CommentRow[];
  for (const { table, name } of named)
    for (const statement of commentStatements(table, name, found, cluster))
      await unlessDisturbed(() => command(statement));
};

/**
 * Two that replace one view at once may both be told that its file, its table or its place is gone. Whoever was in the way
 * is done a moment later, and making a view again does no harm; what is really wrong is still wrong the last time.
 */
const unlessDisturbed = async (work: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StatementFailed) || attempt === ATTEMPTS) throw error;
      await pause(Math.random() * attempt * PAUSE_MS, never);
    }
};

const ATTEMPTS = 8;
const PAUSE_MS = 50;
const never = new AbortController().signal;
