import { type Consumption, type LogBatch, type RecordedEvent, type RunningConsumption } from '@tributary/kernel';
import { randomUUID } from 'node:crypto';
import { type Census, censusWrite, readCensus } from '../census.js';
import { type Command } from '../commands.js';
import { countIntake, loadAll } from '../event-page.js';
import { type FeedMessage } from '../feed-messages.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, type StageContext, touchpointTopic } from '../ports.js';
import { ProcessingTime } from '../processing-time.js';
import { Projection } from '../projection.js';
import { decodeEvents } from '../read-events.js';
import { KeepingUp, nothingWaits } from '../reading.js';
import { Turns } from '../turns.js';
import { WorkingSet } from '../working-set.js';
import { Checkpoint } from './checkpoint.js';
import { Deciding } from './deciding.js';
import { type FeedOutlet } from './feed-outlet.js';
import { outcomesIn } from './outcomes-in.js';
import { readPage } from './read-page.js';
import { requireHolds, requireReached } from './reached.js';
import { commandTaken, completeCommand, takeCommand } from './take-command.js';
import { WhomToAsk } from './whom-to-ask.js';

export const PROJECTOR_GROUP = 'projector';

export interface ProjectorOptions {
  readonly channels: readonly string[];
  readonly maxEvents?: number;
  /** How long to wait at the head before looking again. */
  readonly poll_ms?: number;
  readonly onProgress?: (progress: ProjectorProgress) => void;
  /** Of this process, so that it goes on where another projector takes the place of this one. */
  readonly time?: ProcessingTime;
}

export interface ProjectorProgress {
  readonly events: number;
  readonly position: number;
  readonly duration_ms: number;
}

const MAX_EVENTS = 2_000;
const POLL_MS = 100;
/** Whoever is due while input waits is looked at again so much later. */
const BEHIND_MS = 1_000;
/** How soon it is noticed, while no events come, that the documents were lost. */
const WATCH_MS = 1_000;
/** After a command: how often to read on until its consequences are seen, before whoever waits is answered. */
const ROUNDS = 5;

interface Begun {
  readonly checkpoint: Checkpoint;
  readonly census: Census;
  /** Up to here the feed was sent, and so all was decided, by an earlier life. */
  readonly sentTo: number;
  /** Head when we began. */
  readonly head: number;
}

/**
 * From events to customers: folds `$all` into documents, decides, tells the feed; one is active. Guarantee: documents
 * and messages follow from the events up to a position and nothing else, so another life, or a zombie, makes the same
 * ones. After any error nothing is lost by going on with a new projector.
 */
export class Projector {
  readonly #context: StageContext;
  readonly #feed: FeedOutlet;
  readonly #options: ProjectorOptions;
  readonly #set: WorkingSet;
  readonly #deciding: Deciding;
  readonly #whom: WhomToAsk;
  readonly #turns = new Turns();
  readonly #intake: KeepingUp;
  #begun: Begun | null = null;
  #position = -1;
  /** Before, there is no use in asking the log. */
  #ringAt_ms = 0;
  /** Before, the documents are taken to be those that we know. */
  #watchAt_ms = 0;
  #consumption: RunningConsumption | null = null;
  #stopped = false;
  #loop: Promise<void> | null = null;
  #fail: (error: unknown) => void = () => undefined;

  constructor(context: StageContext, feed: FeedOutlet, options: ProjectorOptions) {
    this.#context = context;
    this.#feed = feed;
    this.#options = options;
    const { ports, lifecycleRules } = context;
    const time = options.time ?? new ProcessingTime(context.clock);
    this.#set = new WorkingSet(ports.documents);
    this.#deciding = new Deciding(context, this.#set, time);
    const isAwaited = this.#deciding.isAwaited.bind(this.#deciding);
    this.#whom = new WhomToAsk(ports.documents, time, lifecycleRules.version, isAwaited);
    this.#intake = new KeepingUp(ports.log, PIPELINE_GROUP, options.channels.map(touchpointTopic));
  }

