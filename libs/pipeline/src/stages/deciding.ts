import { CUSTOMER_STREAMS, type CustomerEvent, customerOfStream, subjectStream } from '@tributary/domain';
import { type CustomerId, type Instant, mayPass, namesakeOf } from '@tributary/kernel';
import { MOST_TRANSITIONS } from '../course-difference.js';
import { type TakenCommand } from '../command-taken.js';
import { Courses } from '../courses.js';
import { type Decided, decideIdentity } from '../decide-identity.js';
import { type DecodedAppend } from '../decoded.js';
import { MAX_BECAUSE, type Movement, stillness } from '../movement.js';
import { type ProcessingTime } from '../processing-time.js';
import { type Projection } from '../projection.js';
import { type StageContext } from '../ports.js';
import { decodeEvents } from '../read-events.js';
import { subjectsOfDecision } from '../subjects-named.js';
import { type WorkingSet } from '../working-set.js';
import { appendDecisions, appendRefusals, decidedOf } from './append-decisions.js';
import { type InStream } from './append-owed.js';
import { Awaited } from './awaited.js';
import { changesMembers, concernedBy, decisionsIn, freeOf } from './concerned.js';
import { Erasing } from './erasing.js';
import { completeCommand, notErasedIn } from './take-command.js';

const nobody: ReadonlySet<CustomerId> = new Set();
const PAGE = 2_000;
/** Of what an earlier life has decided so much is remembered: what comes first is what is decided beside first. */
const MOST_AHEAD = 50_000;

/**
 * Who is who and where they stand, for a projector: what it decides is not applied but appended, and applied when it
 * comes back as an event among all others. Whoever decided it: then the customer is looked at again, so that what came
 * in between, or was decided from less by a zombie, is put right.
 */
export class Deciding {
  readonly #context: StageContext;
  readonly #set: WorkingSet;
  readonly #courses: Courses;
  readonly #requireOurs: () => Promise<void>;
  readonly #awaited = new Awaited();
  readonly #erasing = new Erasing();
  /** Whom nobody waits for any more since the page began: what was decided of them meanwhile was left at that. */
  #freed: CustomerId[] = [];

  /** `requireOurs` throws where the documents that decisions were made of are another's meanwhile. */
  constructor(context: StageContext, set: WorkingSet, time: ProcessingTime, requireOurs: () => Promise<void>) {
    this.#context = context;
    this.#set = set;
    this.#requireOurs = requireOurs;
    this.#courses = new Courses(set, context.lifecycleRules, time);
  }

  isAwaited(id: CustomerId): boolean {
    return this.#awaited.has(id);
  }

