import { type Log, type TopicPartition } from '@tributary/kernel';

/** Whether a group has read every partition of these topics to its end: then what it read has had its effect, too. */
export const nothingWaits = async (log: Log, group: string, topics: readonly string[]): Promise<boolean> => {
  const ranges = (await Promise.all(topics.map((topic) => log.partitions(topic)))).flat();
  const read = await Promise.all(
    ranges.map(async ({ begin, end, ...at }) => begin === end || ((await committed(log, group, at)) ?? 0) >= end),
  );
  return read.every(Boolean);
};

/** How many records of these topics a group has not read. */
export const waitingFor = async (log: Log, group: string, topics: readonly string[]): Promise<number> => {
  const ranges = (await Promise.all(topics.map((topic) => log.partitions(topic)))).flat();
  const waits = ranges.map(async ({ begin, end, ...at }) =>
    begin === end ? 0 : Math.max(0, end - Math.max(begin, (await committed(log, group, at)) ?? begin)),
  );
  return (await Promise.all(waits)).reduce((sum, waiting) => sum + waiting, 0);
};

const committed = (log: Log, group: string, { topic, partition }: TopicPartition): Promise<number | undefined> =>
  log.committed(group, { topic, partition });
