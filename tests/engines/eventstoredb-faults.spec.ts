import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EngineError, type Append, type NewEvent } from '@tributary/kernel';
import { openEventStoreDB, type EventStoreDB, type EventStoreDBOptions } from '@tributary/eventstoredb';
import { startDouble, type Double } from '../eventstoredb-double/double.js';

const event = (): NewEvent => ({
  id: randomUUID(),
  type: 'Happened',
  data: new Uint8Array(50),
  metadata: { recordedAt: 1_700_000_000_000 },
});
const append = (stream: string, count = 2): Append => ({
  stream,
  expectedRevision: -1,
  events: Array.from({ length: count }, event),
});

let double: Double;
const opened: EventStoreDB[] = [];
const open = async (options: Partial<EventStoreDBOptions> = {}): Promise<EventStoreDB> => {
  const store = await openEventStoreDB({
    url: double.url,
    answer_ms: 800,
    connect_ms: 300,
    readAttempts: 3,
    ...options,
  });
  opened.push(store);
  return store;
};
beforeEach(async () => {
  double = await startDouble();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await double.stop();
});

const outcome = (doing: Promise<void>): Promise<string> =>
  doing.then(
    () => 'done',
    (error: unknown) => (error instanceof EngineError ? error.failure : String(error)),
  );

/** As a caller does: the same append, ids and all, until it is done. */
const insist = async (store: EventStoreDB, appends: readonly Append[], deadline_ms = 15_000): Promise<void> => {
  for (const end = Date.now() + deadline_ms; ;) {
    const result = await outcome(store.events.append(appends));
    if (result === 'done') return;
    if (!['retriable', 'unknown'].includes(result) || Date.now() > end) throw new Error(result);
    await delay(50);
  }
};

const idsIn = (stream: string): readonly string[] => double.ledger.state(stream).records.map(({ id }) => id);

it.each(['silentAfterCommit', 'cutAfterCommit'] as const)(
  'an answer lost (%s) is read back: done, once',
  async (fault) => {
    const store = await open();
    await store.events.append([append('warm-1')]);
    double.faults.next(fault);
    const one = append('lost-1');
    await store.events.append([one]);
    await store.events.append([one]);
    expect(idsIn('lost-1')).toEqual(one.events.map(({ id }) => id));
  },
);

it('an answer lost to somebody who was second is a conflict', async () => {
  const [mine, theirs] = [await open(), await open()];
  await mine.events.append([append('warm-1')]);
  await theirs.events.append([append('race-1')]);
  double.faults.next('silentAfterCommit');
  await expect(mine.events.append([append('race-1')])).rejects.toMatchObject({ actual: 1, expected: -1 });
});

it.each(['cutBeforeCommit', 'timeout', 'busy'] as const)(
  'what did not arrive (%s) is retriable, and then done',
  async (fault) => {
    const store = await open();
    await store.events.append([append('warm-1')]);
    double.faults.next(fault);
    const one = append('absent-1');
    expect(await outcome(store.events.append([one]))).toBe('retriable');
    await insist(store, [one]);
    expect(idsIn('absent-1')).toEqual(one.events.map(({ id }) => id));
  },
);

it.each(['timeout', 'timeoutOfParts'] as const)(
  'the server’s own timeout (%s) is heard at once, however it names the append',
  async (fault) => {
    const store = await open({ answer_ms: 5_000 });
    await store.events.append([append('warm-1')]);
    const more_events = fault === 'timeoutOfParts' ? 5_000 : 2;
    // Ids differ in their signs and in how many zeros they begin with.
    for (let i = 0; i < 8; i++) {
      const late = append(`late-${i}`, more_events);
      double.faults.next(fault);
      const begun = Date.now();
      expect(await outcome(store.events.append([late]))).toBe('retriable');
      expect(Date.now() - begun).toBeLessThan(2_500);
      expect(idsIn(late.stream)).toEqual([]);
    }
  },
  30_000,
);

it('a read is made again while users cannot be looked up, so many times', async () => {
  const store = await open();
  await store.events.append([append('known-1')]);
  double.faults.next('usersAway');
  expect(await store.events.readStream('known-1', 0, 10)).toHaveLength(2);
  double.faults.next('usersAway', 100);
  await expect(store.events.readStream('known-1', 0, 10)).rejects.toMatchObject({ failure: 'retriable' });
});

