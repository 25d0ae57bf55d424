import { type BatchTaken, intakeStream } from '@tributary/domain';
import {
  type CustomerId,
  type Effects,
  type EventMetadata,
  type Instant,
  type LogBatch,
  partitionName,
  type StoredRecord,
  type SubjectId,
  type TopicPartition,
} from '@tributary/kernel';
import { AskDecidedAhead } from './ask-decided-ahead.js';
import { BatchIntake } from './batch-intake.js';
import { type Census, countBatch, emptyCensus, readCensus } from './census.js';
import { type Command, commandOf, type Outcome } from './commands.js';
import { Courses } from './courses.js';
import { type Decided, decideIdentity } from './decide-identity.js';
import { FEED_TOPIC } from './feed-messages.js';
import { handleCommand } from './handle-command.js';
import { intakeEvent, intentionsOf } from './intention.js';
import { OwnRevisions } from './own-revisions.js';
import { quarantineOf } from './plan-touchpoints.js';
import { channelOf, PIPELINE_GROUP, type PipelineContext, quarantineTopic } from './ports.js';
import { ProcessingTime } from './processing-time.js';
import { Projection } from './projection.js';
import { subjectsOfDecision } from './subjects-named.js';
import { type Pace, TakenKeys } from './take-batch.js';
import { decisionId, Unit } from './unit.js';
import { unitsOf } from './units-of.js';
import { Destruction, type ErasureUnderWay, erasureUnderWay, forgetErasure } from './vault/erasure-under-way.js';
import { WorkingSet } from './working-set.js';

const TIMER_BATCH = 500;
const UNIT_SUBJECTS = 45_000;

/** How much is in memory at a time. */
export interface Room {
  /** What is committed together names no more subjects; 45,000 unless told. */
  readonly unitSubjects?: number;
  /** Subjects that are remembered between units; 60,000 unless told. */
  readonly rememberedSubjects?: number;
}

/**
 * Makes one unit of effects of what is handed to it, and commits that in one step. It is the only writer of the event
 * store, so it knows streams and positions without asking; its caller gives it one thing at a time, and after an error
 * no more. While the engine makes one unit of touchpoints durable the next is planned, from memory, and waits for it.
 */
export class SoleWriter {
  readonly #context: PipelineContext;
  readonly #time: ProcessingTime;
  readonly #decidedAhead: AskDecidedAhead;
  readonly #set: WorkingSet;
  readonly #courses: Courses;
  readonly #unitSubjects: number;
  readonly #revisions: OwnRevisions;
  readonly #intake: BatchIntake;
  /** By partition: the offset behind what was handed over. */
  readonly #taken = new Map<string, number>();
  #census: Census = emptyCensus();
  #head = -1;
  /** The unit that was handed over last; rejected, it refuses all that come after it. */
  #onItsWay: { readonly durable: Promise<void>; readonly keys?: TakenKeys } = { durable: Promise.resolve() };

  constructor(context: PipelineContext, time = new ProcessingTime(context.clock), room: Room = {}) {
    this.#context = context;
    this.#time = time;
    this.#decidedAhead = new AskDecidedAhead(context.ports.documents, time);
    this.#set = new WorkingSet(context.ports.documents, room.rememberedSubjects);
    this.#unitSubjects = room.unitSubjects ?? UNIT_SUBJECTS;
    this.#revisions = new OwnRevisions(context.ports.events);
    this.#intake = new BatchIntake(context, this.#set, this.#revisions);
    this.#courses = new Courses(this.#set, context.lifecycleRules, time);
  }

  /** Position of the newest event. */
  get head(): number {
    return this.#head;
  }

  async begin(): Promise<void> {
    this.#head = await this.#context.ports.events.head();
    this.#census = await readCensus(this.#context.ports.documents);
  }

  /** The documents were changed by somebody else. */
  async beginAnew(): Promise<void> {
    this.#set.forget();
    this.#census = await readCensus(this.#context.ports.documents);
  }

  /** Lets go of what it remembers of customers. Nothing may be on its way: what that changes is known here only. */
  rest(): void {
    this.#set.forget();
  }

  /** Resolves when nothing is on its way any more; rejects with what refused it. */
  get durable(): Promise<void> {
    return this.#onItsWay.durable;
  }

