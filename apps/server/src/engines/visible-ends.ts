import { EngineError, type Log, partitionName, type PartitionRange } from '@tributary/kernel';
import { type KafkaLog } from '@tributary/kafka';

/**
 * Kafka's ends of a topic that is written in transactions count their marks, too: nobody who reads would ever stand at
 * such an end. Here the end of these topics is where a reader's next record will be, as far as that is known by now.
 */
export const withVisibleEnds = (kafka: KafkaLog, topics: ReadonlySet<string>): Log => {
  const known = new Map<string, { readonly high: number; readonly end: number }>();
  const visible = async (range: PartitionRange): Promise<PartitionRange> => {
    const name = partitionName(range);
    const before = known.get(name);
    if (before?.high === range.end) return { ...range, end: before.end };
    try {
      const last = await kafka.lastRecord(range);
      const end = last === undefined ? range.begin : last.offset + 1;
      known.set(name, { high: range.end, end });
      return { ...range, end };
    } catch (error) {
      // A transaction that is open for long: what it holds is not there yet.
      if (error instanceof EngineError && error.failure === 'retriable' && before) return { ...range, end: before.end };
      throw error;
    }
  };
  return {
    ensureTopics: (specs) => kafka.ensureTopics(specs),
    append: (appends) => kafka.append(appends),
    read: (at, from, maxRecords) => kafka.read(at, from, maxRecords),
    partitions: async (topic) => {
      const ranges = await kafka.partitions(topic);
      return topics.has(topic) ? Promise.all(ranges.map(visible)) : ranges;
    },
    committed: (group, at) => kafka.committed(group, at),
    consume: (consumption) => kafka.consume(consumption),
    truncate: (at, before) => kafka.truncate(at, before),
  };
};