it('where no event begins at the position up to which it was read, the store is said to be older, and waited for', async () => {
  const store = await open({ readAttempts: 1 });
  await store.events.append([append('one-1'), append('two-1')]);
  await expect(store.events.readAll((await store.events.head()) - 1, 10)).rejects.toMatchObject({
    failure: 'retriable',
    message: expect.stringMatching(/older .*restored from a backup.*docs\/guide\/running\.md/),
  });
});

it('a server that is stopped abandons what is open: a read is made again, an append is retriable', async () => {
  const store = await open();
  await store.events.append([append('known-1')]);
  double.faults.next('abandoned');
  expect(await store.events.readStream('known-1', 0, 10)).toHaveLength(2);
  const one = append('stopped-1');
  double.faults.next('abandoned');
  expect(await outcome(store.events.append([one]))).toBe('retriable');
  await insist(store, [one]);
  expect(idsIn('stopped-1')).toEqual(one.events.map(({ id }) => id));
});

it('a connection cut again and again under load: each append is there once, whole', async () => {
  const store = await open();
  const appends = Array.from({ length: 400 }, (_, i) => append(`load-${i}`));
  const cutting = setInterval(() => double.gate.cut(), 250);
  try {
    for (let i = 0; i < appends.length; i += 50) {
      double.faults.next('cutAfterCommit', 1);
      await insist(store, appends.slice(i, i + 50), 30_000);
      if (i === 300) clearInterval(cutting);
    }
  } finally {
    clearInterval(cutting);
  }
  for (const { stream, events } of appends) expect(idsIn(stream)).toEqual(events.map(({ id }) => id));
});

it('a node that is no leader any more: the leader is asked instead', async () => {
  const store = await open();
  await store.events.append([append('warm-1')]);
  const one = append('elected-1');
  double.faults.next('notLeader');
  expect(await outcome(store.events.append([one]))).toBe('retriable');
  await insist(store, [one]);
  double.faults.next('notLeader');
  expect(await store.events.readStream('elected-1', 0, 10)).toHaveLength(2);
});

it('one store’s broken connection is nothing to another in the same process', async () => {
  const [one, two] = [await open(), await open()];
  await one.events.append([append('warm-1')]);
  double.faults.latency_ms = 150;
  const slow = two.events.append([append('other-1')]);
  await delay(30);
  await one.close();
  await expect(slow).resolves.toBeUndefined();
});

it('a server that is away: retriable at once, and all goes on when it is back', async () => {
  const store = await open();
  const stop = new AbortController();
  const seen: string[] = [];
  const before = append('away-0');
  await store.events.append([before]);
  const done = store.follow(-1, {
    prefix: 'away-',
    signal: stop.signal,
    onEvents: async (events) => void seen.push(...events.map(({ id }) => id)),
  });
  await delay(100);
  await double.stop();
  const during = append('away-1');
  await delay(50);
  expect(await outcome(store.events.append([during]))).toBe('retriable');
  await expect(store.events.head()).rejects.toMatchObject({ failure: 'retriable' });
  await delay(3_000);
  await double.resume();
  const back = Date.now();
  await insist(store, [during]);
  expect(Date.now() - back).toBeLessThan(10_000);
  const after = append('away-2');
  await store.events.append([after]);
  const all = [before, during, after].flatMap(({ events }) => events.map(({ id }) => id));
  for (const end = Date.now() + 10_000; seen.length < all.length && Date.now() < end;) await delay(50);
  stop.abort();
  await done;
  expect(seen).toEqual(all);
});

it('half-open: the append is unknown within its deadlines, and all goes on afterwards', async () => {
  const store = await open({ url: `${double.url}&keepAliveInterval=1000&keepAliveTimeout=1000` });
  await store.events.append([append('warm-1')]);
  double.gate.freeze();
  const one = append('frozen-1');
  const begun = Date.now();
  expect(await outcome(store.events.append([one]))).toBe('unknown');
  expect(Date.now() - begun).toBeLessThan(8_000);
  await delay(1_500);
  double.gate.freeze(false);
  await insist(store, [one]);
  expect(idsIn('frozen-1')).toEqual(one.events.map(({ id }) => id));
});

