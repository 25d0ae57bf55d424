import { type BatchTaken, intakeStream, subjectStream } from '@tributary/domain';
import {
  type CustomerId,
  type Effects,
  type LogBatch,
  type StoredRecord,
  type SubjectId,
  type SubjectKey,
} from '@tributary/kernel';
import { type Census, countBatch, emptyCensus } from './census.js';
import { type Command, type Outcome } from './commands.js';
import { Courses } from './courses.js';
import { type Decided, decideIdentity } from './decide-identity.js';
import { handleCommand } from './handle-command.js';
import { intakeEvent, intentionOf } from './intention.js';
import { loadShares } from './load-shares.js';
import { anonymousStream, factEvent, quarantineOf, shareEvents } from './plan-touchpoints.js';
import { PIPELINE_GROUP, type PipelineContext } from './ports.js';
import { Projection } from './projection.js';
import { lastEventOf } from './stream-tail.js';
import { subjectsOfDecision } from './subjects-named.js';
import { takeBatch, type TakenBatch } from './take-batch.js';
import { decisionId, Unit } from './unit.js';
import { WorkingSet } from './working-set.js';

/** What is left of a batch when its touchpoints are planned: the rest of it is the most that a unit would hold. */
interface Intake {
  readonly said: BatchTaken;
  readonly seen: TakenBatch['seen'];
  readonly quarantined: Effects['outgoing'];
}

const TIMER_BATCH = 500;

/**
 * Makes one unit of effects of what is handed to it, and commits that in one step. It is the only writer of the event
 * store, so it knows streams and positions without asking; its caller gives it one thing at a time, and after an error
 * no more.
 */
export class SoleWriter {
  readonly #context: PipelineContext;
  readonly #set: WorkingSet;
  readonly #courses: Courses;
  readonly #revisions = new Map<string, number>();
  #census: Census = emptyCensus();
  #head = -1;

  constructor(context: PipelineContext) {
    this.#context = context;
    this.#set = new WorkingSet(context.ports.documents, { subjects: 60_000, customers: 40_000 });
    this.#courses = new Courses(this.#set, context.lifecycleRules);
  }

  /** Position of the newest event. */
  get head(): number {
    return this.#head;
  }

  async begin(): Promise<void> {
    this.#head = await this.#context.ports.events.head();
    await this.#loadCensus();
  }

  /** The documents were changed by somebody else. */
  async beginAnew(): Promise<void> {
    this.#set.forget();
    await this.#loadCensus();
  }

  async #loadCensus(): Promise<void> {
    const [census] = await this.#context.ports.documents.get('checkpoint', ['census']);
    if (census) this.#census = JSON.parse(census.body) as Census;
  }

  /** Touchpoints of any partitions: each batch sees what those before it brought. */
  async take(batches: readonly LogBatch[]): Promise<void> {
    const here = new Set<string>();
    const projection = new Projection(this.#set);
    const unit = new Unit(this.#set, projection, this.#head);
    const intakes: Intake[] = [];
    for (const batch of batches) {
      const taken = await takeBatch(batch, this.#context, here);
      await this.#append(unit, batch, taken);
      const quarantined = quarantineOf(batch, taken.unreadable, this.#context.clock.now());
      intakes.push({ said: intentionOf(batch, taken), seen: taken.seen, quarantined });
    }
    await this.#decide(unit, projection, batches[batches.length - 1] as LogBatch);
    for (const { said } of intakes) await this.#recordIntake(unit, said);
    await this.#commit(unit, {
      seen: intakes.flatMap(({ seen }) => seen),
      outgoing: intakes.flatMap(({ quarantined }) => quarantined),
      offsets: batches.map(offsetAfter),
      documents: [],
    });
  }

  /** Commands, each a unit of its own. */
  async obey(batch: LogBatch): Promise<void> {
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

  /** Looks at whoever is due by now; answers whether anybody was. */
  async askDue(): Promise<boolean> {
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

  async #append(unit: Unit, batch: LogBatch, taken: TakenBatch): Promise<void> {
    const keys = await this.#context.ports.vault.keysFor([...taken.bySubject.keys(), ...anonymousOwners(batch, taken)]);
    await loadShares(this.#set, taken.bySubject);
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
  async #decide(unit: Unit, projection: Projection, source: LogBatch): Promise<void> {
    const { identityRules, clock } = this.#context;
    const now = clock.now();
    const origin = { topic: source.topic, partition: source.partition, offset: lastOffsetOf(source) };
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
    const revision = await this.#revisionOf(stream);
    const event = intakeEvent(said, decisionId(stream, revision + 1), this.#context.clock.now());
    unit.append(stream, revision, [{ event, content: { kind: 'intake', batch: said } }]);
    this.#revisions.set(stream, revision + 1);
    countBatch(this.#census, said);
  }

  async #revisionOf(stream: string): Promise<number> {
    const known = this.#revisions.get(stream);
    if (known !== undefined) return known;
    const revision = (await lastEventOf(this.#context.ports.events, stream))?.revision ?? -1;
    this.#revisions.set(stream, revision);
    return revision;
  }

  async #commit(unit: Unit, rest: Pick<Effects, 'seen' | 'outgoing' | 'offsets' | 'documents'>): Promise<void> {
    const effects = unit.effects({ ...rest, census: this.#census });
    await this.#context.ports.sink.commit(effects);
    this.#head = unit.position;
    this.#set.settled();
  }
}

const anonymousOwners = (batch: LogBatch, taken: TakenBatch): string[] =>
  taken.anonymous.length > 0 ? [anonymousStream(batch)] : [];

const offsetAfter = (batch: LogBatch): Effects['offsets'][number] => ({
  group: PIPELINE_GROUP,
  topic: batch.topic,
  partition: batch.partition,
  next: lastOffsetOf(batch) + 1,
});

const lastOffsetOf = ({ records }: LogBatch): number => (records[records.length - 1] as StoredRecord).offset;
