import { describe, expect, it } from '@jest/globals';
import { type Consumption, type GoneRecords } from '@tributary/kernel';
import { Assignment } from './assignment.js';
import { PartitionClaim } from './partition-claim.js';
import { type Topics } from './topics.js';

const at = { topic: 't', partition: 0 };
const batch = (from: number, count: number, bytes = 10) => ({
  fetchedOffset: String(from),
  highWatermark: '1000000',
  lastOffset: () => String(from + count - 1),
  messages: Array.from({ length: count }, (_, i) => ({
    key: null,
    value: Buffer.alloc(bytes),
    timestamp: '1',
    offset: String(from + i),
  })),
});

const assigned = async (partitions = [at], startAt?: Consumption['startAt']) => {
  const said: string[] = [];
  const say =
    (what: string) =>
    (named: readonly { topic: string; partitions?: number[] }[]): void =>
      void said.push(`${what} ${named.map(({ partitions: [partition] = [] }) => partition).join()}`);
  const consumer = {
    pause: say('pause'),
    resume: say('resume'),
    seek: ({ partition, offset }: { partition: number; offset: string }) =>
      void said.push(`seek ${partition}@${offset}`),
  };
  const topics = {
    bindings: new Map(),
    inKafka: (name: string) => name,
    ranges: async () => [0, 1].map((partition) => ({ topic: 't', partition, begin: 5, end: 1_000_000 })),
    committedOf: async () => new Map([[0, 20]]),
  } as unknown as Topics;
  const gone: GoneRecords[] = [];
  const consumption: Consumption = {
    group: 'g',
    topics: ['t'],
    maxRecords: 100,
    onGone: (records) => void gone.push(records),
    onBatch: async () => {},
    ...(startAt && { startAt }),
  };
  const assignment = new Assignment(consumer, topics, consumption, 3 * 1024 * 1024);
  const claims = assignment.take(partitions);
  const unknown = await assignment.place(claims);
  return { assignment, claims, said, gone, unknown };
};

describe('the partitions of a member', () => {
  it('are fetched only when it is known where to begin: where the group was, or the log begins', async () => {
    const { said, gone } = await assigned([at, { ...at, partition: 1 }]);
    expect(said).toEqual(['pause 0', 'pause 1', 'seek 0@20', 'resume 0', 'seek 1@5', 'resume 1']);
    // Of the other the log has dropped the beginning before anybody read it.
    expect(gone).toEqual([{ topic: 't', partition: 1, from: 0, to: 5 }]);
  });

  it('are known to have been read as far as the sink says, where Kafka has forgotten it', async () => {
    const { claims, unknown } = await assigned(
      [at, { ...at, partition: 1 }],
      async ({ partition }) => [20, 7][partition],
    );
    expect(unknown).toEqual(new Map([[claims[1], 7]]));
  });

  it('take no batch that would leave a hole: the right one is fetched again', async () => {
    const { assignment, claims, said } = await assigned();
    expect(assignment.fetched(at, batch(20, 10))).toBe('taken');
    expect(assignment.fetched(at, batch(500, 10))).toBeInstanceOf(PartitionClaim);
    expect(assignment.fetched(at, batch(510, 10))).toBe('dropped');
    await assignment.place(claims);
    expect(said.slice(-3)).toEqual(['pause 0', 'seek 0@30', 'resume 0']);
    expect(assignment.fetched(at, batch(30, 10))).toBe('taken');
  });

  it('follow the client over what holds nothing to see', async () => {
    const { assignment } = await assigned();
    assignment.skipped(at, 39);
    expect(assignment.fetched(at, batch(40, 1))).toBe('taken');
  });

  it('are fetched no further while much waits, and again when it was handled', async () => {
    const { assignment, claims, said } = await assigned();
    for (let i = 0; i < 3; i++) assignment.fetched(at, batch(20 + i * 100, 100, 10_000));
    expect(said.at(-1)).toBe('pause 0');
    let handled = 0;
    const following = claims[0]!.follow(
      async () => {},
      async () => {
        if (++handled === 3) claims[0]!.leave();
      },
      () => assignment.balance(),
    );
    await following;
    expect(said.at(-1)).toBe('resume 0');
  });

  it('share one bound on all that waits', async () => {
    const other = { ...at, partition: 1 };
    const { assignment, said } = await assigned([at, other]);
    assignment.fetched(at, batch(20, 100, 18_000));
    assignment.fetched(other, batch(5, 100, 18_000));
    expect(said.slice(-2)).toEqual(['pause 0', 'pause 1']);
  });

  it('are nobody’s once they are lost', async () => {
    const { assignment } = await assigned();
    assignment.lose();
    expect(assignment.fetched(at, batch(20, 10))).toBe('dropped');
  });
});
