import { type Warehouse } from '@tributary/kernel';
import { erasedTo, feedFences, intakeFences } from '../load/fences.js';
import { customerTables, factTables, loaderFences } from '../schema/tables.js';

/** How far the events and the feed go that tables are filled from. */
export interface Reach {
  /** Position of the newest event; -1: there is none. */
  readonly head: number;
  /** By partition of the feed: the offset behind its last message. */
  readonly feed: ReadonlyMap<number, number>;
}

/** Whether tables hold what these events do not: they were filled from ones that went further. */
export const isAhead = async (warehouse: Warehouse, { head, feed }: Reach): Promise<boolean> => {
  if (Math.max(-1, ...(await intakeFences(warehouse)).values()) > head) return true;
  const loaded = [...(await feedFences(warehouse)), [0, await erasedTo(warehouse)] as const];
  return loaded.some(([partition, next]) => next > (feed.get(partition) ?? 0));
};

/**
 * Takes tables back to what these events can have filled them with; the loader goes on from there. Of facts only those
 * beyond go, since the log may not hold the others any more; customers are what the feed, which is kept for ever, says anew.
 * Safe to die over: the fences, which tell that something is ahead, go last.
 *
 * @returns how many facts went
 */
export const takeBack = async (warehouse: Warehouse, { head }: Reach): Promise<number> => {
  const clear = (table: string): Promise<void> =>
    warehouse.command(`TRUNCATE TABLE ${table} SETTINGS max_table_size_to_drop = 0`);
  for (const { name } of customerTables) await clear(name);
  let removed = 0;
  for (const { name } of factTables) {
    const beyond = `intake_position > ${head}`;
    const [row] = await warehouse.query<{ n: number }>(`SELECT count() AS n FROM ${name} WHERE ${beyond}`);
    const n = Number(row?.n ?? 0);
    if (n > 0) await warehouse.command(`ALTER TABLE ${name} DELETE WHERE ${beyond} SETTINGS mutations_sync = 2`);
    removed += n;
  }
  await clear(loaderFences.name);
  return removed;
};
