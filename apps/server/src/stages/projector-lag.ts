import { type DocumentStore, type EventStore } from '@tributary/kernel';
import { projectionState } from '@tributary/pipeline';

/** What waits is counted up to here: whether anything waits, and whether it is much, is what matters. */
const COUNTED = 1_000;

/** Events that the projector has not come to; at most `COUNTED`. */
export const projectorLag = (events: EventStore, documents: DocumentStore) => async (): Promise<number> => {
  const state = await projectionState(documents);
  return (await events.readAll(state?.position ?? -1, COUNTED)).length;
};
