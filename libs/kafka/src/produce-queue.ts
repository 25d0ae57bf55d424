import { EngineError, partitionName } from '@tributary/kernel';
import { ENGINE } from './errors.js';

export interface ProducedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestamp: string;
  readonly partition: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One caller's append: settled once, when the last of its records is durable or the first has failed. */
export class PendingAppend {
  readonly durable: Promise<void>;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  #waiting = 0;
  #sent = false;
  failed = false;

  constructor() {
    this.durable = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  add(): void {
    this.#waiting++;
  }

  markSent(): void {
    this.#sent = true;
  }

  landed(): void {
    if (--this.#waiting === 0 && !this.failed) this.#settle.resolve();
  }

  /** Its request failed, or none can be made. What was never sent has surely not happened. */
  fail(error: EngineError): void {
    if (this.#sent || error.failure === 'fatal') this.#reject(error);
    else this.spare(error);
  }

  /** The request before it failed. That may concern others alone: whoever sends it again will hear. */
  spare(error: EngineError): void {
    if (this.#sent) return this.#reject(error);
    const message = error.message.slice(`${ENGINE}: `.length);
    this.#reject(new EngineError(ENGINE, 'retriable', message, { cause: error }));
  }

  #reject(error: EngineError): void {
    if (this.failed) return;
    this.failed = true;
    this.#settle.reject(error);
  }
}

/** Records of one append for one partition that travel together. */
export interface Part {
  readonly append: PendingAppend;
  readonly topic: string;
  readonly partition: number;
  readonly records: ProducedRecord[];
  bytes: number;
}

/**
 * Kafka refuses a batch of records beyond `max.message.bytes` (1 MiB by default), and the client makes one batch of all
 * records that a request has for a partition. It also copies that list once per record, hence the count.
 */
export const MAX_BATCH_BYTES = 900 * 1024;
export const MAX_BATCH_RECORDS = 2000;
/** A request holds at most so much, over all partitions. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/** What waits to be sent, in order per partition. */
export class ProduceQueue {
  readonly #partitions = new Map<string, Part[]>();
  bytes = 0;
  oldest_ms: number | undefined;

  push(part: Part, now_ms: number): void {
    const at = partitionName(part);
    const waiting = this.#partitions.get(at);
    if (waiting) waiting.push(part);
    else this.#partitions.set(at, [part]);
    this.bytes += part.bytes;
    this.oldest_ms ??= now_ms;
  }

  get empty(): boolean {
    return this.#partitions.size === 0;
  }

  /** As much as one request may hold. A partition that was not emptied goes to the end, so that none is starved. */
  take(): Part[] {
    const taken: Part[] = [];
    let total = 0;
    for (const [at, waiting] of [...this.#partitions]) {
      if (total >= MAX_REQUEST_BYTES) break;
      const count = fitting(waiting);
      const parts = waiting.splice(0, count);
      this.#partitions.delete(at);
      if (waiting.length > 0) this.#partitions.set(at, waiting);
      for (const part of parts) {
        total += part.bytes;
        if (!part.append.failed) taken.push(part);
      }
    }
    this.bytes -= total;
    if (this.empty) this.oldest_ms = undefined;
    return taken;
  }

  /** Empties the queue; nothing of it was sent. */
  drain(): Part[] {
    const all = [...this.#partitions.values()].flat();
    this.#partitions.clear();
    this.bytes = 0;
    this.oldest_ms = undefined;
    return all;
  }
}

const fitting = (waiting: readonly Part[]): number => {
  let [count, bytes, records] = [0, 0, 0];
  for (const part of waiting) {
    bytes += part.bytes;
    records += part.records.length;
    if (count > 0 && (bytes > MAX_BATCH_BYTES || records > MAX_BATCH_RECORDS)) break;
    count++;
  }
  return count;
};
