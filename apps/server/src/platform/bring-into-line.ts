import { FEED_TOPIC } from '@tributary/pipeline';
import { EngineError, type EventStore, type Log, type Warehouse } from '@tributary/kernel';
import { isAhead, type Reach, takeBack } from '@tributary/warehouse';
import { patiently } from '../engines/patiently.js';
import { type LoadingDeps } from './loading-deps.js';

const reachOf = async (log: Pick<Log, 'partitions'>, events: Pick<EventStore, 'head'>): Promise<Reach> => {
  const feed = new Map((await log.partitions(FEED_TOPIC)).map(({ partition, end }) => [partition, end]));
  return { head: await events.head(), feed };
};

/**
 * A loader that finds its fence beyond the newest event would skip all that comes until events are there again: where the
 * store is older than the tables, they lose what it does not hold before anything is loaded. Tables that may be another's, too, are
 * left as they are, and said to be ahead.
 */
export const bringIntoLine = async ({
  store,
  warehouse,
  onTakenBack,
  onAhead,
}: Pick<LoadingDeps, 'store' | 'warehouse' | 'onTakenBack' | 'onAhead'>): Promise<void> => {
  if (!onTakenBack && !onAhead) return;
  const reach = await reachOf(store.log, store.events);
  if (!(await patiently(() => isAhead(warehouse, reach)))) return;
  if (!onTakenBack) return onAhead?.();
  if (reach.head < 0)
    throw new Error(
      'the tables in clickhouse/ are filled and tributary.db is empty: restore tributary.db, or move clickhouse/ out of the data folder to begin anew',
    );
  onTakenBack(await takeBack(warehouse, reach));
};

/**
 * Engines that several processes share are not taken back by one of them: an operator has to say which of them shall be as it is.
 * Until then nothing is loaded.
 */
export const requireInLine = async (
  warehouse: Warehouse,
  log: Pick<Log, 'partitions'>,
  events: Pick<EventStore, 'head'>,
): Promise<void> => {
  if (await isAhead(warehouse, await reachOf(log, events)))
    throw new EngineError(
      'warehouse',
      'retriable',
      'the tables hold more than the event store and the feed tell: one of them is older (restored from a backup?), or another one. ' +
        'Bring back the newer one, or empty the database, which is filled anew: docs/guide/running.md',
    );
};
