import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { openCatalogue, shippedSchemas } from '@tributary/contracts';
import { type AnyTouchpoint } from '@tributary/domain';
import { type LogBatch, type StoredRecord } from '@tributary/kernel';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { profileEventBinding } from '@tributary/query';
import { Kafka, logLevel } from 'kafkajs';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installKcat } from '../../infra/local/kcat-install.mjs';
import { RunningPlatform } from '../e2e/running-platform.js';
import { engine } from './engine.js';

/** One touchpoint of every type, as the schemas' own examples have it. */
const examples = readdirSync(join(shippedSchemas, 'touchpoint')).flatMap((type) => {
  const folder = join(shippedSchemas, 'touchpoint', type);
  const newest = Math.max(
    ...readdirSync(folder)
      .flatMap((name) => /^(\d+)\.golden\.json$/.exec(name)?.[1] ?? [])
      .map(Number),
  );
  return JSON.parse(readFileSync(join(folder, `${newest}.golden.json`), 'utf8')) as AnyTouchpoint;
});

/** A subject travels as the 16 bytes of its hash. */
const subjectOf = (_: string, value: unknown): unknown => {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: readonly number[] };
  return type === 'Buffer' && data ? `s_${Buffer.from(data).toString('hex')}` : value;
};

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  describe('consumers that others wrote', () => {
    const topic = `consumers-${Math.random().toString(36).slice(2, 8)}`;
    const broker = new URL(url).host;
    const catalogue = openCatalogue();
    let log: KafkaLog;
    let platform: RunningPlatform;

    beforeAll(async () => {
      log = await openKafkaLog({ url });
      await log.ensureTopics([{ name: topic, partitions: 2 }]);
      const records = examples.map((touchpoint, i) => ({
        key: `s_${i}`,
        value: catalogue.encode(touchpoint).slice(),
        timestamp_ms: 1_700_000_000_000 + i,
      }));
      await log.append([{ topic, records }]);
      platform = await RunningPlatform.begin();
    });
    afterAll(async () => {
      await platform.end();
      await log.close();
    });

    it('decode every message with the schemas that our registry serves', async () => {
      const registry = new SchemaRegistry({ host: `${platform.platform.url}/registry` });
      const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).consumer({
        groupId: `other-${topic}`,
      });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const decoded = new Map<string, unknown>();
      await new Promise<void>((resolve, reject) => {
        const eachMessage = async ({ message }: { message: { key: Buffer | null; value: Buffer | null } }) => {
          decoded.set(message.key!.toString(), await registry.decode(message.value!));
          if (decoded.size === examples.length) resolve();
        };
        consumer.run({ eachMessage: (payload) => eachMessage(payload).catch(reject) }).catch(reject);
      });
      await consumer.disconnect();
      examples.forEach((touchpoint, i) => {
        // The type is told by the schema, not by a field.
        const { type: _, ...envelope } = touchpoint;
        expect(JSON.parse(JSON.stringify(decoded.get(`s_${i}`)), subjectOf)).toEqual(envelope);
      });
      expect(examples.length).toBeGreaterThan(10);
    });

    it('read profile events as CloudEvents; here they are the text that was sent', async () => {
      const feed = `${topic}-feed`;
      const bound = await openKafkaLog({ url, bindings: new Map([[feed, profileEventBinding]]) });
      try {
        const text = (id: number, sequence: number) =>
          `{"id":"${id}","type":"tributary.stage.entered.v1","customerId":"c_1","at":"2026-11-28T09:15:00.000Z","sequence":${sequence},"data":{"to":"活跃"}}`;
        const record = (value: string) => ({ key: 'c_1', value: Buffer.from(value), timestamp_ms: 1 });
        await bound.ensureTopics([{ name: feed, partitions: 1 }]);
        // As it was sent before there was a binding, then alone, then in a transaction.
        await log.append([{ topic: feed, records: [record(text(1, 1))] }]);
        await bound.append([{ topic: feed, records: [record(text(2, 812))] }]);
        const writer = await bound.fencedProducer(feed);
        await writer.append([{ topic: feed, records: [record(text(3, 813))] }]);
        await writer.close();
        const texts = [text(1, 1), text(2, 812), text(3, 813)];
        const textsOf = (records: readonly StoredRecord[]) => records.map(({ value }) => Buffer.from(value).toString());
        const consumed: string[] = [];
        let all!: () => void;
        const arrived = new Promise<void>((resolve) => (all = resolve));
        const onBatch = async ({ records }: LogBatch) => {
          if (consumed.push(...textsOf(records)) === texts.length) all();
        };
        const consumption = bound.consume({ group: feed, topics: [feed], maxRecords: 10, onBatch });
        await Promise.race([arrived, consumption.done]);
        await consumption.stop();
        expect(consumed).toEqual(texts);
        expect(textsOf(await bound.read({ topic: feed, partition: 0 }, 0, 10))).toEqual(texts);

        const { kcat, env } = installKcat();
        const args = ['-C', '-b', broker, '-t', feed, '-o', 'beginning', '-e', '-q', '-f', '%k|%h|%s\\n'];
        const lines = execFileSync(kcat, args, { env, encoding: 'utf8' }).trim().split('\n');
        const headers =
          'ce_specversion=1.0,ce_id=3,ce_source=/tributary,ce_type=tributary.stage.entered.v1,ce_subject=c_1';
        const more = 'ce_time=2026-11-28T09:15:00.000Z,ce_partitionkey=c_1,ce_sequence=0000000000000813';
        expect(lines.at(-1)).toBe(`c_1|${headers},${more},content-type=application/json|{"to":"活跃"}`);
      } finally {
        await bound.close();
      }
    });

    it('read keys, times and bytes: kcat', () => {
      const { kcat, env } = installKcat();
      const args = ['-C', '-b', broker, '-t', topic, '-o', 'beginning', '-e', '-q', '-f', '%p %k %T %S\\n'];
      const lines = execFileSync(kcat, args, { env, encoding: 'utf8' }).trim().split('\n');
      expect(lines.map((line) => line.split(' ').slice(1).join(' ')).sort()).toEqual(
        examples.map((each, i) => `s_${i} ${1_700_000_000_000 + i} ${catalogue.encode(each).length}`).sort(),
      );
    });

    it('put a key where we put it: what kcat writes goes to the partition of our own records', async () => {
      const { kcat, env } = installKcat();
      const input = examples.map((_, i) => `s_${i}:theirs`).join('\n');
      const args = ['-P', '-b', broker, '-t', topic, '-K', ':', '-X', 'partitioner=murmur2_random'];
      execFileSync(kcat, args, { env, input });
      for (const { partition, end } of await log.partitions(topic)) {
        const keys: Record<'ours' | 'theirs', (string | null)[]> = { ours: [], theirs: [] };
        for (let from = 0; from < end;) {
          const page = await log.read({ topic, partition }, from, 1000);
          for (const { key, value } of page)
            keys[String(Buffer.from(value)) === 'theirs' ? 'theirs' : 'ours'].push(key);
          from = page.at(-1)!.offset + 1;
        }
        expect(keys.ours).not.toHaveLength(0);
        expect(keys.theirs.sort()).toEqual(keys.ours.sort());
      }
    });
  });
});
