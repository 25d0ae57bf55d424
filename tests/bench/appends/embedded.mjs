/** Our embedded event store, on the port that the pipeline uses. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { openEmbedded } from '@tributary/embedded';
import { eventData, EVENTS_AN_APPEND, eventType, measure } from './plan.mjs';

const eventsOf = (n) =>
  Array.from({ length: EVENTS_AN_APPEND }, (_, i) => ({
    id: randomUUID(),
    type: eventType,
    data: Buffer.from(JSON.stringify(eventData(n * EVENTS_AN_APPEND + i))),
    metadata: { recordedAt: Date.now() },
  }));

await measure(async (dir) => {
  mkdirSync(dir, { recursive: true });
  const store = await openEmbedded({ dir, masterKey: Buffer.alloc(32, 7) });
  const appendOf = ({ n, stream, revision }) => ({ stream, expectedRevision: revision, events: eventsOf(n) });
  return {
    together: (part) => store.events.append(part.map(appendOf)),
    atOnce: (part) => Promise.all(part.map((one) => store.events.append([appendOf(one)]))),
    lengthOf: async (stream) => (await store.events.readStream(stream, 0, 1_000)).length,
    close: () => store.close(),
  };
});
