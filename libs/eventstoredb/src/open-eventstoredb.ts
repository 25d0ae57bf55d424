import { type EventStoreDB, type EventStoreDBOptions } from './eventstoredb.js';

/**
 * Connects when it is first used. The client is loaded only now: whoever reads settings, but works embedded, starts
 * without it.
 */
export const openEventStoreDB = async (options: EventStoreDBOptions): Promise<EventStoreDB> =>
  (await import('./eventstoredb.js')).openEventStoreDB(options);
