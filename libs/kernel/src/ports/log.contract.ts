import { describe, expect, it } from '@jest/globals';
import { consumptionCases } from './consumption.contract.js';
import { bytes, eachWithALog, type LogUnderTest, numbered, record, text } from './log-in-hand.contract.js';

export { type LogUnderTest } from './log-in-hand.contract.js';

/** Whatever calls itself a log passes this: Kafka's promises, no more. Topics are the suite's own, by their names. */
export const logContract = (name: string, make: () => Promise<LogUnderTest>): void => {
  describe(`${name} keeps the log's contract`, () => {
    const under = eachWithALog(make);
    const { all, fresh } = under;

    describe('topics', () => {
      it('have the partitions they were made with, empty at first', async () => {
        const topic = await fresh(3);
        const ranges = await under.log.partitions(topic);
        expect(ranges.map(({ partition, begin, end }) => [partition, end - begin])).toEqual([
          [0, 0],
          [1, 0],
          [2, 0],
        ]);
        expect(ranges.every((range) => range.topic === topic)).toBe(true);
      });

      it('are made once: asking again changes nothing', async () => {
        const topic = await fresh(2);
        await under.log.append([{ topic, records: [record('a', 'kept')] }]);
        await under.log.ensureTopics([{ name: topic, partitions: 2 }]);
        expect((await all(topic)).flat().map(({ value }) => text(value))).toEqual(['kept']);
        expect(await under.log.partitions(topic)).toHaveLength(2);
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
        await under.log.append([{ topic, records }]);
        const read = (await all(topic)).flat();
        expect(read.map(({ key, timestamp_ms, value }) => ({ key, timestamp_ms, value: [...value] }))).toEqual(
          records.map(({ key, timestamp_ms, value }) => ({ key, timestamp_ms, value: [...value] })),
        );
      });

      it('of one key share a partition and keep their order, within a call and from call to call', async () => {
        const topic = await fresh(4);
        for (let call = 0; call < 5; call++)
          await under.log.append([{ topic, records: numbered(40, 8).map((r) => ({ ...r, value: bytes(`${call}`) })) }]);
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
        await under.log.append([{ topic, records: numbered(50, 10) }]);
        await under.log.append([{ topic, records: numbered(50, 10) }]);
        const ranges = await under.log.partitions(topic);
        (await all(topic)).forEach((records, partition) => {
          const offsets = records.map(({ offset }) => offset);
          expect(offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]!)).toBe(true);
          expect(offsets[0] ?? 0).toBeGreaterThanOrEqual(ranges[partition]!.begin);
          expect(offsets.at(-1) ?? -1).toBeLessThan(ranges[partition]!.end);
        });
      });

      it('of different keys spread over the partitions', async () => {
        const topic = await fresh(4);
        await under.log.append([{ topic, records: numbered(400, 400) }]);
        for (const records of await all(topic)) expect(records.length).toBeGreaterThan(40);
      });

      it('go to several topics in one call', async () => {
        const [a, b] = [await fresh(1), await fresh(2)];
        await under.log.append([
          { topic: a, records: [record('x', 'in a')] },
          { topic: b, records: [record('x', 'in b'), record('y', 'in b')] },
          { topic: a, records: [] },
        ]);
        await under.log.append([]);
        expect((await all(a)).flat()).toHaveLength(1);
        expect((await all(b)).flat()).toHaveLength(2);
      });

      it('of concurrent appends are all there, once', async () => {
        const topic = await fresh(3);
        await Promise.all(
          Array.from({ length: 30 }, (_, call) =>
            under.log.append([
              { topic, records: Array.from({ length: 20 }, (_, i) => record(`k${i}`, `${call}/${i}`)) },
            ]),
          ),
        );
        const values = (await all(topic)).flat().map(({ value }) => text(value));
        expect(values).toHaveLength(600);
        expect(new Set(values).size).toBe(600);
      });

      it('may be ten thousand in a call, and large', async () => {
        const topic = await fresh(4);
        await under.log.append([{ topic, records: numbered(10_000, 500) }]);
        const large = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7) % 251);
        await under.log.append([{ topic, records: [record('large', large), record('large', 'after')] }]);
        const records = (await all(topic)).flat();
        expect(records).toHaveLength(10_002);
        const big = records.find(({ value }) => value.length === large.length)!;
        expect(Buffer.compare(big.value, large)).toBe(0);
      });

      it('outlive the engine that took them', async () => {
        const topic = await fresh(2);
        await under.log.append([{ topic, records: numbered(500, 20) }]);
        const before = await all(topic);
        await under.reopen();
        expect(await all(topic)).toEqual(before);
        await under.log.append([{ topic, records: [record('key-1', 'after')] }]);
        expect((await all(topic)).flat()).toHaveLength(501);
      });
    });

    describe('a read', () => {
      it('answers at most so many, from the offset asked for on', async () => {
        const topic = await fresh(1);
        for (let call = 0; call < 4; call++) await under.log.append([{ topic, records: numbered(25, 5) }]);
        const at = { topic, partition: 0 };
        const whole = await under.log.read(at, 0, 1000);
        expect(whole).toHaveLength(100);
        for (const from of [0, 1, 24, 25, 26, 60, 99]) {
          const read = await under.log.read(at, whole[from]!.offset, 30);
          expect(read.length).toBeGreaterThan(0);
          expect(read).toEqual(whole.slice(from, from + read.length));
          expect(read.length).toBeLessThanOrEqual(30);
        }
        expect(await under.log.read(at, whole[7]!.offset, 1)).toEqual([whole[7]]);
      });

      it('is empty at the end and beyond', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        expect(await under.log.read(at, 0, 10)).toEqual([]);
        await under.log.append([{ topic, records: numbered(3, 1) }]);
        const { end } = (await under.log.partitions(topic))[0]!;
        expect(await under.log.read(at, end, 10)).toEqual([]);
      });
    });

    describe('truncation', () => {
      it('drops what lies before, keeps what does not, and moves `begin`', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        await under.log.append([{ topic, records: numbered(50, 5) }]);
        await under.log.append([{ topic, records: numbered(50, 5) }]);
        const whole = await under.log.read(at, 0, 1000);
        for (const cut of [10, 50, 75]) {
          await under.log.truncate(at, whole[cut]!.offset);
          expect(await under.log.read(at, 0, 1000)).toEqual(whole.slice(cut));
          expect((await under.log.partitions(topic))[0]!.begin).toBe(whole[cut]!.offset);
        }
      });

      it('of everything leaves the next offset where it was', async () => {
        const topic = await fresh(1);
        const at = { topic, partition: 0 };
        await under.log.append([{ topic, records: numbered(20, 5) }]);
        const { end } = (await under.log.partitions(topic))[0]!;
        await under.log.truncate(at, end);
        expect(await under.log.read(at, 0, 10)).toEqual([]);
        await under.reopen();
        await under.log.append([{ topic, records: [record('a', 'next')] }]);
        const read = await under.log.read(at, 0, 10);
        expect(read.map(({ value }) => text(value))).toEqual(['next']);
        expect(read[0]!.offset).toBeGreaterThanOrEqual(end);
      });
    });

    consumptionCases(under);
  });
};
