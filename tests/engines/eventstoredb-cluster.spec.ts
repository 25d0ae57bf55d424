import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EngineError, type Append } from '@tributary/kernel';
import { openEventStoreDB, type EventStoreDB } from '@tributary/eventstoredb';
import { startDouble, type Double } from '../eventstoredb-double/double.js';

/** Two nodes of one cluster, as far as clients see it: what the leader has, both have. */
let nodes: readonly [Double, Double];
let leader: Double;
let store: EventStoreDB;

beforeEach(async () => {
  const first = await startDouble(undefined, undefined, () => leader.gate.port);
  leader = first;
  nodes = [first, await startDouble(first.ledger, undefined, () => leader.gate.port)];
  const hosts = nodes.map(({ gate }) => `localhost:${gate.port}`).join(',');
  const url = `esdb://${hosts}?tls=false&discoveryInterval=50`;
  store = await openEventStoreDB({ url, answer_ms: 800, connect_ms: 2_000, readAttempts: 3 });
});
afterEach(async () => {
  await store.close();
  await Promise.all(nodes.map((node) => node.stop()));
});

const append = (stream: string): Append => ({
  stream,
  expectedRevision: -1,
  events: [{ id: randomUUID(), type: 'Happened', data: new Uint8Array(50), metadata: { recordedAt: 1 } }],
});

/** As a caller does: the same append, ids and all, until it is done. */
const insist = async (appends: readonly Append[], deadline_ms = 8_000): Promise<void> => {
  for (const end = Date.now() + deadline_ms; ;)
    try {
      return await store.events.append(appends);
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure === 'fatal' || Date.now() > end) throw error;
      await delay(50);
    }
};

it.each(['appends', 'reads'] as const)(
  'a leader that its cluster does not reach any more is left for the new one by %s, though it still answers',
  async (what) => {
    await insist([append('before-1')]);
    const [old, next] = nodes;
    leader = next;
    old.faults.next('cutOff', Infinity);
    if (what === 'reads') expect(await store.events.readStream('before-1', 0, 10)).toHaveLength(1);
    await insist([append('after-1'), append('after-2')]);
    expect(await store.events.readStream('after-1', 0, 10)).toHaveLength(1);
  },
);
