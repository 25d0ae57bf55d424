import { EngineError, type Warehouse } from '@tributary/kernel';
import { quoted } from '../schema/ddl.js';
import { customerTables, factTables } from '../schema/tables.js';
import { deletionsOver, type Erasing } from './erasing.js';

const rowsOf = (table: string): string => `${table}_local`;
const everywhere = [...factTables, ...customerTables].map(({ name }) => rowsOf(name));
const named = everywhere.map(quoted).join(', ');

const UNLOGGED = 'log_queries = 0';

/**
 * On a cluster each replica deletes by itself, and may look at nothing but the row: a list is on one server only, and a
 * replicated table takes no deletion that asks another table. So the text says whom. It is kept from the log of queries; Keeper
 * holds it until a later deletion is over, so that each erasure ends with one that names nobody.
 */
export const byText = (warehouse: Warehouse): Erasing => {
  /** Resolves when this server has carried out all deletions of a table; it tries again by itself, and another beside one that fails would, too. */
  const over = (table: string): Promise<void> =>
    deletionsOver(warehouse, `table = ${quoted(table)}`, 'a deletion fails so far');

  const remove = async (table: string, where: string): Promise<number> => {
    await over(rowsOf(table));
    const [row] = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM ${table} WHERE ${where} SETTINGS ${UNLOGGED}`,
    );
    const n = Number(row?.n ?? 0);
    if (n === 0) return 0;
    await warehouse.command(
      `ALTER TABLE ${rowsOf(table)} DELETE WHERE ${where} SETTINGS mutations_sync = 0, ${UNLOGGED}`,
    );
    await over(rowsOf(table));
    return n;
  };

  return {
    begin: () => requireAllActive(warehouse),
    // Replicas carry deletions out in their order: when all are done with this one, they are with those before it.
    end: async () => {
      for (const table of everywhere)
        await warehouse.command(`ALTER TABLE ${table} DELETE WHERE 0 SETTINGS mutations_sync = 2`);
    },
    rowsOf,
    listed: (entries, use) => {
      const ids = entries.map(([id]) => quoted(id)).join(', ');
      const positions = entries.map(([, position]) => position).join(', ');
      return use({
        set: `(${ids})`,
        array: `[${ids}]`,
        positionOf: (column) => `transform(${column}, [${ids}], CAST([${positions}], 'Array(UInt64)'), toUInt64(0))`,
        unlogged: `SETTINGS ${UNLOGGED}`,
        remove,
      });
    },
  };
};

/** A replica that is away still holds the rows, and nobody would wait for it to be back. Asked first, so that no deletion is begun in vain. */
const requireAllActive = async (warehouse: Warehouse): Promise<void> => {
  const away = await warehouse.query<{ name: string }>(
    `SELECT table AS name FROM system.replicas WHERE database = currentDatabase() AND table IN (${named}) AND active_replicas < total_replicas`,
  );
  if (away.length > 0)
    throw new EngineError(
      'warehouse',
      'retriable',
      'an erasure waits for a replica of the cluster that is away: it still holds what is to be erased',
    );
};
