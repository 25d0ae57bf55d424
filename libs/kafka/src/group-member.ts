import { type Consumer, type ConsumerCrashEvent, type ConsumerGroupJoinEvent, type PartitionAssigner } from 'kafkajs';
import { EngineError, type Consumption, type TopicPartition } from '@tributary/kernel';
import { bySubscription } from './by-subscription.js';
import { CLUSTER_RETRY, type KafkaClient, type Notice } from './client.js';
import { ENGINE, engineError, rootOf } from './errors.js';
import { assignerThatWaits } from './join-barrier.js';
import { type FetchedBatch } from './partition-claim.js';
import { type Topics } from './topics.js';

export interface MemberOptions {
  /** After so long without a heartbeat a member is taken for dead, and its partitions are given to others. */
  readonly session_timeout_ms: number;
  /** After so long without a word from Kafka a consumption gives up: better to end than to live on without consuming. */
  readonly outage_ms: number;
  /** What may be fetched ahead of the handlers, over all partitions of a consumption. */
  readonly readAhead_bytes: number;
}

export interface ConsumeContext {
  readonly client: KafkaClient;
  readonly topics: Topics;
  readonly options: MemberOptions;
  /** Batches in hand of every consumption of this log: two of one partition never meet in one process. */
  readonly inHand: Map<string, Promise<unknown>>;
  readonly notice: Notice;
}

/** What a member tells of. While `beforeJoin` is awaited, no heartbeat is sent. */
export interface MemberEvents {
  beforeJoin(): Promise<void>;
  assigned(partitions: readonly TopicPartition[]): void;
  /** Answers whether the batch was taken; if not, it is fetched again. */
  fetched(at: TopicPartition, batch: FetchedBatch): boolean;
  /** What was fetched held nothing to see. */
  skipped(at: TopicPartition, lastOffset: number): void;
  failed(error: unknown): void;
  /** Kafka takes this member for alive. */
  alive?(): void;
}

/** How long a rebalance waits for a member that finishes its batch. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** An empty fetch returns after so long; it is also how soon a partition goes on after a pause. */
const MAX_WAIT_MS = 100;
const FETCH_BYTES = 1024 * 1024;
const STOP_MS = 5_000;

/** A member of a consumer group: the client's consumer, its traps fenced. Fetches; handles nothing itself. */
export class GroupMember {
  readonly consumer: Consumer;
  /** What our topics are called in Kafka, and here. */
  readonly #names: ReadonlyMap<string, string>;
  #alive_ms = performance.now();
  #watch: NodeJS.Timeout | undefined;
  #stopped = false;
  #starting: Promise<void> | undefined;

  constructor(
    readonly context: ConsumeContext,
    readonly consumption: Consumption,
    readonly events: MemberEvents,
    assigner: PartitionAssigner = bySubscription,
  ) {
    const { client, options, topics } = context;
    this.#names = new Map(consumption.topics.map((topic) => [topics.inKafka(topic), topic]));
    this.consumer = client.ofMember().consumer({
      groupId: topics.inKafka(consumption.group),
      partitionAssigners: [assignerThatWaits(() => this.#beforeJoin(), assigner)],
      sessionTimeout: options.session_timeout_ms,
      heartbeatInterval: Math.floor(options.session_timeout_ms / 10),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES,
      maxBytes: 8 * FETCH_BYTES,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: { ...CLUSTER_RETRY, restartOnFailure: async () => !this.#stopped },
    });
    client.sockets.endSilent(this.consumer);
    this.#listen();
  }

  #listen(): void {
    const { GROUP_JOIN, HEARTBEAT, CRASH, START_BATCH_PROCESS } = this.consumer.events;
    this.consumer.on(HEARTBEAT, () => this.#alive());
    this.consumer.on(GROUP_JOIN, (event) => this.#joined(event));
    this.consumer.on(CRASH, (event) => this.#crashed(event));
    this.consumer.on(START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      const name = this.#names.get(topic);
      if (batchSize === 0 && name !== undefined) this.events.skipped({ topic: name, partition }, Number(lastOffset));
    });
  }

  #alive(): void {
    this.#alive_ms = performance.now();
    this.events.alive?.();
  }

  async #beforeJoin(): Promise<void> {
    this.#refuseIfStopped();
    await this.events.beforeJoin();
    this.#refuseIfStopped();
  }

  /**
   * The client may be in the middle of (re)joining when it is told to stop: then it forgets what it runs, and would go on for
   * ever as a member that holds partitions and consumes nothing. An error thrown into its join ends it.
   */
  #refuseIfStopped(): void {
    if (this.#stopped) throw Object.assign(new Error('this member has left its group'), { retriable: false });
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    this.#refuseIfStopped();
    this.#alive();
    const partitions = Object.entries(payload.memberAssignment).flatMap(([name, numbers]) => {
      const topic = this.#names.get(name);
      return topic === undefined ? [] : numbers.map((partition) => ({ topic, partition }));
    });
    this.events.assigned(partitions);
  }

  #crashed({ payload: { error, restart } }: ConsumerCrashEvent): void {
    if (this.#stopped) return;
    const { group } = this.consumption;
    if (!restart) return this.events.failed(engineError(`the consumer of group ${group} crashed`, error, 'retriable'));
    this.context.notice(`the consumer of group ${group} starts again: ${(rootOf(error) as Error).message}`);
  }

  /** Resolves when the member has joined, or goes on trying by itself. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  async #start(): Promise<void> {
    for (const topic of this.consumption.topics) await this.context.topics.count(topic);
    if (this.#stopped) return;
    this.#watch = setInterval(() => this.#lookForLife(), 1_000);
    await this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.#names.keys()], fromBeginning: true });
      if (this.#stopped) return;
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, isStale }) => {
          const at = { topic: this.#names.get(batch.topic)!, partition: batch.partition };
          if (!isStale() && this.events.fetched(at, batch as unknown as FetchedBatch))
            resolveOffset(batch.lastOffset());
        },
      });
    } catch (error) {
      throw engineError(`join group ${this.consumption.group}`, error, 'retriable');
    }
  }

  #lookForLife(): void {
    const silent_ms = performance.now() - this.#alive_ms;
    if (this.#stopped || silent_ms < this.context.options.outage_ms) return;
    const seconds = Math.round(silent_ms / 1000);
    const { group } = this.consumption;
    this.events.failed(
      new EngineError(ENGINE, 'retriable', `group ${group} has not heard from Kafka for ${seconds} s`),
    );
  }

  /** Leaves the group, so that others need not wait for the session to end. A client that hangs is left behind. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    const left = (async () => {
      await this.#starting;
      await this.consumer.disconnect();
    })().catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([left, new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MS)))]);
    clearTimeout(timer);
  }
}
