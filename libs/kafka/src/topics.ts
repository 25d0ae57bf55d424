import { type Admin, type ConfigResourceTypes, type ITopicConfig } from 'kafkajs';
import { mismatchOf, relevantConfig } from './topic-fit.js';
import { EngineError, type PartitionRange, type TopicPartition, type TopicSpec } from '@tributary/kernel';
import { ENGINE, isHopeless, retriably, rootOf } from './errors.js';
import { type RecordBindings } from './record-binding.js';
import { type KafkaSettings } from './settings.js';

const ATTEMPTS = 5;
/** In the protocol's own number: Node does not see the client's name for it among what that exports. */
const A_TOPIC: ConfigResourceTypes = 2;

/** Everything about topics and groups that is neither produced nor consumed. Names in Kafka carry the prefix. */
export class Topics {
  /** What keys are spread over. */
  readonly #counts = new Map<string, number>();
  /** The newest that was seen. */
  readonly #seen = new Map<string, number>();
  /** Those that somebody made, and that will do. */
  readonly #fitting = new Set<string>();
  /** As they were made sure of. */
  readonly #asked = new Map<string, TopicSpec>();
  #connected: Promise<void> | undefined;

  constructor(
    readonly admin: Admin,
    readonly settings: Pick<KafkaSettings, 'prefix' | 'replication'>,
    /** What lies behind an error about a group, as it is called in Kafka. */
    readonly whyNoGroup: (error: unknown, group: string) => Promise<unknown> = async (error) => error,
    readonly bindings: RecordBindings = new Map(),
  ) {}

  inKafka(name: string): string {
    return `${this.settings.prefix}${name}`;
  }

  async connect(): Promise<void> {
    this.#connected ??= this.admin.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    await this.#connected;
  }

