import { type Consumer } from 'kafkajs';
import { type TopicPartition } from '@tributary/kernel';
import { retriably, typeOf } from './errors.js';
import { type PartitionClaim } from './partition-claim.js';
import { type Topics } from './topics.js';

const RETRY_MS = 1_000;
/** The group has moved on without us: our offsets are no longer ours to move. */
const OVERTAKEN = new Set(['ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

/**
 * Moves a group's offsets behind its batches: one request at a time, of all partitions that moved, the newest offset of
 * each. The position of the sink is the truth; these say where to begin where there is none, and how far behind a group is.
 */
export class OffsetCommits {
  readonly #wanted = new Map<PartitionClaim, number>();
  /** How far each was moved: who says late where a claim began must not take back what was read since. */
  readonly #moved = new WeakMap<PartitionClaim, number>();
  #flight: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(
    readonly consumer: Pick<Consumer, 'commitOffsets'>,
    readonly topics: Topics,
  ) {}

  /** Forward only. */
  move(claim: PartitionClaim, next: number): void {
    if (next <= (this.#moved.get(claim) ?? -1)) return;
    this.#moved.set(claim, next);
    this.#wanted.set(claim, next);
    this.#start();
  }

  /** What is wanted of claims that were lost is forgotten: others own those offsets now. */
  forgetLost(): void {
    for (const claim of this.#wanted.keys()) if (claim.lost) this.#wanted.delete(claim);
  }

  /** Tries once more what failed; whoever stops hears of a failure. */
  async flush(): Promise<void> {
    clearTimeout(this.#again);
    await this.#flight;
    this.#failure = undefined;
    this.#start();
    await this.#flight;
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    clearTimeout(this.#again);
    this.#wanted.clear();
  }

  #start(): void {
    if (this.#flight || this.#wanted.size === 0) return;
    clearTimeout(this.#again);
    this.#flight = this.#commit().finally(() => (this.#flight = undefined));
  }

  async #commit(): Promise<void> {
    while (this.#wanted.size > 0) {
      const batch = [...this.#wanted];
      this.#wanted.clear();
      try {
        await this.#send(batch);
      } catch (error) {
        if (OVERTAKEN.has(typeOf(error) ?? '')) continue;
        for (const [claim, next] of batch) if (!this.#wanted.has(claim)) this.#wanted.set(claim, next);
        this.#failure = error;
        // With the next batch, or after a while: an outage that lasts ends the consumption by its own clock.
        this.#again = setTimeout(() => this.#start(), RETRY_MS);
        return;
      }
    }
  }

  async #send(batch: readonly (readonly [PartitionClaim, number])[]): Promise<void> {
    const name = ({ topic }: TopicPartition) => this.topics.inKafka(topic);
    const offsets = batch
      .filter(([claim]) => !claim.lost)
      .map(([{ at }, next]) => ({ topic: name(at), partition: at.partition, offset: String(next) }));
    if (offsets.length > 0) await retriably('commit offsets', () => this.consumer.commitOffsets(offsets));
  }
}
