import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { type ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Log } from '@tributary/kernel';
import { FeedPages } from './feed-pages.js';
import { FeedWatch } from './feed-watch.js';
import { subscribe } from './subscription.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A reader that takes nothing, ever. */
class Stalled extends EventEmitter {
  readonly leaving = new AbortController();
  write = () => false;
  destroy = () => void this.leaving.abort();
}

const message = { id: 'e', type: 'tributary.profile.updated.v1', customerId: 'c_0', at: '', sequence: 1, data: {} };
const feed = {
  partitions: async (topic: string) => [{ topic, partition: 0, begin: 0, end: 1 }],
  read: async (_at: unknown, from: number) =>
    from > 0 ? [] : [{ key: null, offset: 0, timestamp_ms: 0, value: Buffer.from(JSON.stringify(message)) }],
} as unknown as Log;

test('a reader that takes nothing is let go, also where the heap is swept meanwhile', async () => {
  const reader = new Stalled();
  let stalled = 0;
  const subscription = subscribe(reader as unknown as ServerResponse, {
    pages: new FeedPages(feed),
    watch: new FeedWatch(feed, 10),
    from: '0:-1',
    filter: {},
    heartbeat_ms: 1_000,
    stalled_ms: 300,
    onStalled: () => (stalled += 1),
    signal: reader.leaving.signal,
  });
  for (let i = 0; i < 10; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await subscription;
  expect(reader.leaving.signal.aborted).toBe(true);
  expect(stalled).toBe(1);
});
