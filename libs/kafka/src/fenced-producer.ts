import { EngineError, type EngineFailure, type LogAppend } from '@tributary/kernel';
import { type Cluster, type Producer, type Transaction } from 'kafkajs';
import { type KafkaClient } from './client.js';
import { whyNoCoordinator } from './coordinators.js';
import { ENGINE, engineError } from './errors.js';
import { Packer } from './parts.js';
import { PRODUCER_RETRY, sendAll, statedPartition } from './produce-lane.js';
import { PendingAppend, ProduceQueue, type Part } from './produce-queue.js';
import { type Topics } from './topics.js';

/** After so long without an end Kafka aborts a transaction itself, so that a dead writer does not hold readers back. */
const TRANSACTION_TIMEOUT_MS = 30_000;

/** One writer at a time under one id. A failure ends it: open another, and read the tail for what was sent. */
export interface FencedProducer {
  /** All of it becomes visible, or none. One call at a time. */
  append(appends: readonly LogAppend[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Resolves when whoever held `id` before is fenced and what they had begun is aborted: from then on the tail of their
 * topics stands still, and can be read.
 */
export const openFencedProducer = async (
  client: KafkaClient,
  topics: Topics,
  cluster: Cluster,
  id: string,
): Promise<FencedProducer> => {
  const producer = client.kafka.producer({
    transactionalId: topics.inKafka(id),
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    createPartitioner: statedPartition,
    allowAutoTopicCreation: false,
    retry: PRODUCER_RETRY,
  });
  client.sockets.endSilent(producer);
  try {
    await producer.connect();
    // The client asks for its epoch with its first transaction; an empty one is not even told to Kafka.
    await (await producer.transaction()).abort();
  } catch (error) {
    await producer.disconnect().catch(() => {});
    const reason = await whyNoCoordinator(error, cluster, topics.inKafka(id), 'transaction');
    throw engineError(`become the writer ${id}`, reason, 'retriable');
  }
  return new TransactionalProducer(producer, new Packer(topics), id);
};

class TransactionalProducer implements FencedProducer {
  #busy = false;
  #ended = false;

  constructor(
    readonly producer: Producer,
    readonly packer: Packer,
    readonly id: string,
  ) {}

  async append(appends: readonly LogAppend[]): Promise<void> {
    if (this.#ended) throw new EngineError(ENGINE, 'fatal', `the writer ${this.id} has ended: open another`);
    if (this.#busy) throw new EngineError(ENGINE, 'fatal', `the writer ${this.id} was asked twice at once`);
    this.#busy = true;
    try {
      const parts = await this.packer.pack(appends, new PendingAppend());
      if (parts.length > 0) await this.#commit(parts);
    } finally {
      this.#busy = false;
    }
  }

  async #commit(parts: readonly Part[]): Promise<void> {
    // Until the end of the transaction is asked for, nothing can have become visible.
    let known: EngineFailure = 'retriable';
    try {
      const transaction = await this.producer.transaction();
      await this.#send(transaction, parts);
      known = 'unknown';
      await transaction.commit();
    } catch (error) {
      // The client's state after a failure is not to be trusted. Whoever is next aborts what is left open.
      this.#ended = true;
      await this.producer.disconnect().catch(() => {});
      throw engineError(`write as ${this.id}`, error, known);
    }
  }

  async #send(transaction: Transaction, parts: readonly Part[]): Promise<void> {
    const queue = new ProduceQueue();
    for (const part of parts) queue.push(part, 0);
    while (!queue.empty) await sendAll(transaction, queue.take());
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.producer.disconnect();
  }
}
