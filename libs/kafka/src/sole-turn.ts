import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer, type PartitionAssigner } from 'kafkajs';
import { type Consumption, mayPass, type TopicPartition } from '@tributary/kernel';
import { type Notice } from './client.js';
import { type ConsumeContext, GroupMember, type MemberEvents, type MemberOptions } from './group-member.js';
import { soleAssigner } from './sole-assigner.js';
import { type Topics } from './topics.js';

/** Of the session: after so much of it without a word from Kafka nobody is sure any more that no other has the turn. */
const SURE = 0.6;
const AGAIN_MS = 1_000;

/** Who among several processes does what only one may do. */
export interface SoleTurn {
  /**
   * Number of the turn that this process has now, and will have for some seconds to come; `null`: another has it, or may
   * have. Once it was lost it comes back under another number: others may have been at work between.
   */
  current(): number | null;
  /** Rejects when Kafka says that there will be none; an outage is waited for, however long it lasts. */
  readonly done: Promise<never>;
  /** Lets go at once, so that nobody has to wait for the session to end. Whatever hangs on the turn has to be over. */
  stop(): Promise<void>;
}

export interface TurnContext {
  readonly topics: Pick<Topics, 'inKafka'>;
  readonly options: Pick<MemberOptions, 'session_timeout_ms'>;
  readonly notice: Notice;
}

/** What a turn asks of a member of its group. */
export interface TurnMember extends Pick<GroupMember, 'start' | 'stop'> {
  readonly consumer: Pick<Consumer, 'pause'>;
}

export type BecomeMember = (consumption: Consumption, events: MemberEvents, assigner: PartitionAssigner) => TurnMember;

/** A member of a group that consumes nothing: it only wants to be the one that the partition is given to. */
export const joinForTurn = (context: ConsumeContext, group: string, topic: string): SoleTurn =>
  waitForTurn(context, group, topic, (...joining) => new GroupMember(context, ...joining));

export const waitForTurn = (context: TurnContext, group: string, topic: string, become: BecomeMember): SoleTurn => {
  const turn = new GroupTurn(context, group, topic, become);
  turn.join();
  return turn;
};

class GroupTurn implements SoleTurn, MemberEvents {
  #member: TurnMember | undefined;
  #given = false;
  #number = 0;
  #heard_ms = -Infinity;
  #stopped = false;
  #fail!: (error: unknown) => void;
  readonly done = new Promise<never>((_, reject) => (this.#fail = reject));

  constructor(
    readonly context: TurnContext,
    readonly group: string,
    readonly topic: string,
    readonly become: BecomeMember,
  ) {
    this.done.catch(() => undefined);
  }

  current(): number | null {
    const sure_ms = this.context.options.session_timeout_ms * SURE;
    return this.#given && performance.now() - this.#heard_ms < sure_ms ? this.#number : null;
  }

  join(): void {
    const { group, topic } = this;
    const consumption = { group, topics: [topic], maxRecords: 1, onBatch: async () => undefined };
    const holds = (): boolean => this.current() !== null;
    const member = this.become(consumption, this, soleAssigner(holds));
    this.#member = member;
    member.start().catch((error: unknown) => this.failed(error));
  }

  /** Whoever is heard again too late may have been replaced meanwhile. */
  alive(): void {
    if (this.current() === null) this.#number += 1;
    this.#heard_ms = performance.now();
  }

  /** It keeps its turn through a change of the others: it says so as it joins, and then the partition is given to it again. */
  async beforeJoin(): Promise<void> {}

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.current() === null) this.#number += 1;
    this.#given = partitions.length > 0;
    if (!this.#given) return;
    const topic = this.context.topics.inKafka(this.topic);
    this.#member?.consumer.pause([{ topic, partitions: partitions.map(({ partition }) => partition) }]);
  }

  fetched(): boolean {
    return false;
  }

  skipped(): void {}

  failed(error: unknown): void {
    const member = this.#member;
    if (this.#stopped || !member) return;
    this.#given = false;
    this.#member = undefined;
    if (!mayPass(error)) return this.#fail(error);
    this.context.notice(`group ${this.group} is joined anew: ${error.message}`);
    void member
      .stop()
      .then(() => pause(AGAIN_MS))
      .then(() => this.#stopped || this.join());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#given = false;
    await this.#member?.stop();
  }
}
