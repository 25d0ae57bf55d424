import { setImmediate as breath } from 'node:timers/promises';
import { type LogBatch, type StoredRecord, type TopicPartition } from '@tributary/kernel';
import { storedRecord, type KafkaRecord } from './fetched-records.js';
import { type RecordBinding } from './record-binding.js';

/** What the client fetched of a partition at once. */
export interface FetchedBatch {
  readonly highWatermark: string;
  /** What was asked for. The client has it, and forgets to say so in its types. */
  readonly fetchedOffset: string;
  readonly messages: readonly KafkaRecord[];
  /** Of the last thing in it, seen or not: transactions leave marks behind their records. */
  lastOffset(): string;
}

/** Records, and what is known when they have had their effect. */
interface Slice {
  readonly batch: LogBatch;
  /** The offset to commit. */
  readonly next: number;
}

interface Fetched {
  readonly messages: readonly KafkaRecord[];
  readonly end: number;
  readonly next: number;
  readonly bytes: number;
}

/** One partition while it is ours: what was fetched and waits, and a loop that hands it on, a batch at a time. */
export class PartitionClaim {
  readonly #waiting: Fetched[] = [];
  #taken = 0;
  #wake: () => void = () => {};
  /** Given back or taken away: no further batch begins, and the one in hand moves no offset. */
  #lost = false;
  #leaving = false;
  bytes = 0;
  paused = false;
  /** The offset that comes next; unknown until the position to begin at was looked up. */
  expected: number | undefined;
  /** Where to begin anew, after something else came than was expected. */
  torn: number | undefined;

  constructor(
    readonly at: TopicPartition,
    readonly maxRecords: number,
    readonly binding?: RecordBinding,
  ) {}

  get leaving(): boolean {
    return this.#leaving;
  }

  get lost(): boolean {
    return this.#lost;
  }

  push(fetched: FetchedBatch): void {
    if (this.#leaving) return;
    const next = Number(fetched.lastOffset()) + 1;
    const { messages } = fetched;
    const bytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0) + 100, 0);
    const high = Number(fetched.highWatermark);
    // Where only marks of transactions follow, the partition ends with this record: nobody must wait for more.
    const end = next >= high ? Number(messages.at(-1)!.offset) + 1 : high;
    this.expected = next;
    this.#waiting.push({ messages, end, next, bytes });
    this.bytes += bytes;
    this.#wake();
  }

  /** No batch begins any more. The one in hand still finishes, and its offset counts. */
  leave(): void {
    this.#leaving = true;
    this.#waiting.length = 0;
    this.bytes = 0;
    this.#wake();
  }

  /** Somebody else may have the partition by now: what is still in hand must not move its offset. */
  lose(): void {
    this.leave();
    this.#lost = true;
  }

  /**
   * Runs until the claim is left. No batch begins before `ready` resolves; `handled` hears how far the effects reach.
   */
  async follow(
    ready: () => Promise<void>,
    onBatch: (batch: LogBatch) => Promise<void>,
    handled: (next: number) => void,
  ): Promise<void> {
    for (;;) {
      while (!this.#leaving && this.#waiting.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
      if (!this.#leaving) await ready();
      if (this.#leaving) return;
      const { batch, next } = this.#slice();
      await onBatch(batch);
      if (this.#lost) return;
      handled(next);
      // A handler that never waits for anything must not keep heartbeats from being sent.
      await breath();
    }
  }

  /** At most `maxRecords` of what waits first: the client's batches are as large as the broker pleases. */
  #slice(): Slice {
    const head = this.#waiting[0]!;
    const to = Math.min(this.#taken + this.maxRecords, head.messages.length);
    const records: StoredRecord[] = head.messages
      .slice(this.#taken, to)
      .map((message) => storedRecord(message, this.binding));
    const whole = to === head.messages.length;
    this.#taken = whole ? 0 : to;
    if (whole) {
      this.#waiting.shift();
      this.bytes -= head.bytes;
    }
    const next = whole ? head.next : records.at(-1)!.offset + 1;
    const end = Math.max(head.end, records.at(-1)!.offset + 1);
    return { batch: { ...this.at, records, end }, next };
  }
}
