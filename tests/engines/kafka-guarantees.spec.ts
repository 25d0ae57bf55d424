import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { type LogBatch, type StoredRecord, type TopicPartition } from '@tributary/kernel';
import { Kafka, logLevel, type Producer, type Transaction } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';
import { engine } from './engine.js';
import { until } from './until.js';

const records = (from: number, count: number, key = 'k') =>
  Array.from({ length: count }, (_, i) => ({ key, value: Buffer.from(String(from + i)), timestamp_ms: Date.now() }));
const text = ({ value }: StoredRecord) => Buffer.from(value).toString();

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  let log: KafkaLog;
  let count = 0;
  const left: Producer[] = [];
  const run = Math.random().toString(36).slice(2, 8);
  const fresh = async (more: { compacted?: boolean } = {}) => {
    const topic = `guarantees-${run}-${++count}`;
    await log.ensureTopics([{ name: topic, partitions: 1, ...more }]);
    return { topic, partition: 0 };
  };
  /** What one read answers may be less than there is: Kafka answers from one file at a time. */
  const all = async (at: TopicPartition): Promise<StoredRecord[]> => {
    const found: StoredRecord[] = [];
    for (let from = 0; ; from = found.at(-1)!.offset + 1) {
      const page = await log.read(at, from, 100);
      if (page.length === 0) return found;
      found.push(...page);
    }
  };
  const raw = () => new Kafka({ brokers: [new URL(url).host], logLevel: logLevel.NOTHING });
  /** A writer that dies in the middle: what it wrote is neither committed nor aborted. */
  const unfinished = async (id: string, topic: string, values: string[]): Promise<Transaction> => {
    const producer = raw().producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    left.push(producer);
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: values.map((value) => ({ key: 'k', value })) });
    return transaction;
  };

  beforeAll(async () => void (log = await openKafkaLog({ url })));
  afterAll(async () => {
    for (const producer of left) await producer.disconnect();
    await log.close();
  });

  describe('a fenced producer', () => {
    it('makes all of an append visible, over topics, and is the only one of its id', async () => {
      const [a, b] = [await fresh(), await fresh()];
      const first = await log.fencedProducer(`writer-${a.topic}`);
      await first.append([
        { topic: a.topic, records: records(0, 3) },
        { topic: b.topic, records: records(0, 2) },
      ]);
      const second = await log.fencedProducer(`writer-${a.topic}`);
      await second.append([{ topic: a.topic, records: records(3, 1) }]);
      await expect(first.append([{ topic: a.topic, records: records(99, 1) }])).rejects.toMatchObject({
        failure: 'fatal',
      });
      await expect(first.append([{ topic: a.topic, records: [] }])).rejects.toMatchObject({ failure: 'fatal' });
      await second.append([{ topic: a.topic, records: records(4, 1) }]);
      expect((await all(a)).map(text)).toEqual(['0', '1', '2', '3', '4']);
      expect(await all(b)).toHaveLength(2);
      await second.close();
    });

    it('aborts what its predecessor left unfinished, before it says that it is there', async () => {
      const at = await fresh();
      await unfinished(`writer-${at.topic}`, at.topic, ['never']);
      const writer = await log.fencedProducer(`writer-${at.topic}`);
      expect(await log.lastRecord(at)).toBeUndefined();
      await writer.append([{ topic: at.topic, records: records(1, 1) }]);
      expect(text((await log.lastRecord(at))!)).toBe('1');
      await writer.close();
    });

    it('takes more than one request holds', async () => {
      const at = await fresh();
      const writer = await log.fencedProducer(`writer-${at.topic}`);
      await writer.append([{ topic: at.topic, records: records(0, 7000) }]);
      expect(text((await log.lastRecord(at))!)).toBe('6999');
      await writer.close();
    });
  });

  describe('the last record', () => {
    it('is not told while a transaction is open, also where nothing stands before it', async () => {
      const at = await fresh();
      const open = await unfinished(`open-${at.topic}`, at.topic, ['maybe']);
      let isTold = false;
      const last = log.lastRecord(at).finally(() => (isTold = true));
      await pause(500);
      expect(isTold).toBe(false);
      await open.abort();
      expect(await last).toBeUndefined();
    });

    it('is found behind marks of transactions and aborted records, however many', async () => {
      const at = await fresh();
      expect(await log.lastRecord(at)).toBeUndefined();
      await log.append([{ topic: at.topic, records: records(0, 5) }]);
      expect(text((await log.lastRecord(at))!)).toBe('4');
      for (let i = 0; i < 20; i++) await (await unfinished(`dies-${at.topic}`, at.topic, ['no', 'nor this'])).abort();
      expect(text((await log.lastRecord(at))!)).toBe('4');
    });
  });

  describe('a consumption of offsets with gaps', () => {
    it('sees what was committed, and knows the end where only marks follow', async () => {
      const at = await fresh();
      const writer = await log.fencedProducer(`writer-${at.topic}`);
      for (let i = 0; i < 5; i++) await writer.append([{ topic: at.topic, records: records(i * 10, 10) }]);
      await (await unfinished(`dies-${at.topic}`, at.topic, ['aborted'])).abort();
      const batches: LogBatch[] = [];
      const onBatch = async (batch: LogBatch) => void batches.push(batch);
      const running = log.consume({ group: at.topic, topics: [at.topic], maxRecords: 7, onBatch });
      await until(() => batches.reduce((sum, batch) => sum + batch.records.length, 0) === 50);
      await running.stop();
      expect(batches.flatMap((batch) => batch.records.map(text))).toEqual(
        records(0, 50).map((r) => r.value.toString()),
      );
      const last = batches.at(-1)!;
      expect(last.records.at(-1)!.offset + 1).toBe(last.end);
      const [range] = await log.partitions(at.topic);
      expect(await log.committed(at.topic, at)).toBe(range!.end);
      await writer.close();
    });

    it('goes on over what compaction took', async () => {
      const at = await fresh({ compacted: true });
      const admin = raw().admin();
      await admin.connect();
      // What is not said here goes back to the broker's default.
      const config = {
        'cleanup.policy': 'compact',
        'segment.ms': '100',
        'min.cleanable.dirty.ratio': '0.01',
        'max.compaction.lag.ms': '200',
      };
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: at.topic, configEntries }] });
      for (let i = 0; i < 6; i++) {
        await log.append([{ topic: at.topic, records: [...records(i, 1, 'often'), ...records(i, 1, `once-${i}`)] }]);
        await pause(150);
      }
      await until(async () => (await all(at)).length < 12, 60_000);
      const got: StoredRecord[] = [];
      const onBatch = async (batch: LogBatch) => void got.push(...batch.records);
      const running = log.consume({ group: at.topic, topics: [at.topic], maxRecords: 3, onBatch });
      await until(() => got.some((record) => record.key === 'once-5'));
      await running.stop();
      expect(new Set(got.map(({ key }) => key)).size).toBe(7);
      expect(got.length).toBeLessThan(12);
      await admin.disconnect();
    });

    it.each(['the group', 'the sink'])(
      'goes on where the log begins now, if the position of %s was deleted',
      async (whose) => {
        const at = await fresh();
        await log.append([{ topic: at.topic, records: records(0, 100) }]);
        const group = `${at.topic}-group`;
        let first = 0;
        const before = log.consume({
          group,
          topics: [at.topic],
          maxRecords: 5,
          onBatch: async () => void (await pause(100 * first++)),
        });
        await until(() => first > 0);
        await before.stop();
        await log.truncate(at, 99);
        await log.append([{ topic: at.topic, records: records(100, 1) }]);
        const got: string[] = [];
        const after = log.consume({
          group: whose === 'the sink' ? `${group}-other` : group,
          topics: [at.topic],
          maxRecords: 100,
          ...(whose === 'the sink' && { startAt: async () => 3 }),
          onBatch: async (batch) => void got.push(...batch.records.map(text)),
        });
        await until(() => got.includes('100'));
        await after.stop();
        expect(got.slice(-2)).toEqual(['99', '100']);
      },
    );

    it('refuses a position that the log never reached', async () => {
      const at = await fresh();
      const running = log.consume({
        group: at.topic,
        topics: [at.topic],
        maxRecords: 1,
        startAt: async () => 1000,
        onBatch: async () => {},
      });
      await expect(running.done).rejects.toMatchObject({ failure: 'fatal', message: expect.stringMatching(/1000/) });
    });
  });
});
