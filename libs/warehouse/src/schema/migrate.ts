import { tables } from './tables.js';
import { views } from './views.js';
import { commentColumns, createTable, createView } from './ddl.js';

/** A change that `CREATE IF NOT EXISTS` cannot make, with the version that it brings the schema to. Never edited once released. */
export interface Migration {
  readonly version: number;
  readonly statements: readonly string[];
}

export const migrations: readonly Migration[] = [];

export interface Statements {
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  command(sql: string): Promise<void>;
}

const versionTable = `CREATE TABLE IF NOT EXISTS schema_version (
  version UInt32 COMMENT 'Version that the schema has reached',
  at DateTime DEFAULT now() COMMENT 'When it was reached'
) ENGINE = MergeTree ORDER BY version COMMENT 'Versions of this schema, one row each'`;

/** Repeatable: what exists stays, views are brought up to date, each migration runs once. */
export const migrate = async ({ query, command }: Statements): Promise<void> => {
  await command(versionTable);
  for (const table of tables) await command(createTable(table));
  const [row] = await query('SELECT max(version) AS version FROM schema_version');
  const reached = Number(row?.['version'] ?? 0);
  for (const migration of migrations) {
    if (migration.version <= reached) continue;
    for (const statement of migration.statements) await command(statement);
    await command(`INSERT INTO schema_version (version) VALUES (${migration.version})`);
  }
  for (const view of views) {
    await command(createView(view));
    if (!view.parameters) await command(commentColumns(view));
  }
};
