import { type BatchTaken } from '@tributary/domain';
import { type DocumentStore, type EventStore, type Log, type Warehouse } from '@tributary/kernel';
import { FEED_TOPIC, projectionState } from '@tributary/pipeline';
import { feedFences, intakeFences } from '@tributary/warehouse';

/** What waits is counted up to here: whether anything waits, and whether it is much, is what matters. */
const COUNTED = 1_000;

/** Events that the projector has not come to. */
export const beyondProcessors = (events: EventStore, documents: DocumentStore) => async (): Promise<number> => {
  const state = await projectionState(documents);
  return (await events.readAll(state?.position ?? -1, COUNTED)).length;
};

/** Touchpoints and feed messages that the loader has not come to. */
export const beyondProjector =
  (log: Log, events: EventStore, warehouse: Warehouse) =>
  async (): Promise<{ readonly facts: number; readonly customers: number }> => {
    const after = (await intakeFences(warehouse)).get('raw_touchpoints') ?? -1;
    const batches = await events.readAll(after, COUNTED, 'intake-');
    const accepted = batches.map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as BatchTaken).accepted);
    const loaded = await feedFences(warehouse);
    const ranges = await log.partitions(FEED_TOPIC);
    return {
      facts: accepted.reduce((sum, count) => sum + count, 0),
      customers: ranges.reduce((sum, { partition, end }) => sum + Math.max(0, end - (loaded.get(partition) ?? 0)), 0),
    };
  };
