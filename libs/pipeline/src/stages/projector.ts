import { type Consumption, type EventMetadata, type LogBatch, type RunningConsumption } from '@tributary/kernel';
import { commandTaken } from '../command-taken.js';
import { type Command, commandOf } from '../commands.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, PROJECTOR_GROUP, type StageContext, touchpointTopic } from '../ports.js';
import { ProcessingTime } from '../processing-time.js';
import { KeepingUp, nothingWaits } from '../reading.js';
import { Turns } from '../turns.js';
import { WorkingSet } from '../working-set.js';
import { Deciding } from './deciding.js';
import { type FeedOutlet } from './feed-outlet.js';
import { Folding, type FoldingOptions } from './folding.js';
import { takeCommand } from './take-command.js';
import { WhomToAsk } from './whom-to-ask.js';

export interface ProjectorOptions extends FoldingOptions {
  readonly channels: readonly string[];
  /** How long to wait at the head before looking again. */
  readonly poll_ms?: number;
  /** Of this process, so that it goes on where another projector takes the place of this one. */
  readonly time?: ProcessingTime;
}

const POLL_MS = 100;
/** Whoever is due while input waits is looked at again so much later. */
const BEHIND_MS = 1_000;
/** How soon it is noticed, while no events come, that the documents were lost. */
const WATCH_MS = 1_000;
/** After a command: how often to read on until its consequences are seen, before whoever waits is answered. */
const ROUNDS = 5;

/**
 * From events to customers: folds `$all` into documents, decides, tells the feed; one is active. Guarantee: documents
 * and messages follow from the events up to a position and nothing else, so another life, or a zombie, makes the same
 * ones. After any error nothing is lost by going on with a new projector.
 */
export class Projector {
  readonly #context: StageContext;
  readonly #options: ProjectorOptions;
  readonly #set: WorkingSet;
  readonly #deciding: Deciding;
  readonly #whom: WhomToAsk;
  readonly #turns = new Turns();
  readonly #intake: KeepingUp;
  readonly #folding: Folding;
  /** Before, there is no use in asking the log. */
  #ringAt_ms = 0;
  /** Before, the documents are taken to be those that we know. */
  #watchAt_ms = 0;
  #consumption: RunningConsumption | null = null;
  #stopped = false;
  #loop: Promise<void> | null = null;
  #fail: (error: unknown) => void = () => undefined;
  readonly #requireOurs = (): Promise<void> => this.#folding.requireOurs();

