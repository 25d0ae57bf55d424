import { decodeBatchTaken } from '@tributary/contracts';
import { FEED_TOPIC, INTAKE_STREAMS } from '@tributary/domain';
import { type EventStore, type Log, type Warehouse } from '@tributary/kernel';
import { feedFences, intakeFences, rawTouchpoints } from '@tributary/warehouse';

/** What waits is counted up to so many batches: whether anything waits, and whether it is much, is what matters. */
const BATCHES_COUNTED = 1_000;

/** Position up to which the tables hold what was taken; -1: nothing. */
export const rawLoadedTo = async (warehouse: Warehouse): Promise<number> =>
  (await intakeFences(warehouse)).get(rawTouchpoints.name) ?? -1;

/** Touchpoints and feed messages that the loader has not come to. */
export const waitingForWarehouse = async (
  { log, events }: { readonly log: Pick<Log, 'partitions'>; readonly events: Pick<EventStore, 'readAll'> },
  warehouse: Warehouse,
): Promise<{ readonly facts: number; readonly customers: number }> => {
  const batches = await events.readAll(await rawLoadedTo(warehouse), BATCHES_COUNTED, INTAKE_STREAMS);
  const accepted = batches.map(({ data }) => decodeBatchTaken(data).accepted);
  const loaded = await feedFences(warehouse);
  const ranges = await log.partitions(FEED_TOPIC);
  return {
    facts: accepted.reduce((sum, count) => sum + count, 0),
    customers: ranges.reduce((sum, { partition, end }) => sum + Math.max(0, end - (loaded.get(partition) ?? 0)), 0),
  };
};
