import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { type LogBatch } from '@tributary/kernel';
import { setTimeout as pause } from 'node:timers/promises';
import { engine } from './engine.js';
import { until } from './until.js';

const SESSION_MS = 6_000;

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  const values = ({ records }: LogBatch) => records.map(({ value }) => Buffer.from(value).toString());

  describe('a rebalance', () => {
    /** Two logs stand for two processes: they share nothing in memory. */
    let here: KafkaLog;
    let there: KafkaLog;
    let topic: string;
    const fill = (count: number) =>
      here.append([
        {
          topic,
          records: Array.from({ length: count }, (_, i) => ({
            key: `key-${i % 40}`,
            value: Buffer.from(String(i)),
            timestamp_ms: Date.now(),
          })),
        },
      ]);

    beforeEach(async () => {
      here = await openKafkaLog({ url, session_timeout_ms: SESSION_MS });
      there = await openKafkaLog({ url, session_timeout_ms: SESSION_MS });
      topic = `rebalance-${Math.random().toString(36).slice(2, 8)}`;
      await here.ensureTopics([{ name: topic, partitions: 4 }]);
    });
    afterEach(async () => {
      await here.close();
      await there.close();
    });

    it('waits for batches in hand: with members that come and go, nothing is delivered twice, nor two at once', async () => {
      await fill(3000);
      const seen: string[] = [];
      const inHand = new Map<number, number>();
      let overlaps = 0;
      const member = (log: KafkaLog) =>
        log.consume({
          group: topic,
          topics: [topic],
          maxRecords: 10,
          onBatch: async (batch) => {
            const others = inHand.get(batch.partition) ?? 0;
            if (others > 0) overlaps++;
            inHand.set(batch.partition, others + 1);
            await pause(40);
            seen.push(...values(batch));
            inHand.set(batch.partition, inHand.get(batch.partition)! - 1);
          },
        });
      const staying = member(here);
      await until(() => seen.length > 100);
      for (let i = 0; i < 3; i++) {
        const guest = member(there);
        await pause(1200);
        await guest.stop();
      }
      await until(() => new Set(seen).size === 3000);
      await staying.stop();
      expect(overlaps).toBe(0);
      expect(seen).toHaveLength(3000);
    });

    it('fences a batch that takes longer than the session: it moves no offset', async () => {
      await fill(200);
      let late = 0;
      const zombie = here.consume({
        group: topic,
        topics: [topic],
        maxRecords: 100,
        onBatch: async () => {
          await pause(SESSION_MS * 2);
          late++;
        },
      });
      await pause(2000);
      const seen = new Set<string>();
      const heir = there.consume({
        group: topic,
        topics: [topic],
        maxRecords: 100,
        onBatch: async (batch) => values(batch).forEach((value) => seen.add(value)),
      });
      await until(() => seen.size > 0);
      expect(late).toBe(0);
      const zombieStopped = zombie.stop();
      await until(() => seen.size === 200);
      await zombieStopped;
      await heir.stop();
      const ranges = await there.partitions(topic);
      for (const { partition, end } of ranges)
        if (end > 0) expect(await there.committed(topic, { topic, partition })).toBe(end);
    });

    it('does not come because a batch takes long: heartbeats go on', async () => {
      await fill(50);
      let calls = 0;
      const slow = here.consume({
        group: topic,
        topics: [topic],
        maxRecords: 1000,
        onBatch: async () => {
          calls++;
          await pause(SESSION_MS * 1.5);
        },
      });
      await until(() => calls === 4);
      await pause(SESSION_MS * 1.7);
      await slow.stop();
      // Four partitions, one batch each: none was taken away and delivered again.
      expect(calls).toBe(4);
    });

    it('leaves a member without partitions alive, until it is needed', async () => {
      await fill(40);
      const seen: string[] = [];
      const onBatch = async (batch: LogBatch) => void seen.push(...values(batch));
      const members = Array.from({ length: 6 }, (_, i) =>
        (i % 2 ? here : there).consume({ group: topic, topics: [topic], maxRecords: 10, onBatch }),
      );
      await until(() => new Set(seen).size === 40);
      await Promise.all(members.slice(1).map((member) => member.stop()));
      await fill(41);
      await until(() => seen.includes('40'));
      await members[0]!.stop();
      for (const member of members) await member.done;
    });
  });
});