  /**
   * Touchpoints of any partitions: each batch sees what those before it brought. Resolves when they are planned and
   * handed over, in as many units as they need, the last of which is on its way (`durable`). `pace` may end it before: then
   * nothing of the unit under way was handed over, and none after it.
   */
  async take(given: readonly LogBatch[], pace: Pace = async () => undefined): Promise<void> {
    const batches = given.map((batch) => this.#notTaken(batch)).filter(({ records }) => records.length > 0);
    for (const together of unitsOf(batches, this.#unitSubjects)) await this.#takeUnit(together, pace);
  }

  async #takeUnit(batches: readonly LogBatch[], pace: Pace): Promise<void> {
    const here = new TakenKeys(this.#onItsWay.keys);
    const { unit, projection } = await this.#begin(
      batches.flatMap(({ topic }) => [topic, quarantineTopic(channelOf(topic))]),
      batches.reduce((sum, { records }) => sum + records.length, 0),
    );
    const intakes: BatchTaken[] = [];
    for (const batch of batches) {
      const taken = await this.#intake.take(unit, batch, here, pace);
      unit.send(quarantineOf(batch, taken.unreadable, this.#context.clock.now()));
      intakes.push(...intentionsOf(batch, taken));
    }
    await this.#decide(unit, projection, lastOf(batches[batches.length - 1] as LogBatch));
    await pace();
    for (const said of intakes) await this.#recordIntake(unit, said);
    await this.#handOver(unit, batches.map(offsetAfter), here);
  }

  /**
   * Commands, each a unit of its own, once nothing is on its way any more: they read what is durable. One at the least, and more as
   * long as it `goesOn`; answers those that are left.
   */
  async handleCommands(batch: LogBatch, goesOn: () => boolean = () => true): Promise<LogBatch> {
    await this.durable;
    let done = 0;
    for (const record of batch.records) {
      if (done > 0 && !goesOn()) break;
      await this.#handleCommand(record, batch);
      done += 1;
    }
    return { ...batch, records: batch.records.slice(done) };
  }

  async #handleCommand(record: StoredRecord, { topic, partition }: TopicPartition): Promise<void> {
    const command = commandOf(record.value);
    const offsets = [{ group: PIPELINE_GROUP, topic, partition, next: record.offset + 1 }];
    if (command.type !== 'none') return this.#carryOut(command, { topic, partition, offset: record.offset }, offsets);
    const { unit } = await this.#begin([topic]);
    await this.#commit(unit, offsets);
    const { bytes, why } = command;
    this.#context.onPassedOver?.({ topic, partition, offset: record.offset, bytes, why });
  }

  /**
   * To be called before anything else is handed over: what an earlier life began to erase. Answers whether there was something. Its
   * record may come yet, and finds that it was carried out.
   */
  async finishErasure(): Promise<boolean> {
    const { documents } = this.#context.ports;
    const begun = await erasureUnderWay(documents);
    if (!begun) return false;
    await this.#carryOut(begun.command, begun.source, [], begun.keys);
    if (await erasureUnderWay(documents)) await forgetErasure(documents);
    return true;
  }

  async #carryOut(
    command: Command,
    source: ErasureUnderWay['source'],
    offsets: Effects['offsets'],
    gone: readonly string[] = [],
  ): Promise<void> {
    const { unit, projection } = await this.#begin([source.topic]);
    const { ports, identityRules: rules } = this.#context;
    const [before] = await ports.documents.get('outcome', [command.id]);
    // A repeat, sent before the first copy was carried out, has had its effect.
    if (before) return this.#commit(unit, offsets);
    // Keys first: if we crash before the commit, the next life finds written down what went.
    const vault = new Destruction(ports, { command, source, keys: gone }, this.#head);
    const destroy = vault.destroy.bind(vault);
    const outcome: Outcome = await handleCommand(command, { rules, set: this.#set, unit, vault, destroy });
    await this.#decide(unit, projection, source);
    const body = JSON.stringify(outcome);
    const said = { kind: 'outcome', key: command.id, version: source.offset, body } as const;
    await this.#commit(unit, offsets, [said, ...vault.ends(unit.position)]);
  }

  /** Looks at whoever is due by now, or was decided for a time to come; answers whether there may be more. */
  async askDue(): Promise<boolean> {
    await this.durable;
    const { documents } = this.#context.ports;
    const again = await this.#decidedAhead.next();
    if (again !== null) {
      await this.#ask(again, this.#time.now());
      return true;
    }
    const now = this.#time.now();
    await this.#time.mark(documents);
    const due = await documents.due('customer', now, TIMER_BATCH);
    await this.#ask(
      due.map(({ key }) => key as CustomerId),
      now,
    );
    return due.length > 0;
  }

  async #ask(ids: readonly CustomerId[], now: Instant): Promise<void> {
    if (ids.length === 0) return;
    const { unit } = await this.#begin([]);
    unit.decide(await this.#courses.ofDue(ids, now), this.#context.clock.now());
    await this.#commit(unit, []);
  }

  /** A log may hand a batch over again that is on its way: after a rebalance it asks the store, which does not know yet. */
  #notTaken(batch: LogBatch): LogBatch {
    const next = this.#taken.get(partitionName(batch));
    if (next === undefined || (batch.records[0]?.offset ?? next) >= next) return batch;
    return { ...batch, records: batch.records.filter(({ offset }) => offset >= next) };
  }

  /** Who is who, then where they stand; each sees what the one before decided. */
  async #decide(unit: Unit, projection: Projection, origin: EventMetadata['source']): Promise<void> {
    const { identityRules, clock } = this.#context;
    const now = clock.now();
    if (projection.rewired.size > 0) {
      const decisions = await decideIdentity(this.#set, projection.rewired, projection.named, identityRules, now);
      const named = new Set<SubjectId>();
      for (const { event } of decisions) for (const id of subjectsOfDecision(event)) named.add(id);
      await this.#set.loadSubjects(named);
      unit.decide(decisions, now, origin);
    }
    unit.decide(await this.#decideCourses(projection), now, origin);
  }

  #decideCourses({ moved }: Projection): Promise<Decided[]> {
    const moving: CustomerId[] = [];
    for (const [id, movement] of moved) if (!this.#courses.stays(id, movement)) moving.push(id);
    return this.#courses.ofMoved(moving, moved);
  }

  async #recordIntake(unit: Unit, said: BatchTaken): Promise<void> {
    const stream = intakeStream(said.topic, said.partition);
    const revision = await this.#revisions.of(stream);
    const event = intakeEvent(said, decisionId(stream, revision + 1), this.#context.clock.now());
    unit.append(stream, revision, [{ event, content: { kind: 'intake', batch: said } }]);
    this.#revisions.endsAt(stream, revision + 1);
    countBatch(this.#census, said);
  }

  /** `topics`: where the unit's `records` lie and go to, beside the feed. */
  async #begin(
    topics: readonly string[],
    records?: number,
  ): Promise<{ readonly unit: Unit; readonly projection: Projection }> {
    const draft = await this.#context.ports.sink.begin(new Set([...topics, FEED_TOPIC]), records);
    const projection = new Projection(this.#set);
    return { projection, unit: new Unit(this.#set, projection, this.#head, draft) };
  }

  /** Waits until it is durable. Nothing else may be on its way. */
  async #commit(unit: Unit, offsets: Effects['offsets'], documents?: Effects['documents']): Promise<void> {
    const durable = unit.commit(this.#census, offsets, documents);
    this.#onItsWay = { durable };
    this.#head = unit.position;
    await durable;
  }

  /** Waits for the unit before it only. */
  async #handOver(unit: Unit, offsets: Effects['offsets'], keys: TakenKeys): Promise<void> {
    await this.durable;
    const durable = unit.commit(this.#census, offsets);
    // Whoever handed the batches in hears of it, and so does the next unit; nobody may be listening just now.
    durable.then(
      () => this.#arrived(durable),
      () => undefined,
    );
    this.#onItsWay = { durable, keys };
    this.#head = unit.position;
    for (const offset of offsets) this.#taken.set(partitionName(offset), offset.next);
  }

  /** The store of seen keys knows them now. */
  #arrived(durable: Promise<void>): void {
    if (this.#onItsWay.durable === durable) this.#onItsWay = { durable };
  }
}

const offsetAfter = (batch: LogBatch): Effects['offsets'][number] => ({
  group: PIPELINE_GROUP,
  topic: batch.topic,
  partition: batch.partition,
  next: lastOffsetOf(batch) + 1,
});

const lastOf = (batch: LogBatch): EventMetadata['source'] => ({
  topic: batch.topic,
  partition: batch.partition,
  offset: lastOffsetOf(batch),
});

const lastOffsetOf = ({ records }: LogBatch): number => (records[records.length - 1] as StoredRecord).offset;
