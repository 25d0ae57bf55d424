import { FEED_TOPIC } from '@tributary/pipeline';
import { isAhead, takeBack } from '@tributary/warehouse';
import { type LoadingDeps } from './loading-deps.js';

/**
 * A loader that finds its fence beyond the newest event would skip all that comes until events are there again: where the
 * store is older than the tables, they lose what it does not hold before anything is loaded.
 */
export const bringIntoLine = async ({
  store,
  warehouse,
  onTakenBack,
}: Pick<LoadingDeps, 'store' | 'warehouse' | 'onTakenBack'>): Promise<void> => {
  if (!onTakenBack) return;
  const feed = new Map((await store.log.partitions(FEED_TOPIC)).map(({ partition, end }) => [partition, end]));
  const reach = { head: await store.events.head(), feed };
  if (!(await isAhead(warehouse, reach))) return;
  if (reach.head < 0)
    throw new Error(
      'the tables in clickhouse/ are filled and tributary.db is empty: restore tributary.db, or move clickhouse/ out of the data folder to begin anew',
    );
  onTakenBack(await takeBack(warehouse, reach));
};
