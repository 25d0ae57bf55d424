import { describe, expect, test } from '@jest/globals';
import { CustomerId, type Log, type PartitionRange, type StoredRecord, type TopicPartition } from '@tributary/kernel';
import { FeedPositionExpired, InvalidPosition, PositionNotOfFeed } from '../errors.js';
import { type ProfileEventMessage } from './cloud-event.js';
import { beginAt, type FeedEvent, readFeed } from './read-feed.js';

const A = CustomerId(`c_${'a'.repeat(32)}`);
const B = CustomerId(`c_${'b'.repeat(32)}`);

/** The reading half of a log, in memory. */
class MemoryFeed {
  readonly #partitions: StoredRecord[][];
  readonly #begins: number[];
  readonly #ends: number[];
  #sequence = 0;

  constructor(partitions = 1) {
    this.#partitions = Array.from({ length: partitions }, () => []);
    this.#begins = this.#partitions.map(() => 0);
    this.#ends = this.#partitions.map(() => 0);
  }

  get log(): Log {
    return this as unknown as Log;
  }

  publish(
    customerId: CustomerId,
    type: ProfileEventMessage['type'] = 'tributary.profile.updated.v1',
    partition = 0,
    data: ProfileEventMessage['data'] = {},
  ): void {
    this.#sequence += 1;
    const message: ProfileEventMessage = {
      id: `e${this.#sequence}`,
      type,
      customerId,
      at: '2026-01-01T00:00:00.000Z',
      sequence: this.#sequence,
      data,
    };
    const offset = this.#ends[partition] ?? 0;
    this.#ends[partition] = offset + 1;
    this.#partitions[partition]?.push({
      key: customerId,
      value: Buffer.from(JSON.stringify(message)),
      timestamp_ms: 0,
      offset,
    });
  }

  async truncate({ partition }: TopicPartition, before: number): Promise<void> {
    this.#partitions[partition] = (this.#partitions[partition] ?? []).filter(({ offset }) => offset >= before);
    this.#begins[partition] = before;
  }

  async read({ partition }: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]> {
    return (this.#partitions[partition] ?? []).filter(({ offset }) => offset >= from).slice(0, maxRecords);
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    return this.#begins.map((begin, partition) => ({ topic, partition, begin, end: this.#ends[partition] as number }));
  }
}

const ids = (events: readonly FeedEvent[]): string[] => events.map(({ event }) => event.id);

