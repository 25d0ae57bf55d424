import { EngineError, type LogAppend } from '@tributary/kernel';
import { type KafkaClient } from './client.js';
import { ENGINE } from './errors.js';
import { Packer } from './parts.js';
import { ProduceLane } from './produce-lane.js';
import { PendingAppend, type Part } from './produce-queue.js';
import { type Topics } from './topics.js';

export interface AppenderOptions {
  /** How long a small append waits for company. */
  readonly linger_ms: number;
  /** Partitions are shared out over so many producers, each with one request in flight. */
  readonly lanes: number;
  /** What may wait in memory for Kafka; beyond it appends are refused, so that pressure reaches the door. */
  readonly queue_bytes: number;
}

/** Gathers the appends of all callers; answers each when Kafka has all of its records on all replicas in sync. */
export class Appender {
  readonly #lanes: readonly ProduceLane[];
  readonly #packer: Packer;
  #underway_bytes = 0;
  #closed = false;

  constructor(
    client: KafkaClient,
    topics: Topics,
    readonly options: AppenderOptions,
  ) {
    this.#packer = new Packer(topics);
    this.#lanes = Array.from({ length: options.lanes }, () => new ProduceLane(client, options.linger_ms));
  }

  /** The share of the queue in use. */
  pressure(): number {
    return this.#underway_bytes / this.options.queue_bytes;
  }

  async append(appends: readonly LogAppend[]): Promise<void> {
    const append = new PendingAppend();
    const parts = await this.#packer.pack(appends, append);
    if (parts.length === 0) return;
    if (this.#closed) throw new EngineError(ENGINE, 'fatal', 'the log is closed');
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    // One append alone may be larger than the whole queue; it is the many that must not be.
    if (this.#underway_bytes > 0 && this.#underway_bytes + bytes > this.options.queue_bytes)
      throw new EngineError(ENGINE, 'retriable', 'too much waits to be written already');
    this.#underway_bytes += bytes;
    for (const [lane, own] of this.#byLane(parts)) lane.push(own);
    try {
      await append.durable;
    } finally {
      this.#underway_bytes -= bytes;
    }
  }

  /** A partition stays with its lane, or its records could overtake each other. */
  #byLane(parts: readonly Part[]): Map<ProduceLane, Part[]> {
    const lanes = new Map<ProduceLane, Part[]>();
    for (const part of parts) {
      const lane = this.#lanes[part.partition % this.#lanes.length]!;
      const own = lanes.get(lane);
      if (own) own.push(part);
      else lanes.set(lane, [part]);
    }
    return lanes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}
