import { anonymousStream, type BatchTaken, intakeStream, readSubjects, subjectStream } from '@tributary/domain';
import {
  type Consumption,
  EngineError,
  type GoneRecords,
  type LogBatch,
  partitionName,
  type RunningConsumption,
  type SubjectId,
  type SubjectKey,
  type TopicPartition,
  WrongExpectedRevision,
} from '@tributary/kernel';
import { randomUUID } from 'node:crypto';
import { Generations, type Remembered } from '../generations.js';
import { intakeEvent, intentionOf } from '../intention.js';
import { factEvent, sealedWith, shareEvents } from '../plan-touchpoints.js';
import { PIPELINE_GROUP, type StageContext, touchpointTopic } from '../ports.js';
import { lastEventOf, revisionBefore } from '../stream-tail.js';
import { type TakenBatch } from '../take-batch.js';
import { VaultMark } from '../vault/vault-mark.js';
import { appendOwed, type OwedAppend } from './append-owed.js';
import { claimBatch, takeAgain } from './claim-batch.js';
import { firstPart } from './cut-batch.js';
import { inFlight } from '../in-flight.js';
import { batchMark, type Intention, type Lane, lastIntention, recordsOf } from './intake-lane.js';
import { olderStore } from './reached.js';
import { sendQuarantine } from './send-quarantine.js';
import { requireSameLog } from './same-log.js';
import { isOfBatch, stillOwed } from './still-owed.js';
import { isRemembered, recallSeen, type SeenEpoch, seenToday } from './seen-memory.js';

export interface ProcessorOptions {
  readonly channels: readonly string[];
  readonly maxRecords?: number;
  /** Called after each batch. */
  readonly onTaken?: (batch: {
    readonly topic: string;
    readonly records: number;
    readonly duration_ms: number;
  }) => void;
  /** Touchpoints that the log's retention dropped before any processor took them. */
  readonly onGone?: (gone: GoneRecords) => void;
}

/** How often a lane may be found moved by another before the batch is given up. */
const ATTEMPTS = 5;
const REVISIONS = 200_000;

/**
 * From the log to subjects' streams, one partition a lane; many processors share the partitions. Guarantee: each record
 * of a partition is part of one intention (`BatchTaken`, appended first, at the expected revision), and all that an
 * intention leads to is known by ids made from it: whoever finds it last completes it, as often as need be.
 */
export class Processor {
  readonly #context: StageContext;
  readonly #options: ProcessorOptions;
  readonly #vault: VaultMark;
  readonly #lanes = new Map<string, Lane>();
  /** By partition, also while its lane is not known. */
  readonly #takenTo = new Map<string, number>();
  /** Revisions that streams have reached at least. */
  readonly #revisions = new Generations<Remembered & { readonly revision: number }>(REVISIONS);
  #consumption: RunningConsumption | null = null;
  #recalling: Promise<SeenEpoch> | null = null;

  constructor(context: StageContext, options: ProcessorOptions) {
    this.#context = context;
    this.#options = options;
    this.#vault = new VaultMark(context);
  }

