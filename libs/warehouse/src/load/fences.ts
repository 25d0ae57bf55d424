import { type Warehouse } from '@tributary/kernel';
import { type Side, storedName } from '../schema/shadow.js';
import { customers, factTables, loaderFences } from '../schema/tables.js';
import { nothingPending } from './pending-quorum.js';

/** Among the fences, beside names of tables: how far erasures were carried out. */
const ERASURES = 'erasures';

/** Highest intake position that each fact table holds or held; -1: none. Each table is asked for its own. */
export const intakeFences = async (warehouse: Warehouse, side: Side = 'live'): Promise<ReadonlyMap<string, number>> => {
  const held = factTables
    .map(
      ({ name }) =>
        `SELECT '${name}' AS t, if(count() = 0, -1, toInt64(max(intake_position))) AS p FROM ${storedName(name, side)}`,
    )
    .join(' UNION ALL ');
  const rows = await warehouse.query<{ t: string; position: number }>(
    `SELECT t, toInt64(max(p)) AS position FROM (${held}
     UNION ALL SELECT toString(table_name) AS t, toInt64(position) AS p FROM ${loaderFences.name} WHERE table_name NOT IN ('${customers.name}', '${ERASURES}') AND {live:UInt8})
     GROUP BY t`,
    { params: { live: side === 'live' } },
  );
  return new Map(rows.map(({ t, position }) => [t, Number(position)]));
};

/** The same for whoever writes on from there, or removes rows: not before it is sure. */
export const sureIntakeFences = async (
  warehouse: Warehouse,
  side: Side = 'live',
): Promise<ReadonlyMap<string, number>> => {
  await nothingPending(warehouse);
  return intakeFences(warehouse, side);
};

/** By partition of the feed: the offset from which to go on. */
export const feedFences = async (warehouse: Warehouse, side: Side = 'live'): Promise<ReadonlyMap<number, number>> => {
  const rows = await warehouse.query<{ partition: number; next: number }>(
    `SELECT partition, max(next) AS next FROM (
       SELECT feed_partition AS partition, max(feed_offset) AS next FROM ${storedName(customers.name, side)} GROUP BY partition
       UNION ALL SELECT feed_partition AS partition, position AS next FROM ${loaderFences.name} WHERE table_name = '${customers.name}' AND {live:UInt8})
     GROUP BY partition`,
    { params: { live: side === 'live' } },
  );
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
};

/**
 * Writes today's fences down. Whoever removes rows does this first: the row that held the highest position may be
 * among them, and the loader would bring back, a second time, what stayed.
 */
export const writeFences = async (warehouse: Warehouse): Promise<void> => {
  const facts = [...(await sureIntakeFences(warehouse))].filter(([, position]) => position >= 0);
  const feed = [...(await feedFences(warehouse))];
  await warehouse.insert({
    table: loaderFences.name,
    columns: ['table_name', 'feed_partition', 'position'],
    rows: [
      ...facts.map(([table, position]) => [table, 0, position]),
      ...feed.map(([partition, next]) => [customers.name, partition, next]),
    ],
  });
};

/**
 * Offset of the feed up to which erasures were carried out in these very tables; 0: none yet. It lies beside the rows, so
 * that tables which come from a backup, or begin anew, do not pass for ones that the erased have left.
 */
export const erasedTo = async (warehouse: Warehouse): Promise<number> => {
  const [row] = await warehouse.query<{ next: number }>(
    `SELECT max(position) AS next FROM ${loaderFences.name} WHERE table_name = '${ERASURES}'`,
  );
  return Number(row?.next ?? 0);
};

export const noteErasedTo = (warehouse: Warehouse, next: number): Promise<void> =>
  warehouse.insert({
    table: loaderFences.name,
    columns: ['table_name', 'feed_partition', 'position'],
    rows: [[ERASURES, 0, next]],
  });
