import { intakeStream, subjectStream, valueIn } from '@tributary/domain';
import {
  type CustomerId,
  customerNamedAfter,
  type Effects,
  type Instant,
  type LogBatch,
  type RunningConsumption,
  type StoredRecord,
  type SubjectId,
  type SubjectKey,
} from '@tributary/kernel';
import { type Census, emptyCensus } from './census.js';
import { type Command, type Outcome } from './commands.js';
import { askAnew } from './ask-anew.js';
import { Courses } from './courses.js';
import { type Decided, decideIdentity } from './decide-identity.js';
import { handleCommand } from './handle-command.js';
import { channelOf, COMMAND_TOPIC, PIPELINE_GROUP, type PipelineContext, touchpointTopic } from './ports.js';
import { intakeEvent, intentionOf } from './intention.js';
import { anonymousStream, factEvent, quarantineOf, shareEvents } from './plan-touchpoints.js';
import { lastEventOf } from './stream-tail.js';
import { Projection, subjectsOfDecision } from './projection.js';
import { takeBatch, type TakenBatch } from './take-batch.js';
import { Turns } from './turns.js';
import { decisionId, Unit } from './unit.js';
import { repair, type Scratch, verify, type VerifyReport } from './verify.js';
import { WorkingSet } from './working-set.js';

export interface PipelineOptions {
  readonly channels: readonly string[];
  readonly maxRecords?: number;
  /** Called after each commit, outside of the hot path's awaits. */
  readonly onCommitted?: (progress: PipelineProgress) => void;
}

export interface PipelineProgress {
  readonly records: number;
  readonly head: number;
  readonly duration_ms: number;
}

interface Gathering {
  readonly batches: LogBatch[];
  records: number;
  readonly done: Promise<void>;
}

interface Intake {
  readonly batch: LogBatch;
  readonly taken: TakenBatch;
}

/** Of one partition at a time, at most; the log bounds a read in bytes, too. */
const BATCH_RECORDS = 40_000;
/** What is committed together holds no more than this. */
const UNIT_RECORDS = 60_000;
const TIMER_BATCH = 500;
const IDLE_MS = 150;
const START_MS = 1_000;

/**
 * From the log to customers: takes batches of touchpoints and commands, decides, and commits each batch with its
 * offsets in one step. One at a time: the pipeline is the only writer of the event store (embedded).
 */
export class Pipeline {
  readonly #context: PipelineContext;
  readonly #options: PipelineOptions;
  readonly #set: WorkingSet;
  readonly #courses: Courses;
  readonly #turns = new Turns();
  #census: Census = emptyCensus();
  #head = -1;
  #consumption: RunningConsumption | null = null;
  #timers: NodeJS.Timeout | null = null;
  #lastBatchAt = 0;
  #asking = false;
  #gathering: Gathering | null = null;
  #behind = new Map<string, boolean>();
  readonly #revisions = new Map<string, number>();
  #fail: (error: unknown) => void = () => undefined;

  constructor(context: PipelineContext, options: PipelineOptions) {
    this.#context = context;
    this.#options = options;
    this.#set = new WorkingSet(context.ports.documents, { subjects: 60_000, customers: 40_000 });
    this.#courses = new Courses(this.#set, context.lifecycleRules);
  }

  /** Begins to consume. `done` rejects when something is wrong with us or an engine for good: then nothing more is consumed. */
  async start(): Promise<{ readonly done: Promise<void> }> {
    const { ports } = this.#context;
    this.#head = await ports.events.head();
    await this.#loadCensus();
    await askAnew(this.#context);
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.#consumption = ports.log.consume({
      group: PIPELINE_GROUP,
      topics: [...this.#options.channels.map(touchpointTopic), COMMAND_TOPIC],
      maxRecords: this.#options.maxRecords ?? BATCH_RECORDS,
      onBatch: (batch) => {
        // Known to wait from now on, not from when its turn comes: silence must not be concluded in between.
        this.#behind.set(`${batch.topic}/${batch.partition}`, true);
        return batch.topic === COMMAND_TOPIC ? this.#turns.take(() => this.#obeyBatch(batch)) : this.#gather(batch);
      },
    });
    // What waited while nobody ran has a moment to be read before anybody is found silent.
    this.#lastBatchAt = performance.now() + START_MS;
    this.#timers = setInterval(() => void this.#onIdle(), IDLE_MS);
    const done = Promise.race([this.#consumption.done, failed]);
    done.catch(() => this.#stopTimers());
    return { done };
  }

  /** Asks everybody who is due by now, at once: what the timer does by and by when nothing waits to be read. */
  async settle(): Promise<void> {
    while (await this.#turns.take(() => this.#askDue()));
  }

  async stop(): Promise<void> {
    this.#stopTimers();
    await this.#consumption?.stop();
    await this.#turns.over();
  }

  #stopTimers(): void {
    if (this.#timers) clearInterval(this.#timers);
    this.#timers = null;
  }

  /** Whether every projection equals its rebuild; the pipeline goes on but for the last moments of it. */
  verify(scratch: Scratch): Promise<VerifyReport> {
    return verify(this.#context, scratch, (work) => this.#turns.still(work));
  }

  /** Makes the documents what the events say. */
  repair(scratch: Scratch): Promise<VerifyReport> {
    return repair(this.#context, scratch, (work) =>
      this.#turns.take(async () => {
        const report = await work();
        this.#set.forget();
        await this.#loadCensus();
        return report;
      }),
    );
  }

  async #loadCensus(): Promise<void> {
    const [census] = await this.#context.ports.documents.get('checkpoint', ['census']);
    if (census) this.#census = JSON.parse(census.body) as Census;
  }

  /** What waits for its turn at the same time is committed together: fewer and larger units the more there is to do. */
  #gather(batch: LogBatch): Promise<void> {
    const waiting = this.#gathering;
    if (waiting && waiting.records + batch.records.length <= UNIT_RECORDS) {
      waiting.batches.push(batch);
      waiting.records += batch.records.length;
      return waiting.done;
    }
    const batches = [batch];
    const gathering: Gathering = {
      batches,
      records: batch.records.length,
      done: this.#turns.take(() => {
        if (this.#gathering === gathering) this.#gathering = null;
        return this.#timed(batches, () => this.#take(batches));
      }),
    };
    this.#gathering = gathering;
    return gathering.done;
  }

