import { type CustomerEvent, customerOfStream } from '@tributary/domain';
import { type CustomerId, type Instant, namesakeOf } from '@tributary/kernel';
import { MOST_TRANSITIONS } from '../course-difference.js';
import { Courses } from '../courses.js';
import { type Decided, decideIdentity } from '../decide-identity.js';
import { type DecodedAppend } from '../decoded.js';
import { MAX_BECAUSE, type Movement, stillness } from '../movement.js';
import { type ProcessingTime } from '../processing-time.js';
import { type Projection } from '../projection.js';
import { type StageContext } from '../ports.js';
import { subjectsOfDecision } from '../subjects-named.js';
import { type WorkingSet } from '../working-set.js';
import { appendDecisions, appendRefusals } from './append-decisions.js';

/** Customers whose decisions are on their way at most; beyond that they are decided again in vain. */
const AWAITED = 100_000;

/**
 * Who is who and where they stand, for a projector: what it decides is not applied but appended, and applied when it
 * comes back as an event among all others. Whoever decided it: then the customer is looked at again, so that what came
 * in between, or was decided from less by a zombie, is put right.
 */
export class Deciding {
  readonly #context: StageContext;
  readonly #set: WorkingSet;
  readonly #courses: Courses;
  /** Customers of whom a decision will come, and the facts that arrived since; deciding again before would be refused. */
  readonly #awaited = new Map<CustomerId, string[]>();

  constructor(context: StageContext, set: WorkingSet, time: ProcessingTime) {
    this.#context = context;
    this.#set = set;
    this.#courses = new Courses(set, context.lifecycleRules, time);
  }

  isAwaited(id: CustomerId): boolean {
    return this.#awaited.has(id);
  }

  /** An append was applied: whom its decisions concern is looked at again. */
  arrived({ stream, events }: DecodedAppend, projection: Projection): void {
    const id = customerOfStream(stream);
    if (id === null) return;
    const because = this.#awaited.get(id) ?? [];
    this.#awaited.delete(id);
    for (const { content } of events) {
      if (content.kind !== 'decision') continue;
      for (const subject of subjectsOfDecision(content.decision)) projection.rewired.add(subject);
    }
    for (const subject of this.#set.customer(id)?.subjects ?? []) projection.rewired.add(subject);
    const movement = projection.moved.get(id) ?? stillness();
    movement.calm = false;
    movement.revises = events.some(({ content }, i) => i === events.length - 1 && isFullRevision(content));
    movement.because.push(...because.slice(0, MAX_BECAUSE - movement.because.length));
    projection.moved.set(id, movement);
  }

  /** Decides whatever a page gave cause for, and appends it. */
  async decide(projection: Projection): Promise<void> {
    const identity = await this.#decideIdentity(projection);
    const appended = await this.#append(identity);
    const concerned = new Set(
      identity.flatMap(({ customerId, event }) => (appended.has(customerId) ? customersOf(event) : [])),
    );
    await this.#append(await this.#decideCourses(projection, concerned));
  }

  /** What follows from the page was decided by an earlier life: only when to look again is not known here. */
  async noteTimes({ moved }: Projection): Promise<void> {
    await this.#courses.noteTimesOf([...moved.keys()]);
  }

  /** Decides on those who are due by now, and appends it. */
  async ask(due: readonly CustomerId[], now: Instant): Promise<void> {
    await this.#append(await this.#courses.ofDue(due, now));
  }

  /** Answers whose decisions stand in their streams now. */
  async #append(decisions: readonly Decided[]): Promise<ReadonlySet<CustomerId>> {
    const { ports, clock } = this.#context;
    await this.#set.loadSubjects(decisions.map(({ customerId }) => namesakeOf(customerId)));
    const refusals = decisions.filter(({ event }) => event.type === 'LinkRefused');
    const others = decisions.filter(
      ({ customerId, event }) => event.type !== 'LinkRefused' && !this.#awaited.has(customerId),
    );
    const appended = await appendDecisions(ports.events, this.#set, others, clock.now());
    await appendRefusals(ports.events, this.#set, refusals, clock.now());
    if (this.#awaited.size > AWAITED) this.#awaited.clear();
    for (const { customerId } of others) this.#awaited.set(customerId, []);
    return appended;
  }

  async #decideIdentity({ rewired, named }: Projection): Promise<readonly Decided[]> {
    if (rewired.size === 0) return [];
    const { identityRules, clock } = this.#context;
    return decideIdentity(this.#set, rewired, named, identityRules, clock.now());
  }

  /** Not of those about whose members something was just decided: when that comes, they are looked at or gone. */
  async #decideCourses({ moved }: Projection, concerned: ReadonlySet<CustomerId>): Promise<readonly Decided[]> {
    const moving: CustomerId[] = [];
    for (const [id, movement] of moved) if (!this.#waits(id, movement, concerned)) moving.push(id);
    const decisions = await this.#courses.ofMoved(moving, moved);
    // It does not stand where it was decided to stand before that comes back.
    for (const { customerId } of decisions) this.#set.calmKnown(customerId, null);
    return decisions;
  }

  #waits(id: CustomerId, movement: Movement, concerned: ReadonlySet<CustomerId>): boolean {
    const since = this.#awaited.get(id);
    if (since) {
      since.push(...movement.because.slice(0, MAX_BECAUSE - since.length));
      return true;
    }
    return concerned.has(id) || this.#courses.stays(id, movement);
  }
}

const isFullRevision = (content: DecodedAppend['events'][number]['content']): boolean =>
  content.kind === 'decision' &&
  content.decision.type === 'CourseRevised' &&
  content.decision.transitions.length === MOST_TRANSITIONS;

/** Customers whose members such a decision changes. */
const customersOf = (event: CustomerEvent): readonly CustomerId[] => {
  switch (event.type) {
    case 'SubjectsLinked':
      return [event.customerId, ...event.absorbed];
    case 'SubjectsReleased':
      return [event.customerId, ...event.released.map(({ customerId }) => customerId)];
    default:
      return [];
  }
};
