import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentStore, type Log } from '@tributary/kernel';
import { FEED_TOPIC } from '@tributary/pipeline';
import { MadeTo } from './made-to.js';

/** What was told is made a moment later: who compares at the feed's end waits for it, and takes no middle for the end. */
const BRIEFLY_MS = 1_000;
const LOOK_MS = 20;

/**
 * The feed for who renders documents because of its messages: a message is there when the documents say what it says.
 * Rows that were made of older documents would never be made again.
 */
export const feedAsMade = (log: Log, documents: DocumentStore): Log => {
  const made = new MadeTo(documents);
  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    append: (appends) => log.append(appends),
    read: async (at, from, maxRecords) => {
      if (at.topic !== FEED_TOPIC) return log.read(at, from, maxRecords);
      for (const late_ms = performance.now() + BRIEFLY_MS; ; await sleep(LOOK_MS)) {
        await made.look();
        const records = await log.read(at, from, maxRecords);
        const some = made.of(records);
        if (some.length > 0 || records.length === 0 || performance.now() > late_ms) return some;
      }
    },
    partitions: (topic) => log.partitions(topic),
    committed: (group, at) => log.committed(group, at),
    consume: (consumption) => log.consume(consumption),
    truncate: (at, before) => log.truncate(at, before),
  };
};
