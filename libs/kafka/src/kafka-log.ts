import {
  type Consumption,
  type Log,
  type LogAppend,
  type PartitionRange,
  type RunningConsumption,
  type StoredRecord,
  type TopicPartition,
  type TopicSpec,
} from '@tributary/kernel';
import { type Cluster } from 'kafkajs';
import { Appender, type AppenderOptions } from './appender.js';
import { openClient, openCluster, type KafkaClient, type Notice } from './client.js';
import { whyNoCoordinator } from './coordinators.js';
import { consume } from './consumption.js';
import { openFencedProducer, type FencedProducer } from './fenced-producer.js';
import { type MemberOptions } from './group-member.js';
import { PartitionReader } from './partition-reader.js';
import { type RecordBindings } from './record-binding.js';
import { parseKafkaUrl } from './settings.js';
import { joinForTurn, type SoleTurn } from './sole-turn.js';
import { Topics } from './topics.js';

export interface KafkaOptions extends Partial<AppenderOptions>, Partial<MemberOptions> {
  /** As `parseKafkaUrl` reads it. */
  readonly url: string;
  /** Where credentials are looked for before the URL. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the broker's own logs call this process. */
  readonly clientId?: string;
  readonly notice?: Notice;
  /** Of topics whose records look otherwise in Kafka than here. */
  readonly bindings?: RecordBindings;
}

const DEFAULTS: AppenderOptions & MemberOptions = {
  linger_ms: 5,
  lanes: 1,
  queue_bytes: 64 * 1024 * 1024,
  session_timeout_ms: 10_000,
  outage_ms: 120_000,
  readAhead_bytes: 16 * 1024 * 1024,
};

export class KafkaLog implements Log {
  readonly client: KafkaClient;
  readonly topics: Topics;
  readonly options: AppenderOptions & MemberOptions;
  readonly #cluster: Cluster;
  readonly #reader: PartitionReader;
  readonly #appender: Appender;
  readonly #inHand = new Map<string, Promise<unknown>>();
  readonly #notice: Notice;

  constructor(options: KafkaOptions) {
    this.options = { ...DEFAULTS, ...options };
    const settings = parseKafkaUrl(options.url, options.env);
    this.#notice = options.notice ?? (() => {});
    this.client = openClient(settings, options.clientId ?? 'tributary', this.#notice);
    const admin = this.client.kafka.admin();
    this.client.sockets.endSilent(admin);
    this.#cluster = openCluster(this.client);
    const whyNoGroup = (error: unknown, group: string) => whyNoCoordinator(error, this.#cluster, group, 'group');
    this.topics = new Topics(admin, settings, whyNoGroup, options.bindings);
    this.#reader = new PartitionReader(this.#cluster, this.topics);
    this.#appender = new Appender(this.client, this.topics, this.options);
  }

  /** Which log this is, wherever its brokers are: offsets mean nothing in another. */
  async identity(): Promise<string> {
    return `Kafka cluster ${await this.topics.clusterId()}, prefix "${this.topics.settings.prefix}"`;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.topics.ensure(topics);
  }

  /** Throws, *fatal*, when a topic that was made sure of would not be taken any more. */
  async requireTopics(): Promise<void> {
    await this.topics.requireStillFit();
  }

  async append(appends: readonly LogAppend[]): Promise<void> {
    await this.#appender.append(appends);
  }

  async read(at: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]> {
    return this.#reader.read(at, from, maxRecords);
  }

  /** The newest record of a partition that a reader sees, past the marks of transactions: what a relay last sent. */
  async lastRecord(at: TopicPartition): Promise<StoredRecord | undefined> {
    return this.#reader.last(at);
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    return this.topics.ranges(topic);
  }

  async committed(group: string, at: TopicPartition): Promise<number | undefined> {
    return this.topics.committed(group, at);
  }

  consume(consumption: Consumption): RunningConsumption {
    const { client, topics, options } = this;
    return consume({ client, topics, options, inHand: this.#inHand, notice: this.#notice }, consumption);
  }

  async truncate(at: TopicPartition, before: number): Promise<void> {
    await this.topics.truncate(at, before);
  }

  /** The only writer under this id: whoever held it before can write no more. */
  async fencedProducer(id: string): Promise<FencedProducer> {
    return openFencedProducer(this.client, this.topics, this.#cluster, id);
  }

  /**
   * Stands in line under this name for what only one process may do; `topic` has one partition, and nothing is read of it.
   * Who leaves or is silent for a session is followed by another.
   */
  turn(name: string, topic: string): SoleTurn {
    const { client, topics, options } = this;
    return joinForTurn({ client, topics, options, inHand: this.#inHand, notice: this.#notice }, name, topic);
  }

  /** The share of the produce queue in use: a door that sees 1 or more does better to answer 503. */
  pressure(): number {
    return this.#appender.pressure();
  }

  /** Writes what waits, then ends all connections. Stop consumptions and close fenced producers first. */
  async close(): Promise<void> {
    await this.#appender.close();
    await Promise.all([this.#reader.close(), this.topics.close()]);
    this.client.sockets.endAll();
  }
}