  get position(): number {
    return this.#position;
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

  /** Nothing may be written for long, and whoever reads must not be told of nobody for so long. */
  async #watch(): Promise<void> {
    if (performance.now() < this.#watchAt_ms) return;
    await this.#turns.take(async () => this.#begun?.checkpoint.requireOurs());
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
    return this.#position >= head || (await this.#page()) === 0 || this.#position >= head;
  }

  async #isBehind(): Promise<boolean> {
    return (
      !(await this.#intake.look()) || !(await nothingWaits(this.#context.ports.log, PROJECTOR_GROUP, [COMMAND_TOPIC]))
    );
  }

  /** Takes the next page of events; answers how many they were. */
  advance(): Promise<number> {
    return this.#turns.take(() => this.#page());
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
      while ((await this.#page()) > 0);
      const settled = await Promise.allSettled([work()]);
      this.#set.forget();
      this.#whom.news();
      // Not begun anew: that would fence whoever has taken over meanwhile.
      if (this.#begun) this.#begun = { ...this.#begun, census: await readCensus(this.#context.ports.documents) };
      return settled;
    });
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  onCommands(batch: LogBatch): Promise<void> {
    return this.#turns.take(async () => {
      for (const { value } of batch.records)
        await this.#handleCommand(JSON.parse(new TextDecoder().decode(value)) as Command);
    });
  }

  async #begin(): Promise<Begun> {
    const { events, documents } = this.#context.ports;
    await this.#whom.begin();
    const sentTo = await this.#feed.begin();
    const head = await events.head();
    const checkpoint = await Checkpoint.open(documents, head, randomUUID);
    await requireReached(events, Math.max(checkpoint.position, sentTo), head);
    await requireHolds(events, checkpoint.intake);
    this.#position = checkpoint.position;
    return { checkpoint, census: await readCensus(documents), sentTo, head };
  }

  async #page(): Promise<number> {
    const began = performance.now();
    const begun = (this.#begun ??= await this.#begin());
    const events = await readPage(this.#context.ports.events, this.#position, this.#options.maxEvents ?? MAX_EVENTS);
    const last = events[events.length - 1];
    if (!last) return 0;
    await this.#apply(begun, events, last.position);
    this.#options.onProgress?.({
      events: events.length,
      position: last.position,
      duration_ms: performance.now() - began,
    });
    return events.length;
  }

  async #apply(
    { checkpoint, census, sentTo, head }: Begun,
    events: readonly RecordedEvent[],
    end: number,
  ): Promise<void> {
    const appends = await decodeEvents(events, this.#context);
    const projection = new Projection(this.#set);
    await loadAll(this.#set, appends);
    const messages: FeedMessage[] = [];
    for (const append of appends) {
      messages.push(...projection.apply(append));
      countIntake(census, append);
      this.#deciding.arrived(append, projection);
    }
    if (end > sentTo) await this.#deciding.decide(projection);
    else await this.#deciding.noteTimes(projection);
    await checkpoint.requireOurs();
    const unsent = messages.filter(({ sequence }) => sequence > sentTo);
    if (unsent.length > 0) await this.#feed.send(unsent);
    this.#set.recountInto(census);
    const writes = [...this.#set.writes(end), ...outcomesIn(appends, head), censusWrite(census, end)];
    await checkpoint.commit(end, writes, events);
    this.#set.settled();
    this.#position = end;
    this.#whom.news();
  }

  async #handleCommand(command: Command): Promise<void> {
    const { events, documents } = this.#context.ports;
    const head = await events.head();
    while (this.#position < head && (await this.#page()) > 0);
    const taken = (await commandTaken(events, command.id)) ?? (await takeCommand(command, this.#set, this.#context));
    await completeCommand(taken, this.#set, this.#context.ports);
    for (let round = 0; round < ROUNDS && (await this.#page()) > 0; round++);
    await documents.put([{ kind: 'outcome', key: command.id, version: taken.position, body: taken.taken.outcome }]);
  }

  /** Answers whether there may be more to ask. */
  async #askNext(): Promise<boolean> {
    const asked = await this.#whom.next();
    if (asked === null) return false;
    if (asked.ids.length === 0) return true;
    await this.#deciding.ask(asked.ids, asked.now);
    const isWritten = await this.#whom.retime([...this.#set.writes(this.#position)], this.#position);
    if (isWritten) this.#set.settled();
    else this.#set.forget();
    return true;
  }
}
