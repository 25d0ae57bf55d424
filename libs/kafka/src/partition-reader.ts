import { setTimeout as pause } from 'node:timers/promises';
import { type Broker, type Cluster } from 'kafkajs';
import {
  EngineError,
  partitionName,
  type PartitionRange,
  type StoredRecord,
  type TopicPartition,
} from '@tributary/kernel';
import { ENGINE, engineError, rootOf } from './errors.js';
import { recordsOf, type FetchedPartition, type Page } from './fetched-records.js';
import { type Topics } from './topics.js';

/** One answer is at most so large, unless a single batch of records is larger: Kafka hands over a first one whole. */
const MAX_FETCH_BYTES = 4 * 1024 * 1024;
const MIN_FETCH_BYTES = 64 * 1024;
/** A guess: too small costs a second request, too large decodes what is thrown away. */
const RECORD_BYTES = 600;
const ATTEMPTS = 6;
const READ_COMMITTED = 1;
/** Longer than Kafka takes to write the marks of a transaction; shorter than it lets one stay open. */
const UNDECIDED_MS = 10_000;

/** Reads partitions without a group: what a position in the sink, not in Kafka, says is to be read. */
export class PartitionReader {
  #connected: Promise<void> | undefined;
  /** One look-up at a time: two at once would each connect to the broker, and one connection would be forgotten. */
  #leaders: Promise<Broker | void> = Promise.resolve();

  constructor(
    readonly cluster: Cluster,
    readonly topics: Topics,
  ) {}

  async read(at: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = [];
    let next = Math.max(0, from);
    while (found.length === 0 && maxRecords > 0) {
      const page = await this.#page(at, next, maxRecords);
      // What was fetched may hold nothing to see (the marks of transactions, aborted records): read on behind it.
      if (page === undefined || page.next <= next) break;
      found.push(...page.records.slice(0, maxRecords));
      next = page.next;
    }
    return found;
  }

  /**
   * The newest record that a reader sees: behind it lie at most the marks of transactions and what was aborted.
   * Looks further back in steps that double, since nobody knows how many such marks there are. While a transaction is open,
   * or its mark on the way, nobody can say: then it waits.
   */
  async last(at: TopicPartition): Promise<StoredRecord | undefined> {
    const range = await this.#range(at);
    const { begin } = range;
    const end = await this.#decided(at, range.end);
    for (let step = 16, to = end; to > begin; step *= 2) {
      const from = Math.max(begin, end - step);
      const newest = await this.#newest(at, from, to);
      if (newest) return newest;
      to = from;
    }
    return undefined;
  }

  /** The end of the partition, once every transaction before it is decided. The client's own idea of an end stops at an open one. */
  async #decided(at: TopicPartition, from: number): Promise<number> {
    for (const late_ms = performance.now() + UNDECIDED_MS; performance.now() < late_ms; await pause(20)) {
      const page = await this.#page(at, from, 1);
      if (page && page.stable >= page.end) return page.end;
    }
    throw new EngineError(ENGINE, 'retriable', `a transaction on ${partitionName(at)} is still open`);
  }

  async #newest(at: TopicPartition, from: number, to: number): Promise<StoredRecord | undefined> {
    let newest: StoredRecord | undefined;
    for (let next = from; next < to;) {
      const page = await this.#page(at, next, 1000);
      if (page === undefined || page.next <= next) break;
      newest = page.records.findLast(({ offset }) => offset < to) ?? newest;
      next = page.next;
    }
    return newest;
  }

  async #range({ topic, partition }: TopicPartition): Promise<PartitionRange> {
    const range = (await this.topics.ranges(topic)).find((one) => one.partition === partition);
    if (!range) throw new EngineError(ENGINE, 'fatal', `topic ${topic} has no partition ${partition}`);
    return range;
  }

  /** The records from `from` on that one answer holds, and where to go on; nothing at the end. */
  async #page(at: TopicPartition, from: number, maxRecords: number): Promise<Page | undefined> {
    const wanted = Math.min(MAX_FETCH_BYTES, Math.max(MIN_FETCH_BYTES, maxRecords * RECORD_BYTES));
    for (let attempt = 1; ; attempt++)
      try {
        const fetched = await this.#fetch(at, from, wanted);
        return fetched && recordsOf(fetched, from, this.topics.bindings.get(at.topic));
      } catch (error) {
        if ((rootOf(error) as Error).name === 'KafkaJSOffsetOutOfRange') {
          const { begin } = await this.#range(at);
          if (from >= begin) return undefined;
          from = begin;
          continue;
        }
        const failure = engineError(`read ${partitionName(at)}`, error, 'retriable');
        if (failure.failure !== 'retriable' || attempt === ATTEMPTS) throw failure;
        // The leader may have moved, or its connection ended.
        await pause(50 * 2 ** attempt);
        this.#connected = undefined;
      }
  }

  async #fetch(at: TopicPartition, from: number, maxBytes: number): Promise<FetchedPartition | undefined> {
    if (at.partition >= (await this.topics.count(at.topic, at.partition)))
      throw new EngineError(ENGINE, 'fatal', `topic ${at.topic} has no partition ${at.partition}`);
    const topic = this.topics.inKafka(at.topic);
    const found = this.#leaders.catch(() => {}).then(() => this.#leader(topic, at.partition));
    this.#leaders = found;
    const broker = await found;
    const partitions = [{ partition: at.partition, fetchOffset: String(from), maxBytes }];
    const answer = (await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: 0,
      minBytes: 0,
      maxBytes,
      topics: [{ topic, partitions }],
      rackId: '',
    })) as { readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] };
    return answer.responses[0]?.partitions[0];
  }

  async #leader(topic: string, partition: number): Promise<Broker> {
    this.#connected ??= this.cluster.connect().then(() => this.cluster.refreshMetadata());
    await this.#connected;
    await this.cluster.addMultipleTargetTopics([topic]);
    await this.cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(this.cluster.findLeaderForPartitions(topic, [partition]));
    return this.cluster.findBroker({ nodeId: nodeId! });
  }

  async close(): Promise<void> {
    if (this.#connected) await this.cluster.disconnect();
  }
}
