import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import { type NewEvent, type RecordedEvent } from '@tributary/kernel';
import { openEventStoreDB, type EventStoreDB } from '@tributary/eventstoredb';
import { start, type EventStoreForTests } from '../eventstoredb-double/start.js';

const event = (data = 'x'): NewEvent => ({
  id: randomUUID(),
  type: 'Happened',
  data: new TextEncoder().encode(data),
  metadata: { recordedAt: 1_700_000_000_000 },
});
const run = randomUUID().slice(0, 8);
let made = 0;
const fresh = (): string => `esdb${run}-${++made}`;

let server: EventStoreForTests;
let store: EventStoreDB;
let admin: EventStoreDBClient;
beforeAll(async () => {
  server = await start();
  admin = EventStoreDBClient.connectionString(server.url);
});
afterAll(async () => {
  await admin.dispose();
  await server.stop();
});
beforeEach(async () => {
  store = await openEventStoreDB({ url: server.url });
});
afterEach(() => store.close());

const revisions = async (stream: string, from = 0): Promise<readonly number[]> =>
  (await store.events.readStream(stream, from, 100)).map(({ revision }) => revision);
const write = (stream: string, expectedRevision: number, events: readonly NewEvent[]) =>
  store.events.append([{ stream, expectedRevision, events }]);

describe('a stream that is not whole', () => {
  it('gives what truncation left, and takes more after it', async () => {
    const stream = fresh();
    await write(stream, -1, [event(), event(), event(), event()]);
    await admin.setStreamMetadata(stream, { truncateBefore: 2 });
    expect(await revisions(stream)).toEqual([2, 3]);
    expect(await revisions(stream, 3)).toEqual([3]);
    await write(stream, 3, [event()]);
    expect(await revisions(stream)).toEqual([2, 3, 4]);
  });

  it('gives what a maximum count left', async () => {
    const stream = fresh();
    await write(stream, -1, [event(), event(), event()]);
    await admin.setStreamMetadata(stream, { maxCount: 2 });
    expect(await revisions(stream)).toEqual([1, 2]);
    await write(stream, 2, [event()]);
    expect(await revisions(stream)).toEqual([2, 3]);
  });

  it('is empty when it was deleted, begins anew at -1, and goes on with its revisions', async () => {
    const stream = fresh();
    await write(stream, -1, [event(), event()]);
    await admin.deleteStream(stream);
    expect(await revisions(stream)).toEqual([]);
    const again = [event(), event()];
    await write(stream, -1, again);
    // The server writes the events first, then that the stream is back.
    for (let looks = 0; looks < 50 && (await revisions(stream)).length === 0; looks++) await delay(20);
    expect(await revisions(stream)).toEqual([2, 3]);
    // The same append once more is found where it went, which is not where its expected revision says.
    await write(stream, -1, again);
    expect(await revisions(stream)).toEqual([2, 3]);
    await expect(write(stream, -1, [event()])).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 3 });
  });

  it('takes nothing more when it was tombstoned, which is said plainly, and is read as empty', async () => {
    const stream = fresh();
    await write(stream, -1, [event()]);
    await admin.tombstoneStream(stream);
    expect(await revisions(stream)).toEqual([]);
    for (const expected of [-1, 0])
      await expect(write(stream, expected, [event()])).rejects.toMatchObject({ failure: 'fatal' });
    const head = await store.events.head();
    expect(Number.isSafeInteger(head)).toBe(true);
  });
});

describe('an append', () => {
  it('counts as done when it is made again after others followed', async () => {
    const stream = fresh();
    const first = [event(), event()];
    await write(stream, -1, first);
    await write(stream, 1, [event()]);
    await write(stream, -1, first);
    expect(await revisions(stream)).toEqual([0, 1, 2]);
  });

  it('that is too large is refused, before it is sent or by the server', async () => {
    const stream = fresh();
    const large = [event('x'.repeat(700_000)), event('x'.repeat(700_000))];
    await expect(write(stream, -1, large)).rejects.toMatchObject({ failure: 'fatal' });
    const generous = await openEventStoreDB({ url: server.url, maxAppend_bytes: 4_000_000 });
    await expect(generous.events.append([{ stream, expectedRevision: -1, events: large }])).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringContaining('1048576') as unknown,
    });
    await generous.close();
    expect(await revisions(stream)).toEqual([]);
    await write(stream, -1, [event('x'.repeat(1_000_000))]);
    expect(await revisions(stream)).toEqual([0]);
  });

  it('may hold more on the wire than one message', async () => {
    const stream = fresh();
    const many = Array.from({ length: 12_000 }, () => event(''));
    await write(stream, -1, many);
    const read = await store.events.readStream(stream, 0, 20_000);
    expect(read.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  });
});

