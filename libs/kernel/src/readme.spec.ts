import { expect, it } from '@jest/globals';
// region example
import { WrongExpectedRevision } from './index.js';
import { memoryStore } from './memory/memory-store.js';

const { events } = memoryStore();
const said = (id: string) => ({ id, type: 'Said', data: new Uint8Array(), metadata: { recordedAt: 0 } });

await events.append([{ stream: 'talk-1', expectedRevision: -1, events: [said('a')] }]);
// The very same again counts as done; something else at that place is a conflict.
await events.append([{ stream: 'talk-1', expectedRevision: -1, events: [said('a')] }]);
const conflict = await events
  .append([{ stream: 'talk-1', expectedRevision: -1, events: [said('b')] }])
  .catch((error: unknown) => error instanceof WrongExpectedRevision);
// endregion

it('does what the README shows', async () => {
  expect(conflict).toBe(true);
  expect(await events.readStream('talk-1', 0, 10)).toHaveLength(1);
});