  #obeyBatch(batch: LogBatch): Promise<void> {
    return this.#timed([batch], () => this.#obey(batch));
  }

  async #timed(batches: readonly LogBatch[], work: () => Promise<void>): Promise<void> {
    const began = performance.now();
    this.#lastBatchAt = began;
    await work();
    for (const { topic, partition, records, end } of batches)
      this.#behind.set(`${topic}/${partition}`, (records[records.length - 1] as StoredRecord).offset + 1 < end);
    this.#options.onCommitted?.({
      records: batches.reduce((sum, { records }) => sum + records.length, 0),
      head: this.#head,
      duration_ms: performance.now() - began,
    });
  }

  async #take(batches: readonly LogBatch[]): Promise<void> {
    const here = new Set<string>();
    const projection = new Projection(this.#set);
    const unit = new Unit(this.#set, projection, this.#head);
    const intakes: Intake[] = [];
    for (const batch of batches) {
      const taken = await takeBatch(batch, this.#context, here);
      intakes.push({ batch, taken });
      await this.#append(unit, batch, taken);
    }
    await this.#decide(unit, projection, batches[batches.length - 1] as LogBatch);
    for (const intake of intakes) {
      await this.#recordIntake(unit, intake);
      this.#count(intake);
    }
    const now = this.#context.clock.now();
    await this.#commit(unit, {
      seen: intakes.flatMap(({ taken }) => taken.seen),
      outgoing: intakes.flatMap(({ batch, taken }) => quarantineOf(batch, taken.unreadable, now)),
      offsets: batches.map(offsetAfter),
      documents: [],
    });
  }

  async #append(unit: Unit, batch: LogBatch, taken: TakenBatch): Promise<void> {
    const keys = await this.#context.ports.vault.keysFor([...taken.bySubject.keys(), ...anonymousOwners(batch, taken)]);
    await this.#loadFor(taken);
    for (const [subject, share] of taken.bySubject) {
      const revision = this.#set.subject(subject)?.revision ?? -1;
      unit.append(
        subjectStream(subject),
        revision,
        shareEvents(subject, share, keys.get(subject) as SubjectKey, batch),
      );
    }
    await this.#recordAnonymous(unit, batch, taken, keys);
  }

  #count({ batch, taken: { accepted, duplicates, unreadable } }: Intake): void {
    const channel = (this.#census.channels[channelOf(batch.topic)] ??= { accepted: 0, duplicates: 0, quarantined: 0 });
    channel.accepted += accepted;
    channel.duplicates += duplicates.length;
    channel.quarantined += unreadable.length;
    this.#census.touchpoints += accepted;
  }

  async #loadFor({ bySubject }: TakenBatch): Promise<void> {
    await this.#set.loadSubjects(bySubject.keys());
    // Neighbours are read only where a touchpoint says something new of the tie.
    const others = new Set<SubjectId>();
    for (const [subject, share] of bySubject) {
      const links = this.#set.subject(subject)?.links ?? [];
      const name = (other: SubjectId, at: Instant): void => {
        const link = valueIn(links, other);
        if (other !== subject && (!link || at <= link.at)) others.add(other);
      };
      for (const { touchpoint } of share.facts)
        for (const { subject: other } of touchpoint.identifiers) name(other, touchpoint.occurredAt);
      for (const { subject: other, at } of share.behaviour?.links ?? []) name(other, at);
    }
    if (others.size > 0) await this.#set.loadSubjects(others);
    const customers = new Set<CustomerId>();
    for (const id of bySubject.keys()) customers.add(this.#set.subject(id)?.customer ?? customerNamedAfter(id));
    await this.#set.loadCustomers(customers);
  }

  async #recordAnonymous(
    unit: Unit,
    batch: LogBatch,
    taken: TakenBatch,
    keys: ReadonlyMap<string, SubjectKey>,
  ): Promise<void> {
    if (taken.anonymous.length === 0) return;
    const stream = anonymousStream(batch);
    const key = keys.get(stream) as SubjectKey;
    const planned = taken.anonymous.map((one) => factEvent(one, key, batch));
    const revision = await this.#revisionOf(stream);
    unit.append(stream, revision, planned);
    this.#revisions.set(stream, revision + planned.length);
  }

  /** Who is who, then where they stand; each sees what the one before decided. */
  async #decide(unit: Unit, projection: Projection, source: LogBatch | null): Promise<void> {
    const { identityRules, clock } = this.#context;
    const now = clock.now();
    const last = source?.records[source.records.length - 1];
    const origin =
      source && last ? { topic: source.topic, partition: source.partition, offset: last.offset } : undefined;
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

  async #recordIntake(unit: Unit, { batch, taken }: Intake): Promise<void> {
    const stream = intakeStream(batch.topic, batch.partition);
    const revision = await this.#revisionOf(stream);
    const said = intentionOf(batch, taken);
    const event = intakeEvent(said, decisionId(stream, revision + 1), this.#context.clock.now());
    unit.append(stream, revision, [{ event, content: { kind: 'intake', batch: said } }]);
    this.#revisions.set(stream, revision + 1);
  }

  async #revisionOf(stream: string): Promise<number> {
    const known = this.#revisions.get(stream);
    if (known !== undefined) return known;
    const revision = (await lastEventOf(this.#context.ports.events, stream))?.revision ?? -1;
    this.#revisions.set(stream, revision);
    return revision;
  }

  async #obey(batch: LogBatch): Promise<void> {
    for (const record of batch.records) {
      const command = JSON.parse(new TextDecoder().decode(record.value)) as Command;
      const projection = new Projection(this.#set);
      const unit = new Unit(this.#set, projection, this.#head);
      const next = record.offset + 1;
      const offsets = [{ group: PIPELINE_GROUP, topic: batch.topic, partition: batch.partition, next }];
      const [before] = await this.#context.ports.documents.get('outcome', [command.id]);
      if (before) {
        // A repeat, sent before the first copy was carried out: it has had its effect.
        await this.#commit(unit, { seen: [], outgoing: [], offsets, documents: [] });
        continue;
      }
      const outcome: Outcome = await handleCommand(command, { set: this.#set, unit, ports: this.#context.ports });
      await this.#decide(unit, projection, batch);
      const document = {
        kind: 'outcome' as const,
        key: command.id,
        version: record.offset,
        body: JSON.stringify(outcome),
      };
      await this.#commit(unit, { seen: [], outgoing: [], offsets, documents: [document] });
    }
  }

  async #commit(unit: Unit, rest: Pick<Effects, 'seen' | 'outgoing' | 'offsets' | 'documents'>): Promise<void> {
    const effects = unit.effects({ ...rest, census: this.#census });
    await this.#context.ports.sink.commit(effects);
    this.#head = unit.position;
    this.#set.settled();
  }

  /** Time passes with no events: looks at whoever is due, once everything that waited has been read. */
  async #onIdle(): Promise<void> {
    if (
      this.#asking ||
      this.#timers === null ||
      performance.now() - this.#lastBatchAt < IDLE_MS ||
      [...this.#behind.values()].some(Boolean)
    )
      return;
    this.#asking = true;
    try {
      const before = this.#lastBatchAt;
      const quiet = (): boolean =>
        this.#timers !== null && this.#lastBatchAt === before && ![...this.#behind.values()].some(Boolean);
      while (quiet() && (await this.#turns.take(async () => quiet() && this.#askDue())));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#asking = false;
    }
  }

  async #askDue(): Promise<boolean> {
    const now = this.#context.clock.now();
    const due = await this.#context.ports.documents.due('customer', now, TIMER_BATCH);
    if (due.length === 0) return false;
    const unit = new Unit(this.#set, new Projection(this.#set), this.#head);
    const decisions = await this.#courses.ofDue(
      due.map(({ key }) => key as CustomerId),
      now,
    );
    unit.decide(decisions, now);
    await this.#commit(unit, { seen: [], outgoing: [], offsets: [], documents: [] });
    return true;
  }
}

const anonymousOwners = (batch: LogBatch, taken: TakenBatch): string[] =>
  taken.anonymous.length > 0 ? [anonymousStream(batch)] : [];

const offsetAfter = (batch: LogBatch): Effects['offsets'][number] => ({
  group: PIPELINE_GROUP,
  topic: batch.topic,
  partition: batch.partition,
  next: (batch.records[batch.records.length - 1] as StoredRecord).offset + 1,
});
