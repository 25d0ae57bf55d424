import { EngineError, type Warehouse } from '@tributary/kernel';
import { createTable, quoted } from '../schema/ddl.js';
import { storedName } from '../schema/shadow.js';
import { tableNamed } from '../schema/tables.js';

export interface Rebuild {
  readonly warehouse: Warehouse;
  /** In the order in which they are changed over. */
  readonly tables: readonly string[];
  /** Loads the shadows (`side: 'shadow'`) as far as there is something to load; called twice, and goes on where it was. */
  fill(): Promise<void>;
  /** Stops the live loader, so that the last filling and the change see the same input; answers how to start it again. */
  settle(): Promise<() => void>;
  /** Called when all is filled and nothing is changed yet: the place to compare digests. */
  filled?(): Promise<void>;
}

/**
 * On a cluster the name of a table leads to all replicas, and what is built anew stands on one server: to change one for the
 * other would leave that server with rows of its own, and no word of complaint from it.
 */
export const requireOneServer = ({ cluster }: Warehouse): void => {
  if (cluster === undefined) return;
  throw new EngineError(
    'warehouse',
    'fatal',
    'the tables of a cluster are not rebuilt: to fill them anew, begin with an empty database; `tributary verify` compares them',
  );
};

/**
 * Builds tables anew beside those in use, then changes them over; readers never see a half. Safe to start over. However it
 * ends, nothing stays beside: an erasure looks for no second copy.
 */
export const rebuild = async ({ warehouse, tables, fill, settle, filled }: Rebuild): Promise<void> => {
  await dropShadows(warehouse);
  try {
    for (const table of tables) await warehouse.command(createTable(tableNamed(table), storedName(table, 'shadow')));
    await fill();
    const resume = await settle();
    try {
      await fill();
      await filled?.();
      requireOneServer(warehouse);
      for (const table of tables)
        await warehouse.command(`EXCHANGE TABLES ${table} AND ${storedName(table, 'shadow')}`);
    } finally {
      resume();
    }
  } finally {
    await dropShadows(warehouse);
  }
};

/** Drops what a rebuild has left beside the tables in use, of whatever tables: its process may have died over it. */
export const dropShadows = async (warehouse: Warehouse): Promise<void> => {
  const left = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(name, ${quoted(storedName('', 'shadow'))})`,
  );
  // A server refuses to drop what is larger than 50 GB, unless told that it is meant.
  for (const { name } of left)
    await warehouse.command(`DROP TABLE IF EXISTS ${name} SYNC SETTINGS max_table_size_to_drop = 0`);
};
