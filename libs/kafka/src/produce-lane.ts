import { EngineError } from '@tributary/kernel';
import { type Producer, type RecordMetadata } from 'kafkajs';
import { type KafkaClient } from './client.js';
import { ENGINE, engineError } from './errors.js';
import { type Part, type ProducedRecord, ProduceQueue } from './produce-queue.js';

/** So much at once is worth a request of its own: nothing is gained by waiting for more. */
const EAGER_BYTES = 128 * 1024;
/** With the pauses below about half a minute: what a restart of a broker takes. */
const RETRIES = 16;
const ACK_TIMEOUT_MS = 9_000;
const ROUNDS = 4;

export const PRODUCER_RETRY = {
  initialRetryTime: 100,
  maxRetryTime: 2000,
  factor: 0.2,
  multiplier: 2,
  retries: RETRIES,
};

/** Records carry their partition; nobody chooses. */
export const statedPartition =
  () =>
  ({ message }: { message: { readonly partition?: number } }): number =>
    message.partition!;

/**
 * Some partitions' way to Kafka: one request in flight, what comes meanwhile is gathered into the next.
 *
 * More in flight would not be sound. The client's idempotent producer gives numbers to a request when it leaves and takes
 * them back when its answer is lost; a second request would then travel under the numbers of the first, and Kafka would
 * acknowledge it as a repetition, without storing it. For the same reason a producer that gave up is never used again.
 */
export class ProduceLane {
  readonly #queue = new ProduceQueue();
  #producer: Promise<Producer> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #flight: Promise<void> | undefined;

  constructor(
    readonly client: KafkaClient,
    readonly linger_ms: number,
  ) {}

  get bytes(): number {
    return this.#queue.bytes;
  }

  push(parts: readonly Part[]): void {
    for (const part of parts) this.#queue.push(part, performance.now());
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flight || this.#queue.empty) return;
    const waited_ms = performance.now() - this.#queue.oldest_ms!;
    if (this.#queue.bytes >= EAGER_BYTES || waited_ms >= this.linger_ms) return this.#send();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#flight && !this.#queue.empty) this.#send();
    }, this.linger_ms - waited_ms);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const parts = this.#queue.take();
    this.#flight = this.#deliver(parts).finally(() => {
      this.#flight = undefined;
      this.#schedule();
    });
  }

  /** Never rejects: each append is told of its own fate. */
  async #deliver(parts: readonly Part[]): Promise<void> {
    try {
      this.#producer ??= this.#open();
      const producer = await this.#producer;
      for (const { append } of parts) append.markSent();
      await sendAll(producer, parts);
      for (const { append } of parts) append.landed();
    } catch (error) {
      const failure = engineError('append', error, 'unknown');
      for (const { append } of parts) append.fail(failure);
      // What waited behind an outage is not sent into it one request after the other.
      for (const { append } of this.#queue.drain()) append.spare(failure);
      await this.#abandon();
    }
  }

  async #open(): Promise<Producer> {
    const producer = this.client.kafka.producer({
      idempotent: true,
      createPartitioner: statedPartition,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      retry: PRODUCER_RETRY,
    });
    this.client.sockets.endSilent(producer);
    await producer.connect();
    return producer;
  }

  async #abandon(): Promise<void> {
    const given = this.#producer;
    this.#producer = undefined;
    // It failed, or never was: that it cannot even say goodbye is no news.
    await given?.then((producer) => producer.disconnect()).catch(() => {});
  }

  /** Sends what waits, then ends. */
  async close(): Promise<void> {
    while (this.#flight || !this.#queue.empty) {
      if (!this.#flight) this.#send();
      await this.#flight;
    }
    await this.#abandon();
  }
}

/**
 * Resolves when every part is acknowledged. The client passes over a partition whose leader moves, between two tries, to a
 * broker that has already answered, and calls it a success: so the answers are counted.
 */
export const sendAll = async (sender: Pick<Producer, 'sendBatch'>, parts: readonly Part[]): Promise<void> => {
  let missing = parts;
  for (let round = 0; missing.length > 0; round++) {
    if (round === ROUNDS)
      throw new EngineError(ENGINE, 'unknown', `append: ${missing.length} partitions gave no answer`);
    const answers = await sender.sendBatch({
      acks: -1,
      timeout: ACK_TIMEOUT_MS,
      topicMessages: byTopic(missing),
    });
    const answered = new Set(answers.map(({ topicName, partition }: RecordMetadata) => `${topicName}/${partition}`));
    missing = missing.filter(({ topic, partition }) => !answered.has(`${topic}/${partition}`));
  }
};

const byTopic = (parts: readonly Part[]): { topic: string; messages: ProducedRecord[] }[] => {
  const topics = new Map<string, ProducedRecord[]>();
  for (const { topic, records } of parts) {
    const messages = topics.get(topic) ?? [];
    topics.set(topic, messages);
    for (const record of records) messages.push(record);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
};