it('a half-open connection is noticed and left while it stays so', async () => {
  const store = await open({ url: `${double.url}&keepAliveInterval=1000&keepAliveTimeout=1000` });
  await store.events.append([append('warm-1')]);
  double.gate.freezeStanding();
  const begun = Date.now();
  await insist(store, [append('left-1')]);
  expect(Date.now() - begun).toBeLessThan(8_000);
});

it('a slow server within the deadline is only slow', async () => {
  const store = await open({ answer_ms: 2_000 });
  double.faults.latency_ms = 300;
  const appends = Array.from({ length: 100 }, (_, i) => append(`slow-${i}`));
  await store.events.append(appends);
  for (const { stream } of appends) expect(idsIn(stream)).toHaveLength(2);
});

it('a follower whose last event is gone misses none after it', async () => {
  const store = await open();
  const [gone, kept] = [append('gone-1', 1), append('kept-1', 1)];
  await store.events.append([gone]);
  const after = await store.events.head();
  await store.events.append([kept]);
  double.ledger.delete('gone-1');
  double.ledger.scavenge();
  const stop = new AbortController();
  const seen: string[] = [];
  await store.follow(after, {
    signal: stop.signal,
    onEvents: async (events) => {
      seen.push(...events.map(({ id }) => id));
      stop.abort();
    },
  });
  expect(seen).toEqual(kept.events.map(({ id }) => id));
});

it.each(['checkpointNowhere', 'checkpointAtEnd', 'checkpointAhead'] as const)(
  'a follower that is told of a place where it cannot be (%s) misses nothing that comes after it',
  async (fault) => {
    const store = await open();
    if (fault === 'checkpointAtEnd') await store.events.append([append('before-1')]);
    double.faults.next(fault);
    const stop = new AbortController();
    const seen: string[] = [];
    const toldBefore: number[] = [];
    const done = store.follow(-1, {
      prefix: 'wanted-',
      signal: stop.signal,
      onEvents: async (events) => void seen.push(...events.map(({ id }) => id)),
      onCheckpoint: async (position) => void (seen.length === 0 && toldBefore.push(position)),
    });
    await delay(300);
    expect(seen).toEqual([]);
    const wanted = append('wanted-1');
    await store.events.append([wanted]);
    for (const end = Date.now() + 5_000; seen.length < 2 && Date.now() < end;) await delay(20);
    stop.abort();
    await done;
    expect(seen).toEqual(wanted.events.map(({ id }) => id));
    // Who goes on from what it was told before does not miss them either.
    const place = double.ledger.state('wanted-1').records[0]!.position;
    expect(toldBefore.filter((position) => position >= place)).toEqual([]);
  },
);

it('a follower that the server drops for being too slow goes on where it was', async () => {
  const store = await open();
  const stop = new AbortController();
  const seen: string[] = [];
  const done = store.follow(-1, {
    prefix: 'slow-',
    highWater: 2,
    signal: stop.signal,
    onEvents: async (events) => {
      await delay(20);
      seen.push(...events.map(({ id }) => id));
    },
  });
  await delay(200);
  const appends = Array.from({ length: 10 }, (_, i) => append(`slow-${i}`, 3));
  for (const one of appends) {
    double.faults.next('tooSlow');
    await store.events.append([one]);
  }
  const all = appends.flatMap(({ events }) => events.map(({ id }) => id));
  for (const end = Date.now() + 20_000; seen.length < all.length && Date.now() < end;) await delay(50);
  stop.abort();
  await done;
  expect(seen).toEqual(all);
});

it('a read by prefix is over with the last event that was asked for, though the server searches on', async () => {
  const store = await open({ search_ms: 20_000 });
  await store.events.append([append('wanted-1', 3), append('other-1', 3)]);
  double.faults.next('searchesOn', 2);
  const begun = Date.now();
  expect(await store.events.readAll(-1, 2, 'wanted-')).toHaveLength(2);
  expect(await store.events.head()).toBe(double.ledger.state('other-1').records.at(-1)!.position);
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect(double.faults.take('searchesOn')).toBe(false);
});

it('asks once whether the server is there', async () => {
  const store = await open();
  await store.ping();
  await store.events.append([append('any-1')]);
  await store.ping();
  await double.stop();
  await expect(store.ping()).rejects.toMatchObject({ failure: 'retriable' });
  await double.resume();
});
