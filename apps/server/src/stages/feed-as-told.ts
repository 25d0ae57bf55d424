import { type DocumentStore, type Log, type PartitionRange } from '@tributary/kernel';
import { FEED_TOPIC } from '@tributary/pipeline';
import { MadeTo } from './made-to.js';

/**
 * The feed for subscribers where it is written before the documents: its end is where the profiles are. Who sees an event and
 * reads the profile reads what the event says; from an older one it would make what no later event sets right. So, too, for
 * who reads all profiles and follows from the end that stood before. While lost documents are rebuilt nothing is told.
 */
export const feedAsTold = (log: Log, documents: DocumentStore): Log => {
  const made = new MadeTo(documents);
  const known = new Map<number, { readonly end: number; readonly position: number; readonly told: number }>();

  const toldEnd = async (range: PartitionRange): Promise<number> => {
    const { topic, partition, begin, end } = range;
    const { position } = made;
    const before = known.get(partition);
    if (before?.end === end && before.position === position) return before.told;
    let [low, high] = [begin, end];
    // Mostly all of it is made, so the last is looked at first.
    for (let at = end - 1; low < high; at = (low + high) >> 1) {
      const [record] = await log.read({ topic, partition }, at, 1);
      if (record && made.has(record)) low = record.offset + 1;
      else high = at;
    }
    known.set(partition, { end, position, told: low });
    return low;
  };

  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    append: (appends) => log.append(appends),
    read: async (at, from, maxRecords) => {
      if (at.topic !== FEED_TOPIC) return log.read(at, from, maxRecords);
      const records = await log.read(at, from, maxRecords);
      if (records.length === 0) return records;
      await made.look();
      return made.of(records);
    },
    partitions: async (topic) => {
      const ranges = await log.partitions(topic);
      if (topic !== FEED_TOPIC) return ranges;
      await made.look();
      return Promise.all(ranges.map(async (range) => ({ ...range, end: await toldEnd(range) })));
    },
    committed: (group, at) => log.committed(group, at),
    consume: (consumption) => log.consume(consumption),
    truncate: (at, before) => log.truncate(at, before),
  };
};
