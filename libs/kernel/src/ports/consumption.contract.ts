import { describe, expect, it } from '@jest/globals';
import { bytes, type LogInHand, numbered, record, text } from './log-in-hand.contract.js';
import { type Consumption, type LogBatch, type StoredRecord } from './log.js';

const pause = (time_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, time_ms));
const until = async (holds: () => boolean | Promise<boolean>, patience_ms = 20_000): Promise<void> => {
  for (const end = performance.now() + patience_ms; !(await holds()); await pause(5))
    if (performance.now() > end) throw new Error(`not within ${patience_ms} ms: ${holds.toString()}`);
};

/** The part of the log's contract for those who read on and on: groups, their offsets, and who has which partition. */
export const consumptionCases = (under: LogInHand): void => {
  const { all, fresh } = under;
  const consume = (topic: string, more: Partial<Consumption> & Pick<Consumption, 'onBatch'>) =>
    under.log.consume({ group: `group-${topic}`, topics: [topic], maxRecords: 100, ...more });

  describe('a consumption', () => {
    it('delivers every record of every partition, in order, in bounded batches', async () => {
      const topic = await fresh(3);
      await under.log.append([{ topic, records: numbered(1000, 30) }]);
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
        await under.log.append([{ topic, records: [record(`k${i}`, `${i}`)] }]);
        await until(() => values.includes(`${i}`));
      }
      await running.stop();
      expect([...values].sort()).toEqual(['0', '1', '2', '3', '4']);
    });

    it('has one batch at a time in hand per partition, and waits for its handler', async () => {
      const topic = await fresh(2);
      await under.log.append([{ topic, records: numbered(200, 20) }]);
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
      expect(await under.log.committed(`group-${topic}`, at)).toBeUndefined();
      await under.log.append([{ topic, records: numbered(30, 3) }]);
      let first = 0;
      const before = consume(topic, { onBatch: async ({ records }) => void (first += records.length) });
      await until(() => first === 30);
      await before.stop();
      const { end } = (await under.log.partitions(topic))[0]!;
      expect(await under.log.committed(`group-${topic}`, at)).toBe(end);
      await under.reopen();
      await under.log.append([{ topic, records: [record('k', 'new')] }]);
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
      await under.log.append([{ topic, records: numbered(10, 3) }]);
      for (const group of ['one', 'two']) {
        let got = 0;
        const running = consume(topic, {
          group: `${group}-${topic}`,
          onBatch: async ({ records }) => void (got += records.length),
        });
        await until(() => got === 10);
        await running.stop();
      }
      expect(await under.log.committed(`three-${topic}`, { topic, partition: 0 })).toBeUndefined();
    });

    it('begins where the sink says, whatever the group committed', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(20, 3) }]);
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
      await under.log.append([{ topic, records: numbered(20, 3) }]);
      const end = (await under.log.partitions(topic))[0]!.end;
      const committed = () => under.log.committed(`group-${topic}`, { topic, partition: 0 });
      const { stop } = consume(topic, { startAt: async () => end, onBatch: async () => undefined });
      await until(async () => (await committed()) === end);
      await stop();
    });

    it('does not count as unread what the sink has not read yet, before that was read again', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(20, 3) }]);
      const stored = (await all(topic))[0]!;
      const end = (await under.log.partitions(topic))[0]!.end;
      const committed = () => under.log.committed(`group-${topic}`, { topic, partition: 0 });
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

    it('refuses a position that the partition never reached, and counts nothing as read', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(3, 1) }]);
      const { end } = (await under.log.partitions(topic))[0]!;
      let got = 0;
      const running = consume(topic, {
        startAt: async () => end + 1,
        onBatch: async ({ records }) => void (got += records.length),
      });
      await expect(running.done).rejects.toMatchObject({
        failure: 'fatal',
        message: expect.stringMatching(`${end + 1}`),
      });
      await running.stop();
      expect(await under.log.committed(`group-${topic}`, { topic, partition: 0 })).toBeUndefined();
      expect(got).toBe(0);
    });

    it('ends with the handler’s error, and the offset stays before the batch that failed', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(30, 3) }]);
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
      const committed = (await under.log.committed(`group-${topic}`, { topic, partition: 0 })) ?? 0;
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
      await under.log.append([{ topic, records: numbered(30, 3) }]);
      const { end } = (await under.log.partitions(topic))[0]!;
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
      expect(await under.log.committed(`group-${topic}`, at)).toBeUndefined();
      // Whether a batch comes before the last one has arrived is the engine's affair; each does come.
      for (let arrived = 0; handled < 30 || arrived < arrivals.length;)
        if (arrived < arrivals.length) arrivals[arrived++]!();
        else await pause(5);
      await until(async () => (await under.log.committed(`group-${topic}`, at)) === end);
      await under.log.append([{ topic, records: [record('k', 'last')] }]);
      await until(() => handled === 31);
      let stopped = false;
      const stop = running.stop().then(() => (stopped = true));
      await pause(100);
      expect(stopped).toBe(false);
      arrivals.at(-1)!();
      await stop;
      await running.done;
      expect(await under.log.committed(`group-${topic}`, at)).toBeGreaterThan(end);
    });

    it('ends with the error of what was refused on its way, and the offset stays before it', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(30, 3) }]);
      const stored = (await all(topic))[0]!;
      const refusal = new Error('refused on its way');
      let calls = 0;
      const running = consume(topic, {
        maxRecords: 10,
        onBatch: async () => ({ durable: ++calls === 2 ? pause(20).then(() => Promise.reject(refusal)) : pause(10) }),
      });
      await expect(running.done).rejects.toBe(refusal);
      await running.stop();
      const committed = (await under.log.committed(`group-${topic}`, { topic, partition: 0 })) ?? 0;
      expect(committed).toBeLessThanOrEqual(stored[10]!.offset);
    });

    it('finishes the batch in hand when it is stopped, and begins no other', async () => {
      const topic = await fresh(1);
      await under.log.append([{ topic, records: numbered(50, 3) }]);
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
      const committed = await under.log.committed(`group-${topic}`, { topic, partition: 0 });
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
      await under.log.append([{ topic, records: numbered(400, 40) }]);
      await until(() => got.length >= 400);
      const b = member('b');
      let round = 0;
      // A rebalance takes its time on engines that must agree over a network.
      await until(() => {
        void under.log.append([
          { topic, records: numbered(40, 40).map((r) => ({ ...r, value: bytes(`more-${++round}`) })) },
        ]);
        return got.some((one) => one.member === 'b');
      }, 45_000);
      await a.stop();
      const before = got.length;
      await under.log.append([{ topic, records: numbered(40, 40).map((r) => ({ ...r, value: bytes('last') })) }]);
      await until(() => got.filter(({ value }) => value === 'last').length >= 40, 45_000);
      await b.stop();
      expect(overlaps).toBe(0);
      expect(got.slice(before).every((one) => one.member === 'b')).toBe(true);
      expect(new Set(got.map(({ value }) => value)).size).toBe(400 + round + 1);
    });
  });
};
