import { expect, it } from '@jest/globals';
import { memoryStore } from '@tributary/kernel/memory';
import { readPage } from './read-page.js';

/** Appends of so many events each, of one stream after the other, and how many of each stream a page holds. */
const pageOf = async (sizes: readonly number[], maxEvents: number): Promise<readonly string[]> => {
  const { events } = memoryStore();
  for (const [n, size] of sizes.entries())
    await events.append([
      {
        stream: `customer-${n}`,
        expectedRevision: -1,
        events: Array.from({ length: size }, (_, i) => ({
          id: `${n}-${i}`,
          type: 'CourseAdvanced',
          data: new Uint8Array(),
          metadata: { recordedAt: 0 },
        })),
      },
    ]);
  return (await readPage(events, -1, maxEvents)).map(({ stream }) => stream);
};

it.each([
  ['ends before an append that does not fit whole', [1, 3], 3, ['customer-0']],
  ['grows until the first append fits whole', [5, 9], 2, Array(5).fill('customer-0')],
  ['is all there is where all of it fits', [1, 2], 9, ['customer-0', 'customer-1', 'customer-1']],
  ['is empty at the head', [], 9, []],
])('a page %s', async (_what, sizes, maxEvents, streams) => {
  expect(await pageOf(sizes, maxEvents)).toEqual(streams);
});
