import { type Log } from '@tributary/kernel';

/** What the processes that share a log agree on. */
const TOPIC = 'platform';
const MOST = 1_000;

export type MarkedLog = Pick<Log, 'ensureTopics' | 'append' | 'read'>;

/**
 * The mark under a name that counts for all who share a log: that of the first who left one, also where two begin at once.
 * A log that was made anew, or whose topic was deleted, has none, and takes the next.
 */
export const sharedMark = async (log: MarkedLog, name: string, own: string): Promise<string> => {
  await log.ensureTopics([{ name: TOPIC, partitions: 1 }]);
  const kept = async (): Promise<string | undefined> => {
    const marks = await log.read({ topic: TOPIC, partition: 0 }, 0, MOST);
    const first = marks.find(({ key }) => key === name);
    return first && Buffer.from(first.value).toString();
  };
  const before = await kept();
  if (before !== undefined) return before;
  await log.append([{ topic: TOPIC, records: [{ key: name, value: Buffer.from(own), timestamp_ms: Date.now() }] }]);
  return (await kept()) ?? own;
};
