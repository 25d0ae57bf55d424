import { afterAll, beforeAll } from '@jest/globals';
import { eventStoreContract } from '@tributary/kernel/contracts';
import { openEventStoreDB } from '@tributary/eventstoredb';
import { start, type EventStoreForTests } from '../eventstoredb-double/start.js';

let server: EventStoreForTests;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.stop());

eventStoreContract('EventStoreDB', async () => {
  let store = await openEventStoreDB({ url: server.url });
  return {
    events: store.events,
    reopen: async () => {
      await store.close();
      store = await openEventStoreDB({ url: server.url });
      return store.events;
    },
    close: () => store.close(),
  };
});
