import { setImmediate as breath } from 'node:timers/promises';
import {
  type LogBatch,
  type OnItsWay,
  partitionName,
  type RunningConsumption,
  type StoredRecord,
  type TopicPartition,
} from '@tributary/kernel';
import { askAnew } from './ask-anew.js';
import { Beat } from './beat.js';
import { LookForSilence } from './look-for-silence.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, type PipelineContext, touchpointTopic } from './ports.js';
import { ProcessingTime } from './processing-time.js';
import { type VerifyReport } from './projection-report.js';
import { KeepingUp } from './reading.js';
import { type Room, SoleWriter } from './sole-writer.js';
import { Turns } from './turns.js';
import { MarkBeside } from './vault/mark-beside.js';
import { repair, type Scratch, verify } from './verify.js';

export interface PipelineOptions extends Room {
  readonly channels: readonly string[];
  /** Of a batch, at most; as many as are committed together, unless told. */
  readonly maxRecords?: number;
  /** What is committed together holds no more touchpoints; 150,000 unless told. */
  readonly unitRecords?: number;
  /** Called after each commit, outside of the hot path's awaits. */
  readonly onCommitted?: (progress: PipelineProgress) => void;
  /** Of this process, so that it goes on where another pipeline takes the place of this one. */
  readonly time?: ProcessingTime;
}

export interface PipelineProgress {
  readonly records: number;
  readonly head: number;
  readonly duration_ms: number;
}

/** The unit under way was dropped, since the pipeline stops. */
class Abandoned extends Error {
  constructor() {
    super('the pipeline stops');
    this.name = 'Abandoned';
  }
}

/** What is remembered of a batch once it is planned: its records need not live as long. */
interface Taken extends TopicPartition {
  readonly records: number;
  readonly end: number;
  /** Whether more was there when it was read. */
  readonly isFollowed: boolean;
}

interface Gathering {
  /** Empty once they are planned. */
  readonly batches: LogBatch[];
  readonly taken: Taken[];
  records: number;
  readonly done: Promise<void | OnItsWay>;
}

/** Of one partition, or of several together: a log bounds a read in bytes, too. */
const UNIT_RECORDS = 150_000;
const COMMANDS_MS = 250;

/**
 * From the log to customers where all engines share one transaction: what is taken, and when. Batches, commands and time
 * have their turns, one after the other, each committed with its offsets in one step (`SoleWriter`).
 */
export class Pipeline {
  readonly #context: PipelineContext;
  readonly #options: PipelineOptions;
  readonly #unitRecords: number;
  readonly #time: ProcessingTime;
  readonly #writer: SoleWriter;
  readonly #turns = new Turns();
  readonly #topics: readonly string[];
  readonly #silence: LookForSilence;
  readonly #marks: MarkBeside;
  readonly #beat: Beat;
  #consumption: RunningConsumption | null = null;
  readonly #stopping = new AbortController();
  #gathering: Gathering | null = null;
  /** Of each partition, what was read last, unless that has had its effect and left nothing. */
  readonly #inHand = new Map<string, Taken>();
  #fail: (error: unknown) => void = () => undefined;

