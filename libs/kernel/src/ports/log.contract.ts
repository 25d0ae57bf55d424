import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Consumption, type Log, type LogBatch, type LogRecord, type StoredRecord } from './log.js';

export interface LogUnderTest {
  readonly log: Log;
  /** Closes the engine and opens it anew over the same data; absent: the engine outlives its client. */
  reopen?(): Promise<Log>;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new Uint8Array(new TextEncoder().encode(text));
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const record = (key: string | null, value: string | Uint8Array, timestamp_ms = 1_700_000_000_000): LogRecord => ({
  key,
  value: typeof value === 'string' ? bytes(value) : value,
  timestamp_ms,
});
const numbered = (count: number, keys: number): LogRecord[] =>
  Array.from({ length: count }, (_, i) => record(`key-${i % keys}`, `${i}`));

const pause = (time_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, time_ms));
const until = async (holds: () => boolean | Promise<boolean>, patience_ms = 20_000): Promise<void> => {
  for (const end = performance.now() + patience_ms; !(await holds()); await pause(5))
    if (performance.now() > end) throw new Error(`not within ${patience_ms} ms: ${holds.toString()}`);
};

/** Whatever calls itself a log passes this: Kafka's promises, no more. Topics are the suite's own, by their names. */
export const logContract = (name: string, make: () => Promise<LogUnderTest>): void => {
  describe(`${name} keeps the log's contract`, () => {
    let under: LogUnderTest;
    let log: Log;
    let count = 0;
    const run = Math.random().toString(36).slice(2, 8);
    /** Engines that live on between tests must not meet a name twice. */
    const fresh = async (partitions: number): Promise<string> => {
      const topic = `contract-${run}-${++count}`;
      await log.ensureTopics([{ name: topic, partitions }]);
      return topic;
    };
    const all = async (topic: string): Promise<StoredRecord[][]> => {
      const ranges = await log.partitions(topic);
      return Promise.all(
        ranges.map(async ({ partition, begin, end }) => {
          const records: StoredRecord[] = [];
          for (let from = begin; from < end;) {
            const read = await log.read({ topic, partition }, from, 1000);
            if (read.length === 0) break;
            records.push(...read);
            from = read.at(-1)!.offset + 1;
          }
          return records;
        }),
      );
    };
    const consume = (topic: string, more: Partial<Consumption> & Pick<Consumption, 'onBatch'>) =>
      log.consume({ group: `group-${topic}`, topics: [topic], maxRecords: 100, ...more });

    beforeEach(async () => {
      under = await make();
      log = under.log;
    });
    afterEach(() => under.close());

    describe('topics', () => {
      it('have the partitions they were made with, empty at first', async () => {
        const topic = await fresh(3);
        const ranges = await log.partitions(topic);
        expect(ranges.map(({ partition, begin, end }) => [partition, end - begin])).toEqual([
          [0, 0],
          [1, 0],
          [2, 0],
        ]);
        expect(ranges.every((range) => range.topic === topic)).toBe(true);
      });

      it('are made once: asking again changes nothing', async () => {
        const topic = await fresh(2);
        await log.append([{ topic, records: [record('a', 'kept')] }]);
        await log.ensureTopics([{ name: topic, partitions: 2 }]);
        expect((await all(topic)).flat().map(({ value }) => text(value))).toEqual(['kept']);
        expect(await log.partitions(topic)).toHaveLength(2);
      });
    });

    describe('records', () => {
      it('come back whole: key, value and timestamp', async () => {
        const topic = await fresh(1);
        const every = Uint8Array.from({ length: 256 }, (_, i) => i);
        const records = [
          record('plain', 'value', 1),
          record(null, 'no key', 1_700_000_000_123),
          record('bytes', every),
          record('zeros', new Uint8Array(5)),
          record('empty', new Uint8Array(0)),
          record('客户-😀-é', '值'),
          record('long'.repeat(500), 'long key'),
        ];
        await log.append([{ topic, records }]);
        const read = (await all(topic)).flat();
        expect(read.map(({ key, timestamp_ms, value }) => ({ key, timestamp_ms, value: [...value] }))).toEqual(
          records.map(({ key, timestamp_ms, value }) => ({ key, timestamp_ms, value: [...value] })),
        );
      });

      it('of one key share a partition and keep their order, within a call and from call to call', async () => {
        const topic = await fresh(4);
        for (let call = 0; call < 5; call++)
          await log.append([{ topic, records: numbered(40, 8).map((r) => ({ ...r, value: bytes(`${call}`) })) }]);
        const partitions = await all(topic);
        for (let k = 0; k < 8; k++) {
          const holding = partitions.filter((records) => records.some(({ key }) => key === `key-${k}`));
          expect(holding).toHaveLength(1);
          const calls = holding[0]!.filter(({ key }) => key === `key-${k}`).map(({ value }) => Number(text(value)));
          expect(calls).toEqual([...calls].sort());
          expect(calls).toHaveLength(25);
        }
      });

      it('have offsets that rise within the partition, from `begin` to below `end`', async () => {
        const topic = await fresh(2);
        await log.append([{ topic, records: numbered(50, 10) }]);
        await log.append([{ topic, records: numbered(50, 10) }]);
        const ranges = await log.partitions(topic);
        (await all(topic)).forEach((records, partition) => {
          const offsets = records.map(({ offset }) => offset);
          expect(offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]!)).toBe(true);
          expect(offsets[0] ?? 0).toBeGreaterThanOrEqual(ranges[partition]!.begin);
          expect(offsets.at(-1) ?? -1).toBeLessThan(ranges[partition]!.end);
        });
      });

      it('of different keys spread over the partitions', async () => {
        const topic = await fresh(4);
        await log.append([{ topic, records: numbered(400, 400) }]);
        for (const records of await all(topic)) expect(records.length).toBeGreaterThan(40);
      });

      it('go to several topics in one call', async () => {
        const [a, b] = [await fresh(1), await fresh(2)];
        await log.append([
          { topic: a, records: [record('x', 'in a')] },
          { topic: b, records: [record('x', 'in b'), record('y', 'in b')] },
          { topic: a, records: [] },
        ]);
        await log.append([]);
        expect((await all(a)).flat()).toHaveLength(1);
        expect((await all(b)).flat()).toHaveLength(2);
      });

      it('of concurrent appends are all there, once', async () => {
        const topic = await fresh(3);
        await Promise.all(
          Array.from({ length: 30 }, (_, call) =>
            log.append([{ topic, records: Array.from({ length: 20 }, (_, i) => record(`k${i}`, `${call}/${i}`)) }]),
          ),
        );
        const values = (await all(topic)).flat().map(({ value }) => text(value));
        expect(values).toHaveLength(600);
        expect(new Set(values).size).toBe(600);
      });

      it('may be ten thousand in a call, and large', async () => {
        const topic = await fresh(4);
        await log.append([{ topic, records: numbered(10_000, 500) }]);
        const large = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7) % 251);
        await log.append([{ topic, records: [record('large', large), record('large', 'after')] }]);
        const records = (await all(topic)).flat();
        expect(records).toHaveLength(10_002);
        const big = records.find(({ value }) => value.length === large.length)!;
        expect(Buffer.compare(big.value, large)).toBe(0);
      });

      it('outlive the engine that took them', async () => {
        const topic = await fresh(2);
        await log.append([{ topic, records: numbered(500, 20) }]);
        const before = await all(topic);
        if (under.reopen) log = await under.reopen();
        expect(await all(topic)).toEqual(before);
        await log.append([{ topic, records: [record('key-1', 'after')] }]);
        expect((await all(topic)).flat()).toHaveLength(501);
      });
    });

    describe('a read', () => {
      it('answers at most so many, from the offset asked for on', async () => {
        const topic = await fresh(1);
        for (let call = 0; call < 4; call++) await log.append([{ topic, records: numbered(25, 5) }]);
        const at = { topic, partition: 0 };
        const whole = await log.read(at, 0, 1000);
        expect(whole).toHaveLength(100);
        for (const from of [0, 1, 24, 25, 26, 60, 99]) {
          const read = await log.read(at, whole[from]!.offset, 30);
          expect(read.length).toBeGreaterThan(0);
          expect(read).toEqual(whole.slice(from, from + read.length));
          expect(read.length).toBeLessThanOrEqual(30);
        }
        expect(await log.read(at, whole[7]!.offset, 1)).toEqual([whole[7]]);
      });

      it('is empty at the end and beyond', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        expect(await log.read(at, 0, 10)).toEqual([]);
        await log.append([{ topic, records: numbered(3, 1) }]);
        const { end } = (await log.partitions(topic))[0]!;
        expect(await log.read(at, end, 10)).toEqual([]);
      });
    });

    describe('truncation', () => {
      it('drops what lies before, keeps what does not, and moves `begin`', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        await log.append([{ topic, records: numbered(50, 5) }]);
        await log.append([{ topic, records: numbered(50, 5) }]);
        const whole = await log.read(at, 0, 1000);
        for (const cut of [10, 50, 75]) {
          await log.truncate(at, whole[cut]!.offset);
          expect(await log.read(at, 0, 1000)).toEqual(whole.slice(cut));
          expect((await log.partitions(topic))[0]!.begin).toBe(whole[cut]!.offset);
        }
      });

      it('of everything leaves the next offset where it was', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        await log.append([{ topic, records: numbered(20, 5) }]);
        const { end } = (await log.partitions(topic))[0]!;
        await log.truncate(at, end);
        expect(await log.read(at, 0, 10)).toEqual([]);
        if (under.reopen) log = await under.reopen();
        await log.append([{ topic, records: [record('a', 'next')] }]);
        const read = await log.read(at, 0, 10);
        expect(read.map(({ value }) => text(value))).toEqual(['next']);
        expect(read[0]!.offset).toBeGreaterThanOrEqual(end);
      });
    });

    describe('a consumption', () => {
      it('delivers every record of every partition, in order, in bounded batches', async () => {
        const topic = await fresh(3);
        await log.append([{ topic, records: numbered(1000, 30) }]);
        const batches: LogBatch[] = [];
        const running = consume(topic, { onBatch: async (batch) => void batches.push(batch) });
        await until(() => batches.reduce((sum, { records }) => sum + records.length, 0) >= 1000);
        await running.stop();
        await running.done;
        const stored = await all(topic);
        for (const partition of [0, 1, 2]) {
          const own = batches.filter((batch) => batch.partition === partition);
          expect(own.flatMap(({ records }) => records)).toEqual(stored[partition]);
          expect(own.every(({ records }) => records.length > 0 && records.length <= 100)).toBe(true);
          expect(own.every((batch) => batch.topic === topic && batch.end > batch.records.at(-1)!.offset)).toBe(true);
        }
      });

      it('hears of what is appended while it runs', async () => {
        const topic = await fresh(2);
        const values: string[] = [];
        const running = consume(topic, {
          onBatch: async ({ records }) => void values.push(...records.map(({ value }) => text(value))),
        });
        for (let i = 0; i < 5; i++) {
          await log.append([{ topic, records: [record(`k${i}`, `${i}`)] }]);
          await until(() => values.includes(`${i}`));
        }
        await running.stop();
        expect([...values].sort()).toEqual(['0', '1', '2', '3', '4']);
      });

      it('has one batch at a time in hand per partition, and waits for its handler', async () => {
        const topic = await fresh(2);
        await log.append([{ topic, records: numbered(200, 20) }]);
        const inHand = new Map<number, number>();
        let most = 0;
        let records = 0;
        const running = consume(topic, {
          maxRecords: 10,
          onBatch: async (batch) => {
            const now = (inHand.get(batch.partition) ?? 0) + 1;
            inHand.set(batch.partition, now);
            most = Math.max(most, now);
            await pause(2);
            inHand.set(batch.partition, now - 1);
            records += batch.records.length;
          },
        });
        await until(() => records === 200);
        await running.stop();
        expect(most).toBe(1);
      });

      it('goes on from the committed offset', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        expect(await log.committed(`group-${topic}`, at)).toBeUndefined();
        await log.append([{ topic, records: numbered(30, 3) }]);
        let first = 0;
        const before = consume(topic, { onBatch: async ({ records }) => void (first += records.length) });
        await until(() => first === 30);
        await before.stop();
        const { end } = (await log.partitions(topic))[0]!;
        expect(await log.committed(`group-${topic}`, at)).toBe(end);
        if (under.reopen) log = await under.reopen();
        await log.append([{ topic, records: [record('k', 'new')] }]);
        const later: string[] = [];
        const after = consume(topic, {
          onBatch: async ({ records }) => void later.push(...records.map(({ value }) => text(value))),
        });
        await until(() => later.length > 0);
        await after.stop();
        expect(later).toEqual(['new']);
      });

      it('keeps groups apart', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(10, 3) }]);
        for (const group of ['one', 'two']) {
          let got = 0;
          const running = consume(topic, {
            group: `${group}-${topic}`,
            onBatch: async ({ records }) => void (got += records.length),
          });
          await until(() => got === 10);
          await running.stop();
        }
        expect(await log.committed(`three-${topic}`, { topic, partition: 0 })).toBeUndefined();
      });

      it('begins where the sink says, whatever the group committed', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(20, 3) }]);
        const stored = (await all(topic))[0]!;
        let got = 0;
        const first = consume(topic, { onBatch: async ({ records }) => void (got += records.length) });
        await until(() => got === 20);
        await first.stop();
        for (const start of [0, 12]) {
          const again: StoredRecord[] = [];
          const asked: number[] = [];
          const running = consume(topic, {
            startAt: async ({ partition }) => {
              asked.push(partition);
              return stored[start]!.offset;
            },
            onBatch: async ({ records }) => void again.push(...records),
          });
          await until(() => again.length >= 20 - start);
          await running.stop();
          expect(again).toEqual(stored.slice(start));
          expect(asked).toContain(0);
        }
      });

      it('counts as read what the sink says to be, also while nothing comes', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(20, 3) }]);
        const end = (await log.partitions(topic))[0]!.end;
        const committed = () => log.committed(`group-${topic}`, { topic, partition: 0 });
        const { stop } = consume(topic, { startAt: async () => end, onBatch: async () => undefined });
        await until(async () => (await committed()) === end);
        await stop();
      });

      it('does not count as unread what the sink has not read yet, before that was read again', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(20, 3) }]);
        const stored = (await all(topic))[0]!;
        const end = (await log.partitions(topic))[0]!.end;
        const committed = () => log.committed(`group-${topic}`, { topic, partition: 0 });
        const behind = consume(topic, { startAt: async () => end, onBatch: async () => undefined });
        await until(async () => (await committed()) === end);
        await behind.stop();
        const seen: (number | undefined)[] = [];
        let got = 0;
        const again = consume(topic, {
          startAt: async () => stored[12]!.offset,
          onBatch: async ({ records }) => {
            if (got === 0) seen.push(await committed());
            got += records.length;
          },
        });
        await until(() => got === 8);
        await again.stop();
        expect(seen).toEqual([end]);
      });

      it('ends with the handler’s error, and the offset stays before the batch that failed', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(30, 3) }]);
        const stored = (await all(topic))[0]!;
        const bug = new Error('our own bug');
        let calls = 0;
        const running = consume(topic, {
          maxRecords: 10,
          onBatch: async ({ records }) => {
            calls++;
            if (records.some(({ offset }) => offset === stored[15]!.offset)) throw bug;
          },
        });
        await expect(running.done).rejects.toBe(bug);
        await running.stop();
        const called = calls;
        await pause(300);
        expect(calls).toBe(called);
        const committed = (await log.committed(`group-${topic}`, { topic, partition: 0 })) ?? 0;
        expect(committed).toBeLessThanOrEqual(stored[15]!.offset);
        const again: StoredRecord[] = [];
        const next = consume(topic, { onBatch: async ({ records }) => void again.push(...records) });
        await until(() => again.some(({ offset }) => offset === stored[29]!.offset));
        await next.stop();
        expect(again.some(({ offset }) => offset === stored[15]!.offset)).toBe(true);
      });

      it('moves the offset behind what is durable only, and waits for what is on its way when it is stopped', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        await log.append([{ topic, records: numbered(30, 3) }]);
        const { end } = (await log.partitions(topic))[0]!;
        const arrivals: (() => void)[] = [];
        let handled = 0;
        const running = consume(topic, {
          maxRecords: 10,
          onBatch: async ({ records }) => {
            handled += records.length;
            return { durable: new Promise<void>((arrived) => arrivals.push(arrived)) };
          },
        });
        await until(() => arrivals.length > 0);
        await pause(150);
        expect(await log.committed(`group-${topic}`, at)).toBeUndefined();
        // Whether a batch comes before the last one has arrived is the engine's affair; each does come.
        for (let arrived = 0; handled < 30 || arrived < arrivals.length;)
          if (arrived < arrivals.length) arrivals[arrived++]!();
          else await pause(5);
        await until(async () => (await log.committed(`group-${topic}`, at)) === end);
        await log.append([{ topic, records: [record('k', 'last')] }]);
        await until(() => handled === 31);
        let stopped = false;
        const stop = running.stop().then(() => (stopped = true));
        await pause(100);
        expect(stopped).toBe(false);
        arrivals.at(-1)!();
        await stop;
        await running.done;
        expect(await log.committed(`group-${topic}`, at)).toBeGreaterThan(end);
      });

      it('ends with the error of what was refused on its way, and the offset stays before it', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(30, 3) }]);
        const stored = (await all(topic))[0]!;
        const refusal = new Error('refused on its way');
        let calls = 0;
        const running = consume(topic, {
          maxRecords: 10,
          onBatch: async () => ({ durable: ++calls === 2 ? pause(20).then(() => Promise.reject(refusal)) : pause(10) }),
        });
        await expect(running.done).rejects.toBe(refusal);
        await running.stop();
        const committed = (await log.committed(`group-${topic}`, { topic, partition: 0 })) ?? 0;
        expect(committed).toBeLessThanOrEqual(stored[10]!.offset);
      });

      it('finishes the batch in hand when it is stopped, and begins no other', async () => {
        const topic = await fresh(1);
        await log.append([{ topic, records: numbered(50, 3) }]);
        let begun = 0;
        let finished = 0;
        const running = consume(topic, {
          maxRecords: 10,
          onBatch: async () => {
            begun++;
            await pause(100);
            finished++;
          },
        });
        await until(() => begun === 1);
        await running.stop();
        expect([begun, finished]).toEqual([1, 1]);
        await running.done;
        await pause(150);
        expect(begun).toBe(1);
        const stored = (await all(topic))[0]!;
        const committed = await log.committed(`group-${topic}`, { topic, partition: 0 });
        expect(committed).toBeGreaterThan(stored[0]!.offset);
        expect(committed).toBeLessThan(stored[49]!.offset);
      });

      it('can be stopped twice, and before anything came', async () => {
        const topic = await fresh(2);
        const running = consume(topic, { onBatch: async () => {} });
        await running.stop();
        await running.stop();
        await expect(running.done).resolves.toBeUndefined();
      });

      it('shares partitions with the other members of its group, each going to one', async () => {
        const topic = await fresh(4);
        const got: { member: string; partition: number; value: string }[] = [];
        const inHand = new Map<number, number>();
        let overlaps = 0;
        const member = (name: string) =>
          consume(topic, {
            maxRecords: 20,
            onBatch: async ({ partition, records }) => {
              inHand.set(partition, (inHand.get(partition) ?? 0) + 1);
              if (inHand.get(partition)! > 1) overlaps++;
              await pause(1);
              got.push(...records.map(({ value }) => ({ member: name, partition, value: text(value) })));
              inHand.set(partition, inHand.get(partition)! - 1);
            },
          });
        const a = member('a');
        await log.append([{ topic, records: numbered(400, 40) }]);
        await until(() => got.length >= 400);
        const b = member('b');
        let round = 0;
        // A rebalance takes its time on engines that must agree over a network.
        await until(() => {
          void log.append([
            { topic, records: numbered(40, 40).map((r) => ({ ...r, value: bytes(`more-${++round}`) })) },
          ]);
          return got.some((one) => one.member === 'b');
        }, 45_000);
        await a.stop();
        const before = got.length;
        await log.append([{ topic, records: numbered(40, 40).map((r) => ({ ...r, value: bytes('last') })) }]);
        await until(() => got.filter(({ value }) => value === 'last').length >= 40, 45_000);
        await b.stop();
        expect(overlaps).toBe(0);
        expect(got.slice(before).every((one) => one.member === 'b')).toBe(true);
        expect(new Set(got.map(({ value }) => value)).size).toBe(400 + round + 1);
      });
    });
  });
};
