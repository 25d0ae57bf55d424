import { setTimeout as pause } from 'node:timers/promises';
import {
  EngineError,
  type Consumption,
  type LogBatch,
  partitionName,
  type RunningConsumption,
  type TopicPartition,
  untilDurable,
} from '@tributary/kernel';
import { Assignment } from './assignment.js';
import { typeOf } from './errors.js';
import { GroupMember, type ConsumeContext, type MemberEvents } from './group-member.js';
import { OffsetCommits } from './offset-commits.js';
import { type FetchedBatch, PartitionClaim } from './partition-claim.js';

const AGAIN_MS = 500;

export const consume = (context: ConsumeContext, consumption: Consumption): RunningConsumption => {
  const running = new KafkaConsumption(context, consumption);
  const done = running.run();
  // Whoever only calls `stop` must not meet an unhandled rejection; whoever awaits `done` still sees it.
  done.catch(() => {});
  return {
    done,
    stop: async () => {
      running.stop();
      await done.catch(() => {});
    },
  };
};

/** One member of a group, with a loop for each partition it was given. */
class KafkaConsumption implements MemberEvents {
  readonly #member: GroupMember;
  readonly #commits: OffsetCommits;
  readonly #assignment: Assignment;
  readonly #loops = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #finish!: () => void;
  readonly #finished = new Promise<void>((resolve) => (this.#finish = resolve));
  #stopping = false;

  constructor(
    readonly context: ConsumeContext,
    readonly consumption: Consumption,
  ) {
    const { topics, options } = context;
    this.#member = new GroupMember(context, consumption, this);
    this.#commits = new OffsetCommits(this.#member.consumer, topics);
    this.#assignment = new Assignment(
      this.#member.consumer,
      topics,
      consumption,
      options.readAhead_bytes,
      context.notice,
    );
  }

  async run(): Promise<void> {
    this.#member.start().catch((error: unknown) => this.failed(error));
    await this.#finished;
    await Promise.all(this.#loops);
    await this.#commits.flush().catch((error: unknown) => (this.#failure ??= { error }));
    this.#commits.close();
    await this.#member.stop();
    if (this.#failure) throw this.#failure.error;
  }

  stop(): void {
    this.#stopping = true;
    this.#assignment.leave();
    this.#finish();
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }

  /**
   * Lets go of every partition: batches in hand finish, and their offsets are committed while they are still ours. A batch
   * that takes longer than the session lasts is fenced instead: it moves no offset, and the sink refuses what comes late.
   */
  async beforeJoin(): Promise<void> {
    this.#assignment.leave();
    const patience_ms = this.context.options.session_timeout_ms * 0.6;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience_ms)));
    const settled = Promise.all(this.#loops).then(() => this.#commits.flush());
    await Promise.race([settled.catch((error: unknown) => this.#notCommitted(error)), late]);
    clearTimeout(timer);
    this.#assignment.lose();
    this.#commits.forgetLost();
  }

  #notCommitted(error: unknown): void {
    const why = typeOf(error) ?? (error as Error).message;
    this.context.notice(`offsets of group ${this.consumption.group} were not committed before a rebalance: ${why}`);
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.#stopping) return;
    const claims = this.#assignment.take(partitions);
    this.#hold(this.#place(claims));
    for (const claim of claims) this.#hold(this.#follow(claim));
  }

  /** An engine that is away, Kafka or the one that holds the sink's position, is waited for; the member's clock bounds it. */
  async #place(claims: readonly PartitionClaim[]): Promise<void> {
    while (claims.some(({ leaving }) => !leaving))
      try {
        // Who asks how much waits would else be told of what was read long ago, until more comes.
        for (const [claim, next] of await this.#assignment.place(claims)) this.#commits.move(claim, next);
        return;
      } catch (error) {
        if (!(error instanceof EngineError) || error.failure !== 'retriable') throw error;
        this.context.notice(`group ${this.consumption.group} looks again for where to begin: ${error.message}`);
        await pause(AGAIN_MS);
      }
  }

  /** What must end before this member may let go; what fails ends the consumption. */
  #hold(work: Promise<void>): void {
    const held: Promise<void> = work
      .catch((error: unknown) => this.failed(error))
      .finally(() => this.#loops.delete(held));
    this.#loops.add(held);
  }

  async #follow(claim: PartitionClaim): Promise<void> {
    const name = `${this.consumption.group}/${partitionName(claim.at)}`;
    await claim.follow(
      () => this.#handBack(name),
      (batch) => this.#handle(name, batch),
      (next) => {
        this.#commits.move(claim, next);
        this.#assignment.balance();
      },
    );
  }

  /** Waits for a batch of the same partition that this process still has in hand from before. */
  async #handBack(name: string): Promise<void> {
    const { inHand } = this.context;
    // Whoever has it in hand hears of its failure.
    for (let before = inHand.get(name); before; before = inHand.get(name)) await before.catch(() => {});
  }

  async #handle(name: string, batch: LogBatch): Promise<void> {
    const { inHand } = this.context;
    const handling = untilDurable(this.consumption.onBatch(batch));
    inHand.set(name, handling);
    try {
      await handling;
    } finally {
      inHand.delete(name);
    }
  }

  fetched(at: TopicPartition, batch: FetchedBatch): boolean {
    const fate = this.#assignment.fetched(at, batch);
    if (fate instanceof PartitionClaim) this.#hold(this.#place([fate]));
    return fate === 'taken';
  }

  skipped(at: TopicPartition, lastOffset: number): void {
    this.#assignment.skipped(at, lastOffset);
  }
}