  start(): { readonly done: Promise<void> } {
    this.#consumption = this.#context.ports.log.consume(this.consumption());
    return { done: this.#consumption.done };
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  /** What to ask of the log. After an error of a handler nothing is lost by going on with a new processor. */
  consumption(): Consumption {
    return {
      group: PIPELINE_GROUP,
      topics: this.#options.channels.map(touchpointTopic),
      maxRecords: this.#options.maxRecords ?? 5_000,
      startAt: (at) => this.startAt(at),
      onGone: (gone) => this.#options.onGone?.(gone),
      onBatch: (batch) => this.onBatch(batch),
    };
  }

  /** A partition is ours from now on: what its last owner left half-done is completed, then it goes on behind that. */
  async startAt(at: TopicPartition): Promise<number> {
    return (await this.#openLane(at)).to + 1;
  }

  async onBatch(batch: LogBatch): Promise<void> {
    const began = performance.now();
    let attempts = 0;
    for (;;) {
      const lane = this.#lanes.get(partitionName(batch)) ?? (await this.#reopenLane(batch));
      const records = firstPart(batch.records.filter(({ offset }) => offset > lane.to));
      if (records.length === 0) break;
      if (await this.#take({ ...batch, records }, lane)) attempts = 0;
      else if ((attempts += 1) === ATTEMPTS)
        throw new EngineError('events', 'retriable', `${partitionName(batch)} is being taken by another processor`);
    }
    const { topic, records } = batch;
    this.#options.onTaken?.({ topic, records: records.length, duration_ms: performance.now() - began });
  }

  /** Amid a partition: who is told of less than was taken has an older store before them, and would leave a hole behind what it tells of. */
  async #reopenLane(at: TopicPartition): Promise<Lane> {
    const before = this.#takenTo.get(partitionName(at)) ?? -1;
    const lane = await this.#openLane(at);
    if (lane.to >= before) return lane;
    throw olderStore(`tells of ${partitionName(at)} up to ${lane.to}, and ${before} was taken`);
  }

  async #openLane(at: TopicPartition): Promise<Lane> {
    const { events, log } = this.#context.ports;
    this.#lanes.delete(partitionName(at));
    await this.#vault.begin();
    const intention = await lastIntention(events, at);
    if (!intention) return this.#setLane(at, { revision: -1, to: -1, takenAt: 0 });
    const { revision, batch, takenAt } = intention;
    await requireSameLog(log, at, batch);
    if (!(await this.#isCompleted(at, batch.to))) await this.#complete(intention);
    const mark = batch.toAt === undefined ? {} : { mark: batchMark(at, batch.to) };
    return this.#setLane(at, { revision, to: batch.to, takenAt, ...mark });
  }

  /**
   * The offset moves only behind what was completed. Where it stands behind more than that, those events are no more: of a store that
   * was set back, to a moment at which this batch was said and not yet carried out, it tells nothing.
   */
  async #isCompleted(at: TopicPartition, to: number): Promise<boolean> {
    const { log } = this.#context.ports;
    const next = (await log.committed(PIPELINE_GROUP, at)) ?? 0;
    if (next <= to + 1) return next > to;
    // Behind the last record may lie what is none: marks of transactions.
    const [record] = await log.read(at, to + 1, 1);
    return record === undefined || record.offset >= next;
  }

  #setLane(at: TopicPartition, lane: Lane): Lane {
    this.#lanes.set(partitionName(at), lane);
    this.#takenTo.set(partitionName(at), lane.to);
    return lane;
  }

  /** `false`: somebody else has moved the lane. */
  async #take(batch: LogBatch, lane: Lane): Promise<boolean> {
    const { events, seen } = this.#context.ports;
    // Before each batch, not once in a while: what is sealed with a key that an older vault has again goes when that is destroyed again,
    // and nobody would miss it. Beside the keys of a batch a mark costs little, on many shards, too.
    const [epoch] = await Promise.all([this.#recallSeen(lane), this.#vault.hold()]);
    const taken = await claimBatch(batch, this.#context);
    // Before the intention, so that nothing of it can stand at or before what is read here.
    const bases = await this.#reached(batch, taken);
    this.#lanes.delete(partitionName(batch));
    const said = intentionOf(batch, taken);
    const revision = lane.revision + 1;
    const takenAt = this.#context.clock.now();
    try {
      await events.append([
        {
          stream: intakeStream(batch.topic, batch.partition),
          expectedRevision: lane.revision,
          events: [intakeEvent(said, randomUUID(), takenAt)],
        },
      ]);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return false;
      throw error;
    }
    await this.#carryOut(batch, taken, bases, said);
    await sendQuarantine(this.#context.ports.log, batch, taken.unreadable, takenAt, 'first');
    // The memory may have been lost since the claims, and read back before these events stood.
    if ((await seen.firstSeen([epoch.key]))[0] !== epoch.epoch) await seen.markSeen(taken.seen);
    this.#setLane(batch, { revision, to: said.to, takenAt, mark: batchMark(batch, said.to) });
    return true;
  }

  async #complete(intention: Intention): Promise<void> {
    const { batch: said, position, takenAt } = intention;
    const { events, log, seen } = this.#context.ports;
    const batch = await recordsOf(log, said);
    const whole = await takeAgain(batch, said, this.#context);
    const taken = await stillOwed(whole, batch, intention, this.#context, (gone) => this.#options.onGone?.(gone));
    const hints = await this.#reached(batch, taken);
    const bases = new Map<string, number>();
    await inFlight([...hints], async ([stream, hint]) =>
      bases.set(stream, await revisionBefore(events, stream, hint, position)),
    );
    await this.#carryOut(batch, taken, bases, said);
    await sendQuarantine(log, batch, taken.unreadable, takenAt, 'again');
    await seen.markSeen(taken.seen);
  }

  /** For each stream of a batch a revision that it has reached: remembered, or told by its document, which may be behind. */
  async #reached(batch: LogBatch, taken: TakenBatch): Promise<Map<string, number>> {
    const { documents, events } = this.#context.ports;
    const reached = new Map<string, number>();
    const unknown: SubjectId[] = [];
    for (const subject of taken.bySubject.keys()) {
      const known = this.#revisions.get(subjectStream(subject))?.revision;
      if (known === undefined) unknown.push(subject);
      else reached.set(subjectStream(subject), known);
    }
    const found = await readSubjects(documents, unknown);
    unknown.forEach((subject, i) => reached.set(subjectStream(subject), found[i]?.record.revision ?? -1));
    if (taken.anonymous.length > 0) {
      const stream = anonymousStream(batch);
      reached.set(stream, this.#revisions.get(stream)?.revision ?? (await lastEventOf(events, stream))?.revision ?? -1);
    }
    return reached;
  }

  async #carryOut(
    batch: LogBatch,
    taken: TakenBatch,
    bases: ReadonlyMap<string, number>,
    said: BatchTaken,
  ): Promise<void> {
    const { events, vault } = this.#context.ports;
    const nobody = anonymousStream(batch);
    const keys = await vault.keysFor([...taken.bySubject.keys(), ...(taken.anonymous.length > 0 ? [nobody] : [])]);
    const owed: OwedAppend[] = [];
    const owe = (stream: string, planned: readonly { readonly event: OwedAppend['events'][number] }[]): void =>
      void owed.push({
        stream,
        base: bases.get(stream) ?? -1,
        events: planned.map(({ event }) => event),
        // Not by ids alone: who completes it with its front gone makes another sum of the rest.
        isShare: (event) => isOfBatch(said, event),
      });
    for (const [subject, share] of taken.bySubject)
      owe(subjectStream(subject), shareEvents(subject, share, sealedWith(keys.get(subject) as SubjectKey), batch));
    if (taken.anonymous.length > 0)
      owe(
        nobody,
        taken.anonymous.map((one) => factEvent(one, sealedWith(keys.get(nobody) as SubjectKey), batch)),
      );
    for (const { stream, revision } of await appendOwed(events, owed))
      this.#revisions.set(stream, { revision, used: 0 });
    this.#revisions.age();
  }

  /** What one lane reads back holds for all of them: each by itself would read all partitions again. */
  async #recallSeen(lane: Lane): Promise<SeenEpoch> {
    const [known, isThere] = await Promise.all([seenToday(this.#context), isRemembered(this.#context, lane)]);
    if (known && isThere) return known;
    return (this.#recalling ??= this.#readBack(!isThere).finally(() => (this.#recalling = null)));
  }

  async #readBack(setBack: boolean): Promise<SeenEpoch> {
    const { log } = this.#context.ports;
    const topics = this.#options.channels.map(touchpointTopic);
    return recallSeen(
      this.#context,
      async () => (await Promise.all(topics.map((topic) => log.partitions(topic)))).flat(),
      randomUUID,
      setBack,
    );
  }
}
