import { type Consumer } from 'kafkajs';
import {
  EngineError,
  type Consumption,
  type GoneRecords,
  neverReached,
  partitionName,
  type PartitionRange,
  type TopicPartition,
} from '@tributary/kernel';
import { type Notice } from './client.js';
import { ENGINE } from './errors.js';
import { PartitionClaim, type FetchedBatch } from './partition-claim.js';
import { type Topics } from './topics.js';

/** A partition with so much waiting is fetched no further; with half of it, again. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;

/** The partitions that are ours now: where each begins, what was fetched of it, and when to fetch no further. */
export class Assignment {
  #claims = new Map<string, PartitionClaim>();

  constructor(
    readonly consumer: Pick<Consumer, 'pause' | 'resume' | 'seek'>,
    readonly topics: Topics,
    readonly consumption: Consumption,
    readonly readAhead_bytes: number,
    readonly notice: Notice = () => {},
  ) {}

  /** Ours from now on; nothing is fetched until `place` has said where to begin. */
  take(partitions: readonly TopicPartition[]): readonly PartitionClaim[] {
    this.lose();
    const claims = partitions.map(
      (at) => new PartitionClaim(at, this.consumption.maxRecords, this.topics.bindings.get(at.topic)),
    );
    for (const claim of claims) {
      this.#claims.set(partitionName(claim.at), claim);
      this.#pause(claim);
    }
    return claims;
  }

  leave(): void {
    for (const claim of this.#claims.values()) claim.leave();
  }

  lose(): void {
    for (const claim of this.#claims.values()) claim.lose();
    this.#claims = new Map();
  }

  /**
   * Where a hole was about to be torn, go on from there; else the sink's word, else the group's, else the beginning. Answers
   * where the sink has more than the group knows of: Kafka forgets what a group that is away has read.
   */
  async place(claims: readonly PartitionClaim[]): Promise<ReadonlyMap<PartitionClaim, number>> {
    const { group, startAt } = this.consumption;
    const unknown = new Map<PartitionClaim, number>();
    const unplaced = claims.filter(({ expected, leaving }) => expected === undefined && !leaving);
    for (const topic of new Set(unplaced.map(({ at }) => at.topic))) {
      const ranges = await this.topics.ranges(topic);
      const committed = await this.topics.committedOf(group, topic);
      const own = unplaced.filter(({ at }) => at.topic === topic);
      await Promise.all(
        own.map(async (claim) => {
          const known = committed.get(claim.at.partition) ?? 0;
          const told = claim.torn === undefined ? await startAt?.call(this.consumption, claim.at) : undefined;
          this.#begin(claim, claim.torn ?? told ?? known, ranges);
          if (told !== undefined && told > known) unknown.set(claim, told);
        }),
      );
    }
    return unknown;
  }

  /** What the log no longer holds is passed over; what it never held is another log's position. */
  #begin(claim: PartitionClaim, wanted: number, ranges: readonly PartitionRange[]): void {
    if (claim.leaving) return;
    const { topic, partition } = claim.at;
    const range = ranges.find((one) => one.partition === partition);
    if (!range) throw new EngineError(ENGINE, 'fatal', `topic ${topic} has no partition ${partition}`);
    if (wanted > range.end) throw neverReached(ENGINE, claim.at, range.end, wanted);
    if (wanted < range.begin) this.#gone({ ...claim.at, from: wanted, to: range.begin });
    claim.expected = Math.max(range.begin, wanted);
    claim.torn = undefined;
    this.consumer.seek({ topic: this.topics.inKafka(topic), partition, offset: String(claim.expected) });
    this.#resume(claim);
  }

  #gone(gone: GoneRecords): void {
    const { from, to } = gone;
    const { group } = this.consumption;
    this.notice(`${partitionName(gone)} no longer holds ${from} to ${to - 1}, which group ${group} has not read`);
    this.consumption.onGone?.(gone);
  }

  /**
   * Answers whether the batch was taken. Only what follows on what is here already is: an answer from before a rebalance, or
   * from a leader that is none any more, would tear a hole. Such a claim is to be placed anew.
   */
  fetched(at: TopicPartition, batch: FetchedBatch): 'taken' | 'dropped' | PartitionClaim {
    const claim = this.#claims.get(partitionName(at));
    if (!claim || claim.leaving || claim.expected === undefined) return 'dropped';
    if (Number(batch.fetchedOffset) !== claim.expected) {
      this.#pause(claim);
      claim.torn = claim.expected;
      claim.expected = undefined;
      return claim;
    }
    claim.push(batch);
    this.balance();
    return 'taken';
  }

  /** The client passes by itself over what holds nothing to see. */
  skipped(at: TopicPartition, lastOffset: number): void {
    const claim = this.#claims.get(partitionName(at));
    if (claim?.expected !== undefined) claim.expected = Math.max(claim.expected, lastOffset + 1);
  }

  /** Fetches on where little waits; where much waits, or too much in all, no more. */
  balance(): void {
    const all = [...this.#claims.values()].filter((claim) => !claim.leaving && claim.expected !== undefined);
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const limit = total >= this.readAhead_bytes ? 0 : HIGH_WATER_BYTES;
    for (const claim of all) {
      if (!claim.paused && claim.bytes > limit) this.#pause(claim);
      else if (claim.paused && claim.bytes <= limit / 2) this.#resume(claim);
    }
  }

  #pause(claim: PartitionClaim): void {
    claim.paused = true;
    this.consumer.pause([this.#inKafka(claim)]);
  }

  #resume(claim: PartitionClaim): void {
    claim.paused = false;
    this.consumer.resume([this.#inKafka(claim)]);
  }

  #inKafka({ at: { topic, partition } }: PartitionClaim) {
    return { topic: this.topics.inKafka(topic), partitions: [partition] };
  }
}
