import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentStore, type Log, type StoredRecord } from '@tributary/kernel';
import { documentsMadeTo, FEED_TOPIC } from '@tributary/pipeline';

/** What was told is made a moment later: who compares at the feed's end waits for it, and takes no middle for the end. */
const BRIEFLY_MS = 1_000;
const LOOK_MS = 20;

/**
 * The feed for who renders documents because of its messages: a message is there when the documents say what it says.
 * Rows that were made of older documents would never be made again.
 */
export const feedAsMade = (log: Log, documents: DocumentStore): Log => {
  let madeTo = -1;
  const isMade = ({ value }: StoredRecord): boolean =>
    (JSON.parse(new TextDecoder().decode(value)) as { readonly sequence: number }).sequence <= madeTo;
  // In order of their events, so what is made is a beginning of them: found by halving.
  const madeOf = (records: readonly StoredRecord[]): readonly StoredRecord[] => {
    let [low, high] = [0, records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isMade(records[middle] as StoredRecord)) low = middle + 1;
      else high = middle;
    }
    return records.slice(0, low);
  };
  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    append: (appends) => log.append(appends),
    read: async (at, from, maxRecords) => {
      if (at.topic !== FEED_TOPIC) return log.read(at, from, maxRecords);
      for (const late_ms = performance.now() + BRIEFLY_MS; ; await sleep(LOOK_MS)) {
        const { position, whole } = await documentsMadeTo(documents);
        // Lower than it was: the documents were lost, and are rebuilt.
        madeTo = whole ? position : Math.min(madeTo, position);
        const records = await log.read(at, from, maxRecords);
        const made = madeOf(records);
        if (made.length > 0 || records.length === 0 || performance.now() > late_ms) return made;
      }
    },
    partitions: (topic) => log.partitions(topic),
    committed: (group, at) => log.committed(group, at),
    consume: (consumption) => log.consume(consumption),
    truncate: (at, before) => log.truncate(at, before),
  };
};