describe('a page of the feed', () => {
  test('ends when there is much in it, and the next goes on: each message once, of each partition', async () => {
    const feed = new MemoryFeed(2);
    const said = 'x'.repeat(100_000);
    for (let i = 0; i < 120; i++) feed.publish(A, 'tributary.course.revised.v1', i % 2, { said });
    const told: string[] = [];
    let from: string = 'beginning';
    for (let pages = 1; ; pages++) {
      const page = await readFeed({ log: feed.log, from, limit: 1_000 });
      expect(page.events.length * said.length).toBeLessThan(9 * 1024 * 1024);
      if (pages === 1) expect(new Set(page.events.map(({ event }) => Number(event.id.slice(1)) % 2)).size).toBe(2);
      told.push(...ids(page.events));
      from = page.next;
      if (page.atEnd) break;
    }
    expect(new Set(told).size).toBe(120);
    expect(told).toHaveLength(120);
  });

  test('holds CloudEvents, and its positions go on where it ended', async () => {
    const feed = new MemoryFeed();
    for (let i = 0; i < 5; i++) feed.publish(i % 2 ? B : A);
    const first = await readFeed({ log: feed.log, limit: 2 });
    expect(first.events[0]).toEqual({
      position: '0:0',
      event: {
        specversion: '1.0',
        id: 'e1',
        source: '/tributary',
        type: 'tributary.profile.updated.v1',
        subject: A,
        time: '2026-01-01T00:00:00.000Z',
        datacontenttype: 'application/json',
        partitionkey: A,
        sequence: '0000000000000001',
        data: {},
      },
    });
    expect(first).toMatchObject({ next: '0:1', atEnd: false });
    const second = await readFeed({ log: feed.log, from: first.next, limit: 10 });
    expect(ids(second.events)).toEqual(['e3', 'e4', 'e5']);
    expect(second).toMatchObject({ next: '0:4', atEnd: true });
  });

  test('is filtered by type and customer, and its position moves on over the others', async () => {
    const feed = new MemoryFeed();
    feed.publish(A, 'tributary.stage.entered.v1');
    feed.publish(B);
    feed.publish(B, 'tributary.stage.entered.v1');
    feed.publish(A);
    const page = await readFeed({ log: feed.log, types: ['tributary.stage.entered.v1'], customerId: B, limit: 10 });
    expect(ids(page.events)).toEqual(['e3']);
    expect(page.next).toBe('0:3');
  });

  test('of a customer tells also that another takes it in, or lets it go', async () => {
    const feed = new MemoryFeed();
    feed.publish(B);
    feed.publish(A, 'tributary.customer.linked.v1', 0, { absorbed: [B] });
    feed.publish(A, 'tributary.customer.linked.v1', 0, { absorbed: [] });
    feed.publish(A);
    feed.publish(A, 'tributary.customer.released.v1', 0, { released: [{ customerId: B, subjects: [] }] });
    expect(ids((await readFeed({ log: feed.log, customerId: B, limit: 10 })).events)).toEqual(['e1', 'e2', 'e5']);
  });

  test('of several partitions gives each its share and misses nothing', async () => {
    const feed = new MemoryFeed(3);
    for (let i = 0; i < 30; i++) feed.publish(A, 'tributary.profile.updated.v1', i % 3);
    const seen: string[] = [];
    for (let from = 'beginning'; ;) {
      const page = await readFeed({ log: feed.log, from, limit: 7 });
      seen.push(...ids(page.events));
      if (page.atEnd) break;
      // Going on from any single event is as good as going on from the page.
      from = page.events.at(-1)?.position ?? page.next;
    }
    expect(seen).toHaveLength(30);
    expect(new Set(seen).size).toBe(30);
  });

  test('refuses a position that is none, and one whose sequel is gone', async () => {
    const feed = new MemoryFeed();
    for (let i = 0; i < 5; i++) feed.publish(A);
    await feed.truncate({ topic: '', partition: 0 }, 3);
    for (const from of ['', 'x', '0', '0:', '0:1;1:2', '-1:0', '0:-2'])
      await expect(readFeed({ log: feed.log, from, limit: 1 })).rejects.toThrow(InvalidPosition);
    const refusal = await readFeed({ log: feed.log, from: '0:0', limit: 1 }).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(FeedPositionExpired);
    expect((refusal as FeedPositionExpired).oldest).toBe('0:2');
    expect(ids((await readFeed({ log: feed.log, from: '0:2', limit: 1 })).events)).toEqual(['e4']);
    expect(ids((await readFeed({ log: feed.log, from: 'beginning', limit: 1 })).events)).toEqual(['e4']);
  });

  test('tells a reader that retention has overtaken it', async () => {
    const feed = new MemoryFeed();
    for (let i = 0; i < 2_000; i++) feed.publish(A);
    const read = feed.read.bind(feed);
    feed.read = async (at, from, maxRecords) => {
      const records = await read(at, from, maxRecords);
      await feed.truncate(at, 1_500);
      return records;
    };
    await expect(readFeed({ log: feed.log, customerId: B, limit: 1 })).rejects.toThrow(FeedPositionExpired);
  });
});

describe('where a follower begins', () => {
  test('is no position that the feed cannot have given out: it is refused, and told where the feed ends', async () => {
    const feed = new MemoryFeed(2);
    for (let i = 0; i < 5; i++) feed.publish(A);
    for (const from of ['0:5', '0:999999', '9:1', '0:4,2:0', '1:0']) {
      const refusal = await beginAt(feed.log, from).catch((thrown: unknown) => thrown);
      expect(refusal).toBeInstanceOf(PositionNotOfFeed);
      expect((refusal as PositionNotOfFeed).end).toBe('0:4,1:-1');
    }
    const begun: readonly (readonly [string, readonly number[]])[] = [
      ['0:4', [5, 0]],
      ['0:-1', [0, 0]],
      ['0:4,1:-1', [5, 0]],
      ['1:-1', [0, 0]],
      ['beginning', [0, 0]],
      ['end', [5, 0]],
    ];
    for (const [from, next] of begun) expect([...(await beginAt(feed.log, from)).values()]).toEqual(next);
  });

  test('is behind a message that was seen also where the end is known late', async () => {
    const feed = new MemoryFeed();
    for (let i = 0; i < 5; i++) feed.publish(A);
    const late = Object.assign(Object.create(feed.log) as Log, {
      read: feed.log.read.bind(feed.log),
      partitions: async (topic: string) => (await feed.log.partitions(topic)).map((range) => ({ ...range, end: 2 })),
    });
    expect((await beginAt(late, '0:4')).get(0)).toBe(5);
    await expect(beginAt(late, '0:5')).rejects.toThrow(PositionNotOfFeed);
  });
});
