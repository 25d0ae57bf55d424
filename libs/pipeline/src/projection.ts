import { type BehaviourSum } from '@tributary/contracts';
import { type CustomerId, type Instant, namesakeOf, type SubjectId } from '@tributary/kernel';
import {
  type AnyTouchpoint,
  customerOfStream,
  foldFact,
  foldIdentifiers,
  foldTally,
  newCustomer,
  setIn,
  speaking,
  stands,
  subjectOfStream,
  type SubjectRecord,
  valueIn,
} from '@tributary/domain';
import { type DecodedAppend, type DecodedEvent } from './decoded.js';
import { Erasure } from './erasure.js';
import { type FeedMessage, feedOfDecision, feedOfErasure, feedOfFacts } from './feed-messages.js';
import { type Movement, noteFacts, stillness } from './movement.js';
import { pairKey, UNKNOWN_TYPE } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/**
 * The one place where events become documents and feed messages. The live pipeline and a rebuild both come through
 * here, append by append in the order of positions, so the two cannot differ. It never rejects a recorded event.
 */
export class Projection {
  readonly #set: WorkingSet;
  /** Subjects whose ties changed: who they belong to must be decided again. */
  readonly rewired = new Set<SubjectId>();
  /** Pairs that a touchpoint named together for the first time, or earlier than was known. */
  readonly named = new Set<string>();
  /** Customers with new facts or members: their course may have to be decided again. */
  readonly moved = new Map<CustomerId, Movement>();

  constructor(set: WorkingSet) {
    this.#set = set;
  }

