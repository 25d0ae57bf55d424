import { type Log, type LogBatch, partitionName, type RunningConsumption, type StoredRecord } from '@tributary/kernel';
import { readBack } from './log-tail.js';

export interface RelayOptions {
  /** Names the group that keeps how far the source was copied. */
  readonly group: string;
  readonly topics: readonly string[];
  /** At most so many records are sent at once, and so many of a partition are looked at when it begins. */
  readonly maxRecords?: number;
}

const MAX_RECORDS = 1_000;

/**
 * Copies topics from a log of ours to a foreign one, each record once, in the order of its key. What a crash left sent
 * and not noted is found in the target's tails, by content: so no two records of a topic may be the same (messages have
 * ids, quarantined records their places). Only one relay may write to a target topic.
 */
export class Relay {
  readonly #source: Log;
  readonly #target: Log;
  readonly #options: RelayOptions;
  /** What was found sent of a source partition, until as many records as a batch may hold were held against it. */
  readonly #sent = new Map<string, { readonly contents: ReadonlySet<string>; left: number }>();
  #consumption: RunningConsumption | null = null;

  constructor(source: Log, target: Log, options: RelayOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  start(): { readonly done: Promise<void> } {
    const { group, topics } = this.#options;
    this.#consumption = this.#source.consume({
      group,
      topics,
      maxRecords: this.#most,
      startAt: async (at) => {
        this.#sent.set(partitionName(at), { contents: await this.#tailOf(at.topic), left: this.#most });
        return undefined;
      },
      onBatch: (batch) => this.#copy(batch),
    });
    return { done: this.#consumption.done };
  }

  get #most(): number {
    return this.#options.maxRecords ?? MAX_RECORDS;
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  async #copy(batch: LogBatch): Promise<void> {
    const sent = this.#sent.get(partitionName(batch));
    const records = sent ? batch.records.filter((record) => !sent.contents.has(contentOf(record))) : batch.records;
    if (records.length > 0)
      await this.#target.append([
        {
          topic: batch.topic,
          records: records.map(({ key, value, timestamp_ms }) => ({ key, value, timestamp_ms })),
        },
      ]);
    // The last life sent no more than one batch beyond what it noted.
    if (sent && (sent.left -= batch.records.length) <= 0) this.#sent.delete(partitionName(batch));
  }

  /** The last life's last batch lies within so many records of each of the target's partitions. */
  async #tailOf(topic: string): Promise<ReadonlySet<string>> {
    const contents = new Set<string>();
    const partitions = (await this.#source.partitions(topic)).length;
    const most = this.#most * partitions;
    for (const range of await this.#target.partitions(topic)) {
      let seen = 0;
      for (const record of await readBack(this.#target, range, () => (seen += 1) > most))
        contents.add(contentOf(record));
    }
    return contents;
  }
}

const contentOf = ({ key, value, timestamp_ms }: StoredRecord): string =>
  `${key ?? ''}\0${timestamp_ms}\0${Buffer.from(value).toString('latin1')}`;