describe('all events', () => {
  it('leave out those of the server, also where there is nothing else', async () => {
    const stream = fresh();
    await write(stream, -1, [event()]);
    const head = await store.events.head();
    for (let i = 0; i < 20; i++) await admin.setStreamMetadata(stream, { maxCount: 100 + i });
    const after = await store.events.readAll(head, 5);
    expect(after.filter(({ stream: s, type }) => s.startsWith('$') || type.startsWith('$'))).toEqual([]);
    await write(stream, 0, [event()]);
    expect((await store.events.readAll(head, 100, stream)).map(({ revision }) => revision)).toEqual([1]);
    expect(await store.events.readAll(head, 100, '$')).toEqual([]);
  });

  it('pass over tombstones, also where a page holds nothing else', async () => {
    const category = `tomb${run}`;
    for (let i = 0; i < 5; i++) await write(`${category}-${i}`, -1, [event()]);
    const head = await store.events.head();
    for (let i = 0; i < 5; i++) await admin.tombstoneStream(`${category}-${i}`);
    if (server.double) expect(await store.events.head()).toBe(head);
    await write(`${category}-kept`, -1, [event()]);
    const read = await store.events.readAll(head, 1, `${category}-`);
    expect(read.map(({ stream }) => stream)).toEqual([`${category}-kept`]);
  });
});

describe('following', () => {
  const following = (
    after: number,
    prefix: string,
    want: number,
    more: { pause_ms?: number; highWater?: number } = {},
  ) => {
    const seen: RecordedEvent[] = [];
    const sizes: number[] = [];
    const checkpoints: number[] = [];
    const stop = new AbortController();
    const done = store.follow(after, {
      prefix,
      highWater: more.highWater ?? 16,
      signal: stop.signal,
      onEvents: async (events) => {
        if (more.pause_ms) await new Promise((resolve) => setTimeout(resolve, more.pause_ms));
        seen.push(...events);
        sizes.push(events.length);
        if (seen.length >= want) stop.abort();
      },
      onCheckpoint: async (position) => void checkpoints.push(position),
    });
    return { seen, sizes, checkpoints, stop, done };
  };

  it('gives what is there and what comes, in order, each once, in bounded batches', async () => {
    const category = `follow${run}${++made}`;
    const before = await store.events.head();
    for (let i = 0; i < 20; i++)
      await store.events.append([{ stream: `${category}-${i}`, expectedRevision: -1, events: [event(), event()] }]);
    await write(fresh(), -1, [event()]);
    const reader = following(before, `${category}-`, 60, { pause_ms: 5 });
    for (let i = 0; i < 10; i++) await write(`${category}-${i}`, 1, [event(), event()]);
    await reader.done;
    expect(reader.seen).toEqual(await store.events.readAll(before, 1000, `${category}-`));
    expect(Math.max(...reader.sizes)).toBeLessThanOrEqual(16);
    expect(Math.max(...reader.sizes)).toBeGreaterThan(1);
    expect(reader.checkpoints).toEqual([...reader.checkpoints].sort((a, b) => a - b));
    const again = following(reader.seen[9]!.position, `${category}-`, 50);
    await again.done;
    expect(again.seen).toEqual(reader.seen.slice(10));
  });

  it('ends with what the reader throws', async () => {
    const stream = fresh();
    const before = await store.events.head();
    await write(stream, -1, [event()]);
    const done = store.follow(before, {
      prefix: stream,
      signal: new AbortController().signal,
      onEvents: () => Promise.reject(new Error('a bug')),
    });
    await expect(done).rejects.toThrow('a bug');
  });

  it('says how far it is where nothing is ours, from where one can go on', async () => {
    const stream = fresh();
    // Three times what a server looks at in one go: of the places that it names, the last is not trusted yet.
    for (let i = 0; i < 5; i++)
      await write(
        `${stream}-${i}`,
        -1,
        Array.from({ length: 3_000 }, () => event('')),
      );
    const stop = new AbortController();
    const checkpoints: number[] = [];
    const done = store.follow(-1, {
      prefix: `nothing${run}`,
      signal: stop.signal,
      onEvents: async () => undefined,
      onCheckpoint: async (position) => {
        checkpoints.push(position);
        // A server says where the page began that it looked at: first of all, at the beginning.
        if (position > 0) stop.abort();
      },
    });
    await done;
    expect(checkpoints.at(-1)).toBeGreaterThan(0);
    expect(checkpoints.at(-1)).toBeLessThanOrEqual(await store.events.head());
    expect(checkpoints).toEqual([...checkpoints].sort((a, b) => a - b));
    const [next] = await store.events.readAll(checkpoints.at(-1)!, 1, `${stream}-`);
    const onwards = following(checkpoints.at(-1)!, `${stream}-`, 1);
    await onwards.done;
    expect(onwards.seen[0]).toEqual(next);
  });
});
