import { EngineError, partitionName, type TopicPartition } from '@tributary/kernel';
import { type Fault, Mortal } from '@tributary/kernel/memory';
import { COMMAND_TOPIC, PIPELINE_GROUP, PROJECTOR_GROUP, touchpointTopic } from '../../ports.js';
import { Processor } from '../processor.js';
import { Projector } from '../projector.js';
import { channels } from '../../controls/town.js';
import { type World } from './world.js';

/** What a process goes through: at its so-manieth step of any engine, this. */
export interface Fate {
  readonly after: number;
  readonly kind: 'before' | 'after' | 'pause';
}

interface Process<Stage> {
  readonly stage: Stage;
  readonly life: Mortal;
  /** Where it thinks that it stands in each partition. */
  readonly next: Map<string, number>;
}

/**
 * Moves processors and a projector by hand, as a consumer group and a supervisor would: partitions change hands without
 * their owner being told, who dies is replaced, who pauses goes on when others have long gone on.
 */
export class Driver {
  readonly #world: World;
  readonly #fates: Fate[];
  readonly #maxEvents: number;
  readonly #processors: Process<Processor>[] = [];
  #projector: Process<Projector> | null = null;
  readonly #paused: (() => void)[] = [];
  readonly #running: Promise<unknown>[] = [];
  readonly #bugs: unknown[] = [];
  /** Whoever found that the vault lacks keys. */
  refusals = 0;
  deaths = 0;
  pauses = 0;

  /** `maxEvents`: of a page of the projector's. */
  constructor(world: World, fates: readonly Fate[], maxEvents = 7) {
    this.#world = world;
    this.#maxEvents = maxEvents;
    this.#fates = [...fates];
  }

  #life(): Mortal {
    let fate = this.#fates.shift();
    let steps = 0;
    return new Mortal((): Fault | Promise<Fault> => {
      if (!fate || steps++ < fate.after) return 'none';
      const { kind } = fate;
      fate = undefined;
      if (kind !== 'pause') {
        this.deaths += 1;
        return kind;
      }
      this.pauses += 1;
      return new Promise((resolve) => this.#paused.push(() => resolve('none')));
    });
  }

  #newProcessor(): Process<Processor> {
    const life = this.#life();
    return { life, next: new Map(), stage: new Processor(this.#world.context(life), { channels }) };
  }

  #newProjector(): Process<Projector> {
    const life = this.#life();
    const options = { channels, maxEvents: this.#maxEvents };
    const stage = new Projector(this.#world.context(life), this.#world.feed(life), options);
    return { life, next: new Map(), stage };
  }

  /** One of the processors takes up to so many records of a partition, whether or not it is still its own. */
  async take(member: number, at: TopicPartition, records: number, commits: boolean): Promise<void> {
    const process = (this.#processors[member] ??= this.#newProcessor());
    await this.#untilPaused(
      () => this.#takeOnce(process, at, records, commits),
      () => {
        if (this.#processors[member] === process) delete this.#processors[member];
      },
    );
  }

  async #takeOnce({ stage, next }: Process<Processor>, at: TopicPartition, most: number, commits: boolean) {
    const { log } = this.#world.store;
    const from =
      next.get(partitionName(at)) ?? (await stage.startAt(at)) ?? (await log.committed(PIPELINE_GROUP, at)) ?? 0;
    next.set(partitionName(at), from);
    const records = await log.read(at, from, most);
    const last = records[records.length - 1];
    if (!last) return;
    await stage.onBatch({ ...at, records, end: last.offset + 1 });
    next.set(partitionName(at), last.offset + 1);
    if (commits && last.offset >= ((await log.committed(PIPELINE_GROUP, at)) ?? 0))
      log.commitNow(PIPELINE_GROUP, at, last.offset + 1);
  }

  /** A partition is given to a process that does not know what it had of it before. */
  reassign(member: number, at: TopicPartition): void {
    this.#processors[member]?.next.delete(partitionName(at));
  }

  /** The projector's next page, and a command if one waits. */
  async project(): Promise<void> {
    const process = (this.#projector ??= this.#newProjector());
    await this.#untilPaused(
      () => this.#projectOnce(process),
      () => {
        if (this.#projector === process) this.#projector = null;
      },
    );
  }

  async #projectOnce({ stage }: Process<Projector>): Promise<void> {
    const { log } = this.#world.store;
    await stage.advance();
    const at = { topic: COMMAND_TOPIC, partition: 0 };
    const records = await log.read(at, (await log.committed(PROJECTOR_GROUP, at)) ?? 0, 1);
    const [record] = records;
    if (!record) return;
    await stage.onCommands({ ...at, records, end: record.offset + 1 });
    log.commitNow(PROJECTOR_GROUP, at, record.offset + 1);
  }

  /** Another projector begins, and the one before goes on without knowing. */
  async usurp(): Promise<void> {
    const before = this.#projector;
    this.#projector = null;
    await this.project();
    if (before)
      await this.#untilPaused(
        () => this.#projectOnce(before),
        () => undefined,
      );
  }

  /** Waits for work, unless it pauses; who failed is dead for good. */
  async #untilPaused(work: () => Promise<void>, onDeath: () => void): Promise<void> {
    const { pauses } = this;
    const done = work().catch((error: unknown) => {
      onDeath();
      // Engines fail here; anything else is a bug of ours, and no restart mends it.
      if (!(error instanceof EngineError)) this.#bugs.push(error);
      else if (error.engine === 'keys') this.refusals += 1;
    });
    this.#running.push(done);
    let finished = false;
    void done.then(() => (finished = true));
    while (!finished && this.pauses === pauses) await new Promise((resolve) => setImmediate(resolve));
    if (!finished) onDeath();
    for (const bug of this.#bugs) throw bug;
  }

  /** Whoever paused goes on. */
  async resume(): Promise<void> {
    for (const go of this.#paused.splice(0)) go();
    await Promise.all(this.#running.splice(0));
  }

  /** No more faults: everything that waits is taken and projected. */
  async finish(): Promise<Projector> {
    this.#fates.length = 0;
    await this.resume();
    const { log } = this.#world.store;
    this.#processors.length = 0;
    this.#projector = null;
    for (const channel of channels)
      for (const { topic, partition } of await log.partitions(touchpointTopic(channel)))
        await this.take(0, { topic, partition }, 1_000, true);
    const commands = async (): Promise<boolean> => {
      const [range] = await log.partitions(COMMAND_TOPIC);
      const at = { topic: COMMAND_TOPIC, partition: 0 };
      return ((await log.committed(PROJECTOR_GROUP, at)) ?? 0) < (range?.end ?? 0);
    };
    do await this.project();
    while (await commands());
    const projector = (this.#projector as unknown as Process<Projector>).stage;
    await projector.settle();
    return projector;
  }
}
