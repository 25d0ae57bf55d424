import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { logContract } from '@tributary/kernel/contracts';
import { openKafkaLog } from '@tributary/kafka';
import { engine } from './engine.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  const open = () => openKafkaLog({ url });
  logContract('Kafka', async () => {
    let log = await open();
    return {
      log,
      reopen: async () => {
        await log.close();
        return (log = await open());
      },
      close: () => log.close(),
    };
  });

  it('refuses topics that others made in a way that would lose records, until they are set right', async () => {
    const log = await open();
    const { admin } = log.topics;
    const [many, brief] = [`many-${randomUUID()}`, `brief-${randomUUID()}`] as const;
    const configEntries = [{ name: 'retention.ms', value: '604800000' }];
    await admin.createTopics({
      topics: [many, brief].map((name) => ({
        topic: log.topics.inKafka(name),
        numPartitions: name === many ? 3 : 1,
        replicationFactor: 1,
        configEntries: name === brief ? configEntries : [],
      })),
    });
    await expect(log.ensureTopics([{ name: many, partitions: 1 }])).rejects.toThrow('has 3 partitions');
    await expect(log.ensureTopics([{ name: brief, partitions: 1 }])).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringContaining('set retention.ms=-1'),
    });
    await log.ensureTopics([{ name: brief, partitions: 1, retention_ms: 1_000 }]);
    await log.close();
  });
});