  constructor(context: StageContext, feed: FeedOutlet, options: ProjectorOptions) {
    this.#context = context;
    this.#options = options;
    const { ports, lifecycleRules } = context;
    const time = options.time ?? new ProcessingTime(context.clock);
    this.#set = new WorkingSet(ports.documents);
    this.#deciding = new Deciding(context, this.#set, time, this.#requireOurs);
    const isAwaited = this.#deciding.isAwaited.bind(this.#deciding);
    this.#whom = new WhomToAsk(ports.documents, time, lifecycleRules.version, isAwaited);
    const folded = { set: this.#set, deciding: this.#deciding, whom: this.#whom, feed };
    this.#folding = new Folding(context, folded, options);
    this.#intake = new KeepingUp(ports.log, PIPELINE_GROUP, options.channels.map(touchpointTopic));
  }

  get position(): number {
    return this.#folding.position;
  }

  /** Waits until the commands' partition is ours, which makes us the active one, and works until something fails. */
  start(): { readonly done: Promise<void> } {
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.#consumption = this.#context.ports.log.consume(this.consumption());
    const done = Promise.race([this.#consumption.done, failed]);
    done.catch(() => undefined);
    return { done };
  }

  consumption(): Consumption {
    return {
      group: PROJECTOR_GROUP,
      topics: [COMMAND_TOPIC],
      maxRecords: 100,
      startAt: async () => {
        this.#loop ??= this.#run().catch((error: unknown) => this.#fail(error));
        return undefined;
      },
      onBatch: (batch) => this.onCommands(batch),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#consumption?.stop();
    await this.#loop;
    await this.#turns.over();
  }

  async #run(): Promise<void> {
    let rangAt_ms = performance.now();
    while (!this.#stopped) {
      const moved = (await this.advance()) > 0;
      if (!moved) await this.#watch();
      // Also where events never pause, but not at every page.
      const wants = !moved || performance.now() >= rangAt_ms + BEHIND_MS;
      const rang = wants && (await this.#ring());
      if (wants) rangAt_ms = performance.now();
      if (!moved && !rang) await new Promise((resolve) => setTimeout(resolve, this.#options.poll_ms ?? POLL_MS));
    }
  }

  /** Also while no events come. */
  async #watch(): Promise<void> {
    if (performance.now() < this.#watchAt_ms) return;
    await this.#turns.take(() => this.#folding.requireEngines());
    this.#watchAt_ms = performance.now() + WATCH_MS;
  }

  /**
   * Silence is concluded only when nothing waits, or what does has only just come, and all events are read. To ask the log
   * costs most: only if anybody is due.
   */
  async #ring(): Promise<boolean> {
    if (performance.now() < this.#ringAt_ms) return false;
    if (!(await this.#whom.isAnybody())) return false;
    if (await this.#isBehind()) {
      this.#ringAt_ms = performance.now() + BEHIND_MS;
      return false;
    }
    return this.#turns.take(async () => (await this.#reachHead()) && this.#askNext());
  }

  /** With a page at most: who is further behind, in a rebuild for a day, reads on in turns that others can have between. */
  async #reachHead(): Promise<boolean> {
    const head = await this.#context.ports.events.head();
    return this.position >= head || (await this.#folding.page()) === 0 || this.position >= head;
  }

  async #isBehind(): Promise<boolean> {
    return (
      !(await this.#intake.look()) || !(await nothingWaits(this.#context.ports.log, PROJECTOR_GROUP, [COMMAND_TOPIC]))
    );
  }

  /** Takes the next page of events; answers how many they were. */
  advance(): Promise<number> {
    return this.#turns.take(() => this.#folding.page());
  }

  /** Reads to the head and asks whoever is due, until there is nothing more to do: for whoever knows that nothing waits. */
  async settle(): Promise<void> {
    while ((await this.advance()) > 0 || (await this.#turns.take(() => this.#askNext())));
  }

  /**
   * Work beside which the projector stands still, at the head. It may fail without harm, and it may change documents: what
   * the projector knew of them counts for nothing afterwards.
   */
  async still<T>(work: () => Promise<T>): Promise<T> {
    const [outcome] = await this.#turns.take(async () => {
      while ((await this.#folding.page()) > 0);
      const settled = await Promise.allSettled([work()]);
      this.#set.forget();
      this.#whom.news();
      await this.#folding.documentsChanged();
      return settled;
    });
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  onCommands(batch: LogBatch): Promise<void> {
    return this.#turns.take(async () => {
      const { topic, partition } = batch;
      for (const { offset, value } of batch.records) {
        const command = commandOf(value);
        if (command.type !== 'none') await this.#handleCommand(command, { topic, partition, offset });
        else this.#context.onPassedOver?.({ topic, partition, offset, bytes: command.bytes, why: command.why });
      }
    });
  }

  async #handleCommand(command: Command, source: EventMetadata['source']): Promise<void> {
    const { events, documents } = this.#context.ports;
    const head = await events.head();
    while (this.position < head && (await this.#folding.page()) > 0);
    // What was decided on the way there is to be seen, too: a command is carried out once, by who is who then.
    for (let round = 0; round < ROUNDS && (await this.#folding.page()) > 0; round++);
    const taken =
      (await commandTaken(events, command.id)) ??
      (await takeCommand(command, source, this.#set, this.#context, this.#requireOurs));
    await this.#deciding.carryOut(taken);
    const end = await events.head();
    for (let round = 0; (round < ROUNDS || this.position < end) && (await this.#folding.page()) > 0; round++);
    await documents.put([{ kind: 'outcome', key: command.id, version: taken.position, body: taken.taken.outcome }]);
  }

  /** Answers whether there may be more to ask. */
  async #askNext(): Promise<boolean> {
    const asked = await this.#whom.next();
    if (asked === null) return false;
    if (asked.ids.length === 0) return true;
    await this.#deciding.ask(asked.ids, asked.now);
    const isWritten = await this.#whom.retime([...this.#set.writes(this.position)], this.position);
    if (isWritten) this.#set.settled();
    else this.#set.forget();
    return true;
  }
}
