import { type CustomerEvent } from '@tributary/domain';
import { type CustomerId, namesakeOf, type SubjectId } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { type Fact, namingsOf } from '../replay/facts.js';
import { type Decision } from '../replay/read-decisions.js';

/** Who belongs to a customer, told event by event. */
export interface Membership {
  take(event: Fact | Decision): void;
  /** Sorted. */
  members(): readonly SubjectId[];
}

/** By the decisions that linked and released, as they were recorded. */
export class AsRecorded implements Membership {
  readonly #customer: CustomerId;
  readonly #members: Set<SubjectId>;

  constructor(customer: CustomerId) {
    this.#customer = customer;
    this.#members = new Set([namesakeOf(customer)]);
  }

  take(event: Fact | Decision): void {
    if (event.kind !== 'decision') return;
    const { joined, left } = changeOf(event.decision, this.#customer);
    for (const id of joined) this.#members.add(id);
    for (const id of left) this.#members.delete(id);
  }

  members(): readonly SubjectId[] {
    return [...this.#members].sort();
  }
}

const nobody: readonly SubjectId[] = [];

const changeOf = (decision: CustomerEvent, customer: CustomerId) => {
  if (decision.type === 'SubjectsLinked' && decision.customerId === customer)
    return { joined: decision.subjects, left: nobody };
  if (decision.type !== 'SubjectsReleased') return { joined: nobody, left: nobody };
  const own = decision.customerId === customer ? decision.subjects : nobody;
  const of = (mine: boolean) => decision.released.filter((group) => (group.customerId === customer) === mine);
  return {
    joined: [...own, ...of(true).flatMap(({ subjects }) => subjects)],
    left: of(false).flatMap(({ subjects }) => subjects),
  };
};

/**
 * By what ties those who belong to it in the end: touchpoints that name two of them, and somebody's word. What was recorded is
 * of whoever was known when; this tells of a past moment, or of an answer that late evidence revised, what it is due to.
 */
export class AsTied implements Membership {
  readonly #namesake: SubjectId;
  readonly #next: Map<SubjectId, SubjectId>;
  readonly #refused: ReadonlySet<string>;
  readonly #holding: ReadonlySet<CustomerEvent>;

  constructor({ customer, refused, decisions, at }: Pick<CustomerCase, 'customer' | 'refused' | 'decisions' | 'at'>) {
    this.#namesake = namesakeOf(customer.id);
    const members: readonly SubjectId[] = customer.subjects;
    this.#next = new Map(members.map((id) => [id, id]));
    this.#refused = new Set(refused.flatMap(({ a, b }) => [`${a} ${b}`, `${b} ${a}`]));
    this.#holding = mergesThatHold(decisions, at);
  }

  take(event: Fact | Decision): void {
    if (event.kind !== 'decision') {
      for (const { subject } of namingsOf(event))
        if (!this.#refused.has(`${event.subject} ${subject}`)) this.#tie(event.subject, subject);
      return;
    }
    const { decision } = event;
    if (decision.type === 'ManualLinkMade' && this.#holding.has(decision)) this.#tie(decision.a, decision.b);
  }

  members(): readonly SubjectId[] {
    const root = this.#rootOf(this.#namesake);
    return [...this.#next.keys()].filter((id) => this.#rootOf(id) === root).sort();
  }

  #tie(a: SubjectId, b: SubjectId): void {
    if (this.#next.has(a) && this.#next.has(b)) this.#next.set(this.#rootOf(a), this.#rootOf(b));
  }

  #rootOf(id: SubjectId): SubjectId {
    let root = id;
    for (let next = this.#next.get(root); next !== undefined && next !== root; next = this.#next.get(root)) root = next;
    return root;
  }
}

/** Of all that was said of a pair by then the newest word holds: where it is no merge, it was not the merges before it that tie the two. */
const mergesThatHold = (decisions: readonly Decision[], asOf: number): ReadonlySet<CustomerEvent> => {
  const said = decisions.flatMap(({ decision }) =>
    decision.type === 'ManualLinkMade' && decision.at <= asOf ? decision : [],
  );
  said.sort((x, y) => x.at - y.at || (x.commandId < y.commandId ? -1 : 1));
  const merges = new Map<string, CustomerEvent[]>();
  for (const word of said) {
    const pair = word.a < word.b ? `${word.a} ${word.b}` : `${word.b} ${word.a}`;
    merges.set(pair, word.kind === 'merge' ? [...(merges.get(pair) ?? []), word] : []);
  }
  return new Set([...merges.values()].flat());
};