  constructor(context: PipelineContext, options: PipelineOptions) {
    this.#context = context;
    this.#options = options;
    this.#unitRecords = options.unitRecords ?? UNIT_RECORDS;
    this.#time = options.time ?? new ProcessingTime(context.clock);
    this.#writer = new SoleWriter(context, this.#time, options);
    this.#marks = new MarkBeside(context);
    this.#beat = new Beat(context.ports.log, this.#stopping.signal);
    this.#topics = [...options.channels.map(touchpointTopic), COMMAND_TOPIC];
    this.#silence = new LookForSilence({
      documents: context.ports.documents,
      time: this.#time,
      intake: new KeepingUp(context.ports.log, PIPELINE_GROUP, this.#topics),
      isAtRest: () => this.isAtRest,
      ask: (mayStill) => this.#turns.take(async () => mayStill() && this.#writer.askDue()),
      onError: (error) => {
        if (!(error instanceof Abandoned)) this.#fail(error);
      },
    });
  }

  /** Whether all that was read has had its effect, and nothing was seen to follow it. */
  get isAtRest(): boolean {
    return this.#inHand.size === 0;
  }

  /** Begins to consume. `done` rejects when something is wrong with us or an engine for good: then nothing more is consumed. */
  async start(): Promise<{ readonly done: Promise<void> }> {
    const { ports } = this.#context;
    await this.#marks.begin();
    await this.#time.begin(ports.documents);
    await this.#writer.begin();
    await askAnew(this.#context);
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    // The first turn of all: whatever is read waits behind it.
    this.#turns.take(() => this.#finishErasure()).catch(this.#fail);
    this.#consumption = ports.log.consume({
      group: PIPELINE_GROUP,
      topics: this.#topics,
      maxRecords: this.#options.maxRecords ?? this.#unitRecords,
      // While one unit is planned the next is gathered.
      maxInHand: 2 * this.#unitRecords,
      onBatch: (batch) => {
        const taken = takenOf(batch);
        // Known to wait from now on, not from when its turn comes: silence must not be concluded in between.
        this.#inHand.set(partitionName(batch), taken);
        return batch.topic === COMMAND_TOPIC ? this.#handleCommands(batch, taken) : this.#gather(batch, taken);
      },
    });
    this.#silence.begin();
    const consumed = this.#consumption.done.catch((error: unknown) => {
      if (!(error instanceof Abandoned)) throw error;
    });
    const done = Promise.race([consumed, failed]);
    done.catch(() => this.#silence.stop());
    return { done };
  }

  /** Asks everybody who is due by now, at once: what the timer does by and by when nothing waits to be read. */
  async settle(): Promise<void> {
    while (await this.#turns.take(() => this.#writer.askDue()));
  }

  /** Keeps nothing of customers in memory until more comes; for a time in which nothing does. */
  async rest(): Promise<void> {
    await this.#turns.take(async () => {
      await this.#writer.durable;
      this.#writer.rest();
    });
  }

  /** What is on its way becomes durable; what is only planned is dropped, and will be read again. */
  async stop(): Promise<void> {
    this.#silence.stop();
    this.#stopping.abort(new Abandoned());
    await this.#consumption?.stop();
    await this.#turns.over();
    await this.#writer.durable.then(() => this.#marks.end()).catch(() => undefined);
  }

  /** Whether every projection equals its rebuild; the pipeline goes on but for the last moments of it. */
  verify(scratch: Scratch): Promise<VerifyReport> {
    return verify(this.#context, scratch, (work) =>
      this.#turns.still(async () => {
        await this.#writer.durable;
        return work();
      }),
    );
  }

  /** Makes the documents what the events say. */
  repair(scratch: Scratch): Promise<VerifyReport> {
    return repair(this.#context, scratch, (work) =>
      this.#turns.take(async () => {
        await this.#writer.durable;
        const report = await work();
        await this.#writer.beginAnew();
        return report;
      }),
    );
  }

  /** What waits for its turn at the same time is committed together: fewer and larger units the more there is to do. */
  #gather(batch: LogBatch, taken: Taken): Promise<void | OnItsWay> {
    const waiting = this.#gathering;
    if (waiting && waiting.records + taken.records <= this.#unitRecords) {
      waiting.batches.push(batch);
      waiting.taken.push(taken);
      waiting.records += taken.records;
      return waiting.done;
    }
    const gathering = this.#gatherFrom(batch, taken);
    this.#gathering = gathering;
    return gathering.done;
  }

  #gatherFrom(batch: LogBatch, first: Taken): Gathering {
    const batches = [batch];
    const taken = [first];
    const planned = this.#turns.take(async () => {
      if (this.#gathering?.batches === batches) this.#gathering = null;
      const began = this.#began();
      await this.#writer.take(batches.splice(0), () => this.#pace());
      return { began, durable: this.#writer.durable };
    });
    // The next unit has its turn while the engine works on this one, …
    const done = planned.then(async ({ began, durable: handedOver }) => {
      const durable = handedOver.then(() => this.#committed(taken, began));
      // … of the same partitions, too, where more waits in them.
      if (taken.some(({ isFollowed }) => isFollowed)) return { durable: durable.then(() => this.#settle(taken)) };
      await durable;
      await this.#beat.rest(taken);
      return this.#settle(taken);
    });
    return { batches, taken, records: first.records, done };
  }

  async #pace(): Promise<void> {
    await breath();
    this.#stopping.signal.throwIfAborted();
  }

  /** So long at a time, and then it is the touchpoints' turn: a list of thousands to be erased holds nobody else up. */
  async #handleCommands(batch: LogBatch, taken: Taken): Promise<void> {
    for (let left = batch; left.records.length > 0;) {
      this.#stopping.signal.throwIfAborted();
      left = await this.#turns.take(async () => {
        const began = this.#began();
        const rest = await this.#writer.handleCommands(left, () => performance.now() - began < COMMANDS_MS);
        this.#committed([{ ...taken, records: left.records.length - rest.records.length }], began);
        return rest;
      });
    }
    this.#settle([taken]);
  }

  async #finishErasure(): Promise<void> {
    const began = performance.now();
    if (await this.#writer.finishErasure()) this.#committed([], began);
  }

  #began(): number {
    const now = performance.now();
    this.#silence.interrupted(now);
    return now;
  }

  #settle(taken: readonly Taken[]): void {
    for (const batch of taken) {
      const place = partitionName(batch);
      if (this.#inHand.get(place) === batch && !batch.isFollowed) this.#inHand.delete(place);
    }
  }

  #committed(taken: readonly Taken[], began: number): void {
    this.#options.onCommitted?.({
      records: taken.reduce((sum, { records }) => sum + records, 0),
      head: this.#writer.head,
      duration_ms: performance.now() - began,
    });
    this.#marks.moved();
  }
}

const takenOf = ({ topic, partition, records, end }: LogBatch): Taken => ({
  topic,
  partition,
  records: records.length,
  end,
  isFollowed: (records[records.length - 1] as StoredRecord).offset + 1 < end,
});
