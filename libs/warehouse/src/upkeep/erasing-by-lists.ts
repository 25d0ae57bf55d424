import { randomUUID } from 'node:crypto';
import { type Warehouse } from '@tributary/kernel';
import { quoted } from '../schema/ddl.js';
import { StatementFailed } from '../warehouse-errors.js';
import { deletionsOver, type Erasing, type Listed, openDeletions } from './erasing.js';

const LIST_PREFIX = 'erasing_';

/**
 * On one server. The engine keeps the text of a deletion beside the table, and a server those of all statements, with their
 * parameters, in its log: so the text must name nobody. The ids are given to it as rows, in a table that lives in memory only.
 */
export const byLists = async (warehouse: Warehouse): Promise<Erasing> => {
  // Deletions are carried out where no database is chosen, so the list is named with its own.
  const [here] = await warehouse.query<{ name: string }>('SELECT currentDatabase() AS name');
  const database = here?.name ?? '';

  const remove = async (list: string, table: string, where: string): Promise<number> => {
    const [row] = await warehouse.query<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${where}`);
    const n = Number(row?.n ?? 0);
    if (n === 0) return 0;
    // Not waited for by the statement: a server works for longer than a connection stays open without a word.
    await warehouse.command(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 0`);
    await deletionsOver(warehouse, byList(list), 'a deletion failed; erase again');
    return n;
  };

  return {
    begin: () => clearLeftovers(warehouse),
    end: async () => undefined,
    rowsOf: (table) => table,
    listed: (entries, use) =>
      withList(warehouse, entries, (list) =>
        use({
          set: `(SELECT id FROM ${list})`,
          array: `(SELECT groupArray(id) FROM ${list})`,
          positionOf: (column) => `joinGet('${database}.${list}', 'position', ${column})`,
          unlogged: '',
          remove: (table, where) => remove(list, table, where),
        }),
      ),
  };
};

const withList = async <T>(warehouse: Warehouse, entries: Listed, use: (list: string) => Promise<T>): Promise<T> => {
  const list = `${LIST_PREFIX}${randomUUID().replace(/-/g, '')}`;
  await warehouse.command(
    `CREATE TABLE ${list} (id String COMMENT 'Who is being erased', position UInt64 COMMENT 'Up to where')
     ENGINE = Join(ANY, LEFT, id) SETTINGS persistent = 0 COMMENT 'Short-lived, in memory only'`,
  );
  try {
    await warehouse.command(
      `INSERT INTO ${list} VALUES ${entries.map(([id, at]) => `(${quoted(id)}, ${at})`).join(', ')}`,
    );
    return await use(list);
  } finally {
    await dropList(warehouse, list);
  }
};

/**
 * A deletion that is not over would look for its list for ever, and every later one would wait for it. It may be over, and
 * forgotten, before it is ended: servers later than 26.7 call that an error (`kill_throw_if_noop`).
 */
const endDeletions = async (warehouse: Warehouse, by: string): Promise<void> => {
  if ((await openDeletions(warehouse, byList(by))).length === 0) return;
  try {
    await warehouse.command(`KILL MUTATION WHERE database = currentDatabase() AND ${byList(by)} SYNC`);
  } catch (error) {
    if (!(error instanceof StatementFailed) || error.type !== 'NOTHING_TO_KILL') throw error;
  }
};

const dropList = async (warehouse: Warehouse, list: string): Promise<void> => {
  await endDeletions(warehouse, list);
  await warehouse.command(`DROP TABLE IF EXISTS ${list} SYNC`);
};

/** Whoever erased before may have died over it; one process at a time loads and erases. */
const clearLeftovers = async (warehouse: Warehouse): Promise<void> => {
  await endDeletions(warehouse, LIST_PREFIX);
  const left = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ${quoted(LIST_PREFIX)})`,
  );
  for (const { name } of left) await dropList(warehouse, name);
};

const byList = (list: string): string => `position(command, ${quoted(list)}) > 0`;
