import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, mayPass, partitionName, type PartitionRange, type TopicPartition } from '@tributary/kernel';

const BEAT_MS = 250;
/** So many do not wait for the beat. */
const FEW = 1_000;

/** Up to where a partition was read. */
export interface ReadTo extends TopicPartition {
  readonly end: number;
}

/**
 * Whoever has read all that there was rests until the next beat: what comes in steadily is taken some times a second, in units
 * that are worth their commit, and all partitions at once. What comes after a pause is taken as it comes.
 */
export class Beat {
  readonly #log: Pick<Log, 'partitions'>;
  readonly #stopping: AbortSignal;

  constructor(log: Pick<Log, 'partitions'>, stopping: AbortSignal) {
    this.#log = log;
    this.#stopping = stopping;
  }

  /** Where little has come since these were read, and nothing was left. */
  async rest(read: readonly ReadTo[]): Promise<void> {
    if ((await this.#cameSince(read)) > FEW) return;
    const signal = this.#stopping;
    await sleep(BEAT_MS - (performance.now() % BEAT_MS), undefined, { signal }).catch(() => undefined);
  }

  async #cameSince(read: readonly ReadTo[]): Promise<number> {
    const topics = [...new Set(read.map(({ topic }) => topic))];
    const ranges = (await Promise.all(topics.map((topic) => this.#rangesOf(topic)))).flat();
    const ends = new Map(ranges.map((range) => [partitionName(range), range.end]));
    return read.reduce((sum, one) => sum + (ends.get(partitionName(one)) ?? one.end) - one.end, 0);
  }

  /** A log that is away has nothing to read just now: the consumption bears that, and so must whoever only paces it. */
  #rangesOf(topic: string): Promise<readonly PartitionRange[]> {
    return this.#log.partitions(topic).catch((error: unknown) => {
      if (mayPass(error)) return [];
      throw error;
    });
  }
}
