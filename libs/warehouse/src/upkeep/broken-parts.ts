import { type Warehouse } from '@tributary/kernel';

/**
 * Names of tables of which the engine could not read a part when it opened, by how many. It sets such a part aside without a
 * word and goes on without its rows; no erasure reaches what lies there. A rebuild of the table takes it along.
 */
export const brokenParts = async (warehouse: Warehouse): Promise<Readonly<Record<string, number>>> => {
  const rows = await warehouse.query<{ table: string; parts: number }>(
    `SELECT table, count() AS parts FROM system.detached_parts
     WHERE database = currentDatabase() AND startsWith(reason, 'broken') GROUP BY table ORDER BY table`,
  );
  return Object.fromEntries(rows.map(({ table, parts }) => [table, Number(parts)]));
};