  /** Applies one append and answers the feed messages that it calls for. Subjects and their customers must be loaded. */
  apply(append: DecodedAppend): FeedMessage[] {
    const subject = subjectOfStream(append.stream);
    if (subject !== null) return this.#applySubject(subject, append.events);
    const customer = customerOfStream(append.stream);
    if (customer !== null) return append.events.flatMap((event) => this.#applyDecision(customer, event));
    return [];
  }

  #applySubject(id: SubjectId, events: readonly DecodedEvent[]): FeedMessage[] {
    const messages: FeedMessage[] = [];
    let record = this.#set.subject(id);
    const facts: DecodedEvent[] = [];
    for (const event of events) {
      const { content } = event;
      if (content.kind === 'erased') {
        // Who was only ever named may be known no more: by nobody but those who went before, or whose keys are gone.
        record ??= this.#set.subjectOrNew(id, UNKNOWN_TYPE);
        messages.push(...this.#erase(record, content.erased.members, event));
        record = this.#set.subject(id);
        continue;
      }
      record ??= this.#set.subjectOrNew(id, typeOf(id, content));
      const isNew = !stands(record);
      if (record.type === UNKNOWN_TYPE) record.type = typeOf(id, content);
      // Behaviour that names nobody anew moves only counters.
      if (isNew || content.kind !== 'sum') this.#set.touchSubject(id, event.position);
      const firstBefore = record.state.first;
      if (content.kind === 'fact') this.#fold(record, content.touchpoint, event);
      else if (content.kind === 'sum') this.#foldSum(record, content.sum, event.position);
      else if (content.kind === 'unreadable') record.sealed = true;
      record.revision = event.revision;
      this.#set.touchActivity(id, event.position);
      facts.push(event);
      if (isNew && stands(record)) {
        this.rewired.add(id);
        this.#standCustomer(record, event.position);
      } else if (record.state.first < firstBefore) {
        // Whom a customer is named after is whoever was seen first: a late fact may change that.
        this.rewired.add(id);
      }
    }
    if (record && facts.length > 0) {
      this.#move(record.customer, facts);
      messages.push(feedOfFacts(record.customer, facts));
    }
    return messages;
  }

  #fold(record: SubjectRecord, touchpoint: AnyTouchpoint, event: DecodedEvent): void {
    foldFact(speaking(record), touchpoint, event.id);
    for (const { subject, type } of touchpoint.identifiers)
      if (subject !== record.id)
        this.#link(
          record,
          subject,
          type,
          { at: touchpoint.occurredAt, id: event.id, known: touchpoint.receivedAt },
          event.position,
        );
  }

  #foldSum(record: SubjectRecord, { tallies, links }: BehaviourSum, position: number): void {
    const state = speaking(record);
    for (const tally of tallies) foldTally(state, tally);
    for (const link of links) {
      if (foldIdentifiers(state, [link], link.at)) this.#set.touchSubject(record.id, position);
      if (link.subject !== record.id)
        this.#link(record, link.subject, link.type, { at: link.at, id: link.id, known: link.known }, position);
    }
  }

  /** Keeps the earliest naming of a pair, on both sides. */
  #link(
    a: SubjectRecord,
    other: SubjectId,
    otherType: string,
    naming: { at: Instant; id: string; known: Instant },
    position: number,
  ): void {
    const before = valueIn(a.links, other);
    if (before && (before.at < naming.at || (before.at === naming.at && before.id <= naming.id))) return;
    const b = this.#set.subjectOrNew(other, otherType);
    if (b.type === UNKNOWN_TYPE) b.type = otherType;
    // The records' own ids, not copies of them: there are several ties to each.
    setIn(a.links, b.id, { ...naming, type: b.type });
    setIn(b.links, a.id, { ...naming, type: a.type });
    // The other first, while the set has it in hand; its owner's append goes on with `a`.
    this.#set.touchSubject(other, position);
    this.#set.touchSubject(a.id, position);
    this.rewired.add(a.id);
    this.rewired.add(other);
    this.named.add(pairKey(a.id, other));
  }

  #standCustomer(record: SubjectRecord, position: number): void {
    this.#set.customerOrNew(record.customer, [record.id]);
    this.#set.touchCustomer(record.customer, position);
  }

  /** `facts` empty: who the customer is changed, not what it did. */
  #move(customer: CustomerId, facts: readonly DecodedEvent[]): void {
    let movement = this.moved.get(customer);
    if (!movement) this.moved.set(customer, (movement = stillness()));
    noteFacts(movement, facts);
  }

  #applyDecision(named: CustomerId, event: DecodedEvent): FeedMessage[] {
    if (event.content.kind !== 'decision') return [];
    const { decision } = event.content;
    let gone: readonly CustomerId[] = [];
    let isNobody = false;
    switch (decision.type) {
      case 'SubjectsLinked': {
        const holders = decision.subjects.flatMap((id) => this.#set.subject(id)?.customer ?? []);
        const before = new Set([...decision.absorbed, ...holders].filter((id) => this.#set.customer(id)));
        for (const absorbed of decision.absorbed)
          if (this.#isWithin(absorbed, new Set(decision.subjects))) this.#set.dropCustomer(absorbed, event.position);
        this.#assign(decision.customerId, decision.subjects, event.position);
        gone = [...before].filter((id) => id !== decision.customerId && !this.#set.customer(id)).sort();
        break;
      }
      case 'SubjectsReleased': {
        const gone = new Set(decision.released.flatMap((group) => group.subjects));
        this.#assign(decision.customerId, decision.subjects, event.position, gone);
        for (const group of decision.released) this.#assign(group.customerId, group.subjects, event.position);
        break;
      }
      case 'ManualLinkMade':
        for (const id of [decision.a, decision.b]) {
          const record = this.#set.subjectOrNew(id, UNKNOWN_TYPE);
          const { kind, a, b, at, commandId } = decision;
          record.manual.push({ kind, a, b, at, id: commandId });
          record.manual.sort((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1));
          this.#set.touchSubject(id, event.position);
          this.rewired.add(id);
        }
        break;
      case 'CourseAdvanced':
      case 'CourseRevised': {
        const customer = this.#set.customer(decision.customerId);
        isNobody = !customer;
        if (!customer) break;
        if (decision.type === 'CourseRevised') {
          // A course that only sealed and since erased facts knew of may be missing here.
          customer.course.length = Math.max(0, customer.course.length - decision.withdrawn);
          // What goes on with a long one withdraws nothing.
          if (decision.withdrawn > 0) customer.revisions += 1;
        }
        customer.course.push(...decision.transitions);
        customer.rules = decision.rules;
        this.#set.touchCustomer(customer.id, event.position);
        break;
      }
      case 'LinkRefused':
        break;
      default:
        decision satisfies never;
    }
    // Also of one that only sealed and since erased facts named: where its stream ends must be known.
    const namesake = this.#set.subjectOrNew(namesakeOf(named), UNKNOWN_TYPE);
    namesake.decided = event.revision;
    this.#set.touchSubject(namesake.id, event.position);
    return feedOfDecision(decision, event, { gone, isNobody });
  }

  /**
   * These subjects are this customer, from now on; it stands if any of them has a touchpoint of its own. Members that the
   * decision did not know of yet (it may have been on its way for a while) stay, unless they are `gone`.
   */
  #assign(
    customerId: CustomerId,
    subjects: readonly SubjectId[],
    position: number,
    gone: ReadonlySet<SubjectId> = none,
  ): void {
    let isSomebody = false;
    for (const id of subjects) {
      // One that only sealed and since erased facts named is not known yet.
      const isNew = this.#set.subject(id) === undefined;
      const record = this.#set.subjectOrNew(id, UNKNOWN_TYPE);
      if (isNew) this.#set.touchSubject(id, position);
      if (stands(record)) isSomebody = true;
      if (record.customer !== customerId) {
        this.#leave(record, position);
        record.customer = customerId;
        this.#set.touchSubject(id, position);
      }
    }
    const members = new Set(subjects);
    for (const id of this.#set.customer(customerId)?.subjects ?? []) {
      if (gone.has(id) || members.has(id)) continue;
      members.add(id);
      if (this.#stands(id)) isSomebody = true;
    }
    if (!isSomebody) return this.#set.dropCustomer(customerId, position);
    const customer = this.#set.customerOrNew(customerId, subjects);
    customer.subjects = members.size === subjects.length ? [...subjects] : [...members].sort();
    this.#set.touchCustomer(customerId, position);
    this.#move(customerId, []);
  }

  /** Not if it has gained members meanwhile (the decision may have been on its way for a while): then it stands for those. */
  #isWithin(customer: CustomerId, subjects: ReadonlySet<SubjectId>): boolean {
    return this.#set.customer(customer)?.subjects.every((id) => subjects.has(id)) ?? true;
  }

  #stands(id: SubjectId): boolean {
    const record = this.#set.subject(id);
    return record !== undefined && stands(record);
  }

  /** A subject has one customer, also where a decision did not know yet of the one that it leaves. */
  #leave(record: SubjectRecord, position: number): void {
    const customer = this.#set.customer(record.customer);
    if (!customer?.subjects.includes(record.id)) return;
    customer.subjects = customer.subjects.filter((id) => id !== record.id);
    for (const id of customer.subjects) this.rewired.add(id);
    if (!customer.subjects.some((id) => this.#stands(id))) return this.#set.dropCustomer(customer.id, position);
    this.#set.touchCustomer(customer.id, position);
    this.#move(customer.id, []);
  }

  /** Forgets a person's subject, and members that nobody else names; a customer is who is left of it, if anybody is. */
  #erase(record: SubjectRecord, members: readonly SubjectId[], event: DecodedEvent): FeedMessage[] {
    const customerId = record.customer;
    const homes = new Map(members.map((id) => [id, this.#set.subject(id)?.customer]));
    const gone = new Erasure(this.#set, event.position, this.rewired, members).of(record, event.revision);
    // A member may have come to another customer since the erasure was ordered.
    const losing = new Set<CustomerId>([customerId]);
    for (const id of gone) {
      const home = homes.get(id);
      if (home !== undefined && this.#set.customer(home)) losing.add(home);
    }
    for (const id of losing) {
      const customer = this.#set.customer(id);
      if (!customer) continue;
      const rest = customer.subjects.filter((subject) => !gone.has(subject));
      if (rest.length === 0) this.#set.dropCustomer(id, event.position);
      else this.#assign(id, rest, event.position, gone);
      // What was to be decided of them may have waited for this.
      for (const subject of rest) this.rewired.add(subject);
    }
    // What stages it had been in was known from who is gone: they are decided anew from what is left.
    const rest = this.#set.customer(customerId);
    if (rest) Object.assign(rest, newCustomer(customerId, rest.subjects));
    return feedOfErasure(customerId, record.id, members, event);
  }
}

const none: ReadonlySet<SubjectId> = new Set();

/** Of which identifier type a stream's subject is, as its first event says. */
const typeOf = (id: SubjectId, content: DecodedEvent['content']): string => {
  if (content.kind === 'fact') return content.touchpoint.identifiers[0]?.type ?? UNKNOWN_TYPE;
  if (content.kind === 'sum') return content.sum.links.find(({ subject }) => subject === id)?.type ?? UNKNOWN_TYPE;
  return UNKNOWN_TYPE;
};