  async #ask<T>(doing: string, call: () => Promise<T>): Promise<T> {
    return retriably(doing, async () => {
      await this.connect();
      return call();
    });
  }

  async reachable(): Promise<void> {
    await this.clusterId();
  }

  /** As the cluster was formatted with. */
  async clusterId(): Promise<string> {
    const { clusterId } = await this.#ask('reach Kafka', () => answered(this.admin.describeCluster()));
    return clusterId;
  }

  /** Creates what is missing. Of two that create the same at once, one is told that it exists, which is as good. */
  async ensure(topics: readonly TopicSpec[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#ask('create topics', async () => {
      const existing = new Set(await answered(this.admin.listTopics()));
      const missing = topics.filter(({ name }) => !existing.has(this.inKafka(name)));
      for (const topic of missing) await this.#create(topic);
      for (const topic of topics) if (!missing.includes(topic)) await this.#requireFit(topic);
      for (const topic of topics) this.#asked.set(this.inKafka(topic.name), topic);
    });
  }

  /** Whether what was made sure of still holds: an operator's tool changes what a topic keeps, or is split into, while it is in use. */
  async requireStillFit(): Promise<void> {
    const mismatch = await this.#ask('look at the topics', async () => {
      const existing = new Set(await answered(this.admin.listTopics()));
      const names = [...this.#asked.keys()].filter((name) => existing.has(name));
      if (names.length === 0) return null;
      const [configs, { topics }] = [
        await this.#configsInKafka(names),
        await answered(this.admin.fetchTopicMetadata({ topics: names })),
      ];
      const found = topics.map(({ name, partitions }) => {
        const config = configs.get(name) ?? new Map<string, string>();
        return [name, mismatchOf(this.#asked.get(name)!, partitions.length, config)] as const;
      });
      return found.find(([, why]) => why !== null) ?? null;
    });
    if (mismatch) throw new EngineError(ENGINE, 'fatal', `topic ${mismatch.join(' ')}`);
  }

  /** Somebody else may have made it: a broker makes topics, by its own defaults, for whoever asks for one. */
  async #requireFit(topic: TopicSpec): Promise<void> {
    const name = this.inKafka(topic.name);
    if (this.#fitting.has(name)) return;
    const config = (await this.#configsInKafka([name])).get(name) ?? new Map<string, string>();
    const mismatch = mismatchOf(topic, await this.#countInKafka(topic.name), config);
    if (mismatch) throw new EngineError(ENGINE, 'fatal', `topic ${name} ${mismatch}`);
    this.#fitting.add(name);
  }

  /** By topic; nothing is known of them to whom Kafka does not tell. */
  async #configsInKafka(names: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const resources = names.map((name) => ({ type: A_TOPIC, name, configNames: [...relevantConfig] }));
    const described = await answered(this.admin.describeConfigs({ resources, includeSynonyms: false })).catch(
      (error: unknown) => {
        if (isHopeless(error)) return { resources: [] };
        throw error;
      },
    );
    return new Map(
      described.resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  }

  async #create(topic: TopicSpec): Promise<void> {
    const config: ITopicConfig = {
      topic: this.inKafka(topic.name),
      numPartitions: topic.partitions,
      replicationFactor: this.settings.replication ?? -1,
      configEntries: configOf(topic),
    };
    await answered(this.admin.createTopics({ topics: [config], waitForLeaders: true, timeout: 15_000 }));
  }

  /**
   * How many partitions a topic has. It is not asked for again: the key of a record would change its place. Only who comes
   * upon one that is not among those that are known, since somebody gave the topic more, has it asked anew.
   */
  async count(topic: string, upon?: number): Promise<number> {
    const known = upon === undefined ? this.#counts.get(topic) : this.#seen.get(topic);
    if (known !== undefined && (upon === undefined || upon < known)) return known;
    const count = await this.#ask(`look up topic ${topic}`, () => this.#countInKafka(topic));
    if (count === 0)
      throw new EngineError(ENGINE, 'fatal', `topic ${topic} does not exist, or its user may not see it`);
    if (!this.#counts.has(topic)) this.#counts.set(topic, count);
    this.#seen.set(topic, count);
    return count;
  }

  // Asking for a topic that is not there would leave its name with the client, which then fails for all topics.
  async #countInKafka(topic: string): Promise<number> {
    const name = this.inKafka(topic);
    if (!(await answered(this.admin.listTopics())).includes(name)) return 0;
    const { topics } = await answered(this.admin.fetchTopicMetadata({ topics: [name] }));
    return topics[0]?.partitions.length ?? 0;
  }

  async exists(topic: string): Promise<boolean> {
    if (this.#counts.has(topic)) return true;
    const names = await this.#ask('list topics', () => answered(this.admin.listTopics()));
    return names.includes(this.inKafka(topic));
  }

  async ranges(topic: string): Promise<readonly PartitionRange[]> {
    if (!(await this.exists(topic))) return [];
    const offsets = await this.#ask(`ask for the offsets of ${topic}`, () => this.#offsetsInKafka(topic));
    return offsets
      .map(({ partition, low, high }) => ({ topic, partition, begin: Number(low), end: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  // Of two refreshes of a client's metadata at once the older may come last, without a topic that was new to the other:
  // then kafkajs stumbles over its own empty answer, with a TypeError. Asked again it learns of the topic again.
  async #offsetsInKafka(topic: string): ReturnType<Admin['fetchTopicOffsets']> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.admin.fetchTopicOffsets(this.inKafka(topic));
      } catch (error) {
        if (!(rootOf(error) instanceof TypeError)) throw error;
        if (attempt === ATTEMPTS) throw notUnderstood(error);
      }
  }

  async committed(group: string, { topic, partition }: TopicPartition): Promise<number | undefined> {
    return (await this.committedOf(group, topic)).get(partition);
  }

  /** By partition; without those of which the group has no position. */
  async committedOf(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const answer = await this.#ask(`ask for the offsets of group ${group}`, () =>
      answered(this.admin.fetchOffsets({ groupId: this.inKafka(group), topics: [this.inKafka(topic)] })).catch(
        async (error: unknown) => {
          throw await this.whyNoGroup(error, this.inKafka(group));
        },
      ),
    );
    const offsets = (answer[0]?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
    // Below nought Kafka means "none" or "the earliest".
    return new Map(offsets.filter(([, offset]) => offset >= 0));
  }

  async truncate({ topic, partition }: TopicPartition, before: number): Promise<void> {
    const range = (await this.ranges(topic)).find((one) => one.partition === partition);
    if (!range) throw new EngineError(ENGINE, 'fatal', `topic ${topic} has no partition ${partition}`);
    if (before <= range.begin) return;
    const offset = String(Math.min(before, range.end));
    await this.#ask(`truncate ${topic}/${partition}`, () =>
      answered(this.admin.deleteTopicRecords({ topic: this.inKafka(topic), partitions: [{ partition, offset }] })),
    );
  }

  async close(): Promise<void> {
    // Also where it never came to be: a refused connection keeps its timers.
    await this.admin.disconnect();
  }
}

/** While no broker is there, kafkajs takes answers apart that it never had: a TypeError of its own, and no bug of ours. */
const answered = <T>(call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw rootOf(error) instanceof TypeError ? notUnderstood(error) : error;
  });

/** Without the cause: a TypeError at the root would be taken for ours. */
const notUnderstood = (error: unknown): Error =>
  new Error(`no answer that the client understood (${(rootOf(error) as Error).message})`);

/** What is not said of a topic is said to Kafka all the same: its defaults would delete after a week. */
const configOf = ({ retention_ms, compacted }: TopicSpec): { name: string; value: string }[] => [
  {
    name: 'cleanup.policy',
    value: [compacted && 'compact', retention_ms && 'delete'].filter(Boolean).join(',') || 'delete',
  },
  { name: 'retention.ms', value: String(retention_ms ?? -1) },
  { name: 'retention.bytes', value: '-1' },
  { name: 'message.timestamp.type', value: 'CreateTime' },
];
