import { type Log, type PartitionRange, type TopicPartition } from '@tributary/kernel';

/** Whether a group has read every partition of these topics to its end: then what it read has had its effect, too. */
export const nothingWaits = async (log: Log, group: string, topics: readonly string[]): Promise<boolean> =>
  hasRead(log, group, await rangesOf(log, topics));

/** How many records of these topics a group has not read. */
export const waitingFor = async (log: Log, group: string, topics: readonly string[]): Promise<number> => {
  const waits = (await rangesOf(log, topics)).map(async ({ begin, end, ...at }) =>
    begin === end ? 0 : Math.max(0, end - Math.max(begin, (await committed(log, group, at)) ?? begin)),
  );
  return (await Promise.all(waits)).reduce((sum, waiting) => sum + waiting, 0);
};

const rangesOf = async (log: Log, topics: readonly string[]): Promise<readonly PartitionRange[]> =>
  (await Promise.all(topics.map((topic) => log.partitions(topic)))).flat();

const hasRead = async (log: Log, group: string, ranges: readonly PartitionRange[]): Promise<boolean> => {
  const read = await Promise.all(
    ranges.map(async ({ begin, end, ...at }) => begin === end || ((await committed(log, group, at)) ?? 0) >= end),
  );
  return read.every(Boolean);
};

const committed = (log: Log, group: string, { topic, partition }: TopicPartition): Promise<number | undefined> =>
  log.committed(group, { topic, partition });

/** What came in longer ago than this and was not read means that one does not keep up. */
const LATE_MS = 3_000;

/**
 * Whether a group keeps up with what comes in: nothing waits, or all that was there at some look of the last seconds has
 * been read by now. Where input never pauses something always waits, and silence would never be concluded.
 */
export class KeepingUp {
  readonly #log: Log;
  readonly #group: string;
  readonly #topics: readonly string[];
  /** What is to be read yet, unless that takes too long. */
  #looked: { readonly at_ms: number; readonly ranges: readonly PartitionRange[] } | null = null;

  constructor(log: Log, group: string, topics: readonly string[]) {
    this.#log = log;
    this.#group = group;
    this.#topics = topics;
  }

  /** To be asked again and again, every second or oftener. */
  async look(): Promise<boolean> {
    const ranges = await rangesOf(this.#log, this.#topics);
    if (await hasRead(this.#log, this.#group, ranges)) return true;
    const now_ms = performance.now();
    const before = this.#looked;
    const isRecent = before !== null && now_ms - before.at_ms < LATE_MS;
    const isRead = isRecent && (await hasRead(this.#log, this.#group, before.ranges));
    if (isRead || !isRecent) this.#looked = { at_ms: now_ms, ranges };
    return isRead;
  }
}
