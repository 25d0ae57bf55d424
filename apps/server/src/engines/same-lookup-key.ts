import { createHmac } from 'node:crypto';
import { type Log } from '@tributary/kernel';
import { SettingRefused } from './settings.js';

/** What the processes that share a log agree on. */
const TOPIC = 'platform';
const KEY = 'lookup-key';

/**
 * Two processes that hash identifiers with different keys make two customers of each person, for good: facts never move.
 * So the first that starts leaves a mark of its key in the log, which says nothing of the key itself, and one with another
 * key is refused. Of two that begin at once, the first mark counts for both.
 */
export const requireSameLookupKey = async (
  log: Pick<Log, 'ensureTopics' | 'append' | 'read'>,
  lookupKey: Uint8Array,
): Promise<void> => {
  const mark = createHmac('sha256', lookupKey).update('tributary: mark of a lookup key').digest('hex').slice(0, 32);
  await log.ensureTopics([{ name: TOPIC, partitions: 1 }]);
  const kept = async (): Promise<string | undefined> => {
    const [first] = await log.read({ topic: TOPIC, partition: 0 }, 0, 1);
    return first && Buffer.from(first.value).toString();
  };
  if ((await kept()) === undefined)
    await log.append([{ topic: TOPIC, records: [{ key: KEY, value: Buffer.from(mark), timestamp_ms: Date.now() }] }]);
  if ((await kept()) === mark) return;
  throw new SettingRefused(
    'TRIBUTARY_LOOKUP_KEY',
    'is another than the one that this log began with: each person would become two customers; give all processes the first',
  );
};
