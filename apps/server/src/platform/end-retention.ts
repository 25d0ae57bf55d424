import { type Connection } from '@tributary/embedded';
import { PIPELINE_GROUP } from '@tributary/pipeline';
import { quarantineTopic, touchpointTopic } from '../collector/quarantine.js';

/** Drops input that every consumer has taken, and the quarantine whole; its bytes leave the files before this resolves. */
export const endRetention = async (
  store: Connection,
  channels: readonly string[],
  loadedUpTo: (topic: string, partition: number) => Promise<number>,
): Promise<{ readonly topics: number; readonly records: number }> => {
  let topics = 0;
  let records = 0;
  const drop = async (topic: string, consumed: (partition: number, end: number) => Promise<number>): Promise<void> => {
    for (const { partition, begin, end } of await store.log.partitions(topic)) {
      const before = Math.min(end, await consumed(partition, end));
      if (before <= begin) continue;
      await store.log.truncate({ topic, partition }, before);
      topics += 1;
      records += before - begin;
    }
  };
  for (const channel of channels) {
    const topic = touchpointTopic(channel);
    await drop(topic, async (partition) =>
      Math.min(
        (await store.log.committed(PIPELINE_GROUP, { topic, partition })) ?? 0,
        await loadedUpTo(topic, partition),
      ),
    );
    await drop(quarantineTopic(channel), async (_partition, end) => end);
  }
  await store.scrub();
  return { topics, records };
};