  /** What an earlier life has decided, and comes back behind this position: nothing is decided of those before, as it would not have. */
  async remember(position: number): Promise<void> {
    const { events } = this.#context.ports;
    let at = position;
    for (let read = 0; read < MOST_AHEAD;) {
      const page = await events.readAll(at, PAGE, CUSTOMER_STREAMS);
      const last = page[page.length - 1];
      if (!last) return;
      const appends = await decodeEvents(page, this.#context);
      const decided = decisionsIn(appends);
      await this.#set.loadSubjects(
        decided.flatMap(({ event }) => (event.type === 'SubjectsLinked' ? event.added : [])),
      );
      for (const append of appends) this.#begin(append);
      for (const [id, others] of concernedBy(decided, this.#set)) this.#awaited.concerns(id, others);
      read += page.length;
      at = last.position;
    }
  }

  /** A command of an earlier life, which is handed over once more. An erasure that its vault cannot carry out now is waited for. */
  async foresee(command: TakenCommand): Promise<void> {
    try {
      await this.carryOut(command);
    } catch (error) {
      if (!mayPass(error) || !command.taken.keys) throw error;
      const left = await notErasedIn(this.#set, command, this.#context.ports.events);
      this.#erasing.begin(command.taken, (subject) => left.has(subject));
    }
  }

  /** Carries a command out. What it appends comes back, too, and is waited for. */
  async carryOut(command: TakenCommand): Promise<void> {
    const parts = await completeCommand(command, this.#set, this.#context.ports);
    // Not by how far a stream goes: whoever was erased, and that is read, may have come again since.
    const standsAt = new Map(parts.map(({ stream, own }) => [stream, own]));
    this.#erasing.begin(
      command.taken,
      (subject) => (standsAt.get(subjectStream(subject)) ?? -1) > (this.#set.subject(subject)?.revision ?? -1),
    );
    for (const part of parts) this.#beginOwn(part, true);
  }

  /** An append was applied: whom its decisions concern is looked at again. */
  arrived(append: DecodedAppend, projection: Projection): void {
    const { stream, events } = append;
    this.#erasing.read(append);
    const id = customerOfStream(stream);
    if (id === null) return;
    const movement = lookAgainAt(id, [], projection);
    for (const [free, because] of this.#awaited.arrived(id, revisionOf(append))) {
      lookAgainAt(free, because, projection);
      this.#freed.push(free);
    }
    for (const { content } of events) {
      if (content.kind !== 'decision') continue;
      for (const subject of subjectsOfDecision(content.decision)) projection.rewired.add(subject);
    }
    for (const subject of this.#set.customer(id)?.subjects ?? []) projection.rewired.add(subject);
    movement.revises = events.some(({ content }, i) => i === events.length - 1 && isFullRevision(content));
  }

  /** Decides whatever a page gave cause for, and appends it. */
  async decide(projection: Projection): Promise<void> {
    await this.#rewireFreed(projection);
    const erased = await this.#erasing.holders(this.#set);
    const waits = (id: CustomerId, isOwn: boolean): boolean =>
      erased.has(id) || this.#awaited.changesMembersOf(id) || (isOwn && this.#awaited.hasOwn(id));
    const identity = freeOf(await this.#decideIdentity(projection), this.#set, waits);
    const appended = await this.#append(identity);
    const through = identity.filter(({ customerId }) => appended.has(customerId));
    for (const [id, others] of concernedBy(through, this.#set)) this.#awaited.concerns(id, others);
    await this.#append(await this.#decideCourses(projection, erased));
  }

  /** What follows from the page was decided by an earlier life: only when to look again is not known here. */
  async noteTimes({ moved }: Projection): Promise<void> {
    this.#freed = [];
    await this.#courses.noteTimesOf([...moved.keys()]);
  }

  /** Decides on those who are due by now, and appends it. */
  async ask(due: readonly CustomerId[], now: Instant): Promise<void> {
    await this.#append(await this.#courses.ofDue(due, now));
  }

  /** Something that was read ahead. */
  #begin(append: DecodedAppend): void {
    const id = customerOfStream(append.stream);
    if (id === null) return;
    const isOfMembers = append.events.some(({ content: c }) => c.kind === 'decision' && changesMembers(c.decision));
    this.#awaited.begin(id, revisionOf(append), isOfMembers);
  }

  #beginOwn({ stream, revision }: InStream, isOfMembers: boolean): void {
    const id = customerOfStream(stream);
    if (id !== null && revision > decidedOf(this.#set, id)) this.#awaited.begin(id, revision, isOfMembers);
  }

  /** Answers whose decisions stand in their streams now. */
  async #append(decisions: readonly Decided[]): Promise<ReadonlySet<CustomerId>> {
    if (decisions.length === 0) return nobody;
    const { ports, clock } = this.#context;
    await this.#set.loadSubjects(decisions.map(({ customerId }) => namesakeOf(customerId)));
    // Nothing is decided by who was taken over from: whoever did that knows of no decisions but those that it has met.
    await this.#requireOurs();
    const refusals = decisions.filter(({ event }) => event.type === 'LinkRefused');
    const others = decisions.filter(
      ({ customerId, event }) => event.type !== 'LinkRefused' && !this.#awaited.hasOwn(customerId),
    );
    const appended = await appendDecisions(ports.events, this.#set, others, clock.now());
    for (const [id, events] of byCustomer(others)) {
      // Where something else stands there, it is that which is on its way.
      const isOwn = appended.has(id);
      const end = decidedOf(this.#set, id) + (isOwn ? events.length : 1);
      this.#awaited.begin(id, end, !isOwn || events.some(changesMembers));
    }
    for (const one of await appendRefusals(ports.events, this.#set, refusals, clock.now())) this.#beginOwn(one, false);
    return appended;
  }

  async #rewireFreed({ rewired }: Projection): Promise<void> {
    const freed = this.#freed.splice(0);
    await this.#set.loadCustomers(freed);
    for (const id of freed)
      for (const subject of [namesakeOf(id), ...(this.#set.customer(id)?.subjects ?? [])]) rewired.add(subject);
  }

  async #decideIdentity({ rewired, named }: Projection): Promise<readonly Decided[]> {
    if (rewired.size === 0) return [];
    const { identityRules, clock } = this.#context;
    return decideIdentity(this.#set, rewired, named, identityRules, clock.now());
  }

  /** Not of those about whose members something was just decided: when that comes, they are looked at or gone. */
  async #decideCourses({ moved }: Projection, erased: ReadonlySet<CustomerId>): Promise<readonly Decided[]> {
    const moving: CustomerId[] = [];
    const waiting: CustomerId[] = [];
    for (const [id, movement] of moved)
      if (erased.has(id)) continue;
      else if (!this.#waits(id, movement)) moving.push(id);
      else if (this.#awaited.waitsForOthers(id)) waiting.push(id);
    await this.#set.loadCustomers(waiting);
    for (const id of waiting) this.#set.courseWaits(id);
    const decisions = await this.#courses.ofMoved(moving, moved);
    // It does not stand where it was decided to stand before that comes back.
    for (const { customerId } of decisions) this.#set.calmKnown(customerId, null);
    return decisions;
  }

  #waits(id: CustomerId, movement: Movement): boolean {
    const since = this.#awaited.because(id);
    if (since) {
      since.push(...movement.because.slice(0, MAX_BECAUSE - since.length));
      return true;
    }
    return this.#courses.stays(id, movement);
  }
}

const byCustomer = (decisions: readonly Decided[]): ReadonlyMap<CustomerId, readonly CustomerEvent[]> => {
  const events = new Map<CustomerId, CustomerEvent[]>();
  for (const { customerId, event } of decisions) {
    const own = events.get(customerId);
    if (own) own.push(event);
    else events.set(customerId, [event]);
  }
  return events;
};

const isFullRevision = (content: DecodedAppend['events'][number]['content']): boolean =>
  content.kind === 'decision' &&
  content.decision.type === 'CourseRevised' &&
  content.decision.transitions.length === MOST_TRANSITIONS;

const revisionOf = ({ events }: DecodedAppend): number => events[events.length - 1]?.revision ?? -1;

const lookAgainAt = (id: CustomerId, because: readonly string[], { moved }: Projection): Movement => {
  const movement = moved.get(id) ?? stillness();
  movement.calm = false;
  movement.because.push(...because.slice(0, MAX_BECAUSE - movement.because.length));
  moved.set(id, movement);
  return movement;
};
