import { setImmediate } from 'node:timers/promises';
import {
  canonicalJson,
  type CustomerEvent,
  HISTORY_SHOWN,
  renderLifecycle,
  type Track,
  type Transition,
} from '@tributary/domain';
import { type Instant } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, instantOf } from '../replay/facts.js';
import { type Decision } from '../replay/read-decisions.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** Transitions between two breaths: some customers have tens of thousands. */
const TRANSITIONS_AT_ONCE = 64;

type Standing = Readonly<Partial<Record<Track, Transition>>>;
const nowhere: Standing = {};

/** A course as it grows and is taken back, and the value at a path when it has come so far. */
class Telling {
  readonly #path: string;
  /** Whether the path leads to where the customer stands: that needs no look at how it got there. */
  readonly #standingOnly: boolean;
  #course: Transition[] = [];
  /** Behind each transition, where the customer stood then. */
  #standings: Standing[] = [];
  #taken = 0;

  constructor(path: string) {
    this.#path = path;
    this.#standingOnly = /^lifecycle\.(relationship|buyer|tier|rules)\b/.test(path);
  }

  get length(): number {
    return this.#course.length;
  }

  async push(transition: Transition): Promise<void> {
    this.#course.push(transition);
    this.#standings.push({ ...this.#standing, [transition.track]: transition });
    if (++this.#taken % TRANSITIONS_AT_ONCE === 0) await setImmediate();
  }

  /** The last `count` hold no more. */
  takeBack(count: number): void {
    this.#course.length = this.#standings.length = Math.max(0, this.#course.length - count);
  }

  valueBy(rules: string | null): unknown {
    const course = this.#standingOnly ? Object.values(this.#standing) : this.#course;
    return valueAt({ lifecycle: renderLifecycle({ course, rules }, HISTORY_SHOWN) }, this.#path)?.value;
  }

  get #standing(): Standing {
    return this.#standings[this.#standings.length - 1] ?? nowhere;
  }
}

const nameOf = ({ track, from, to, at }: Transition): string => `${track} ${from} ${to} ${at}`;

/** One transition as it stands: late facts may have changed what the rule found there, and not what it came to. */
const asItStands = ({ customer }: CustomerCase): ((made: Transition) => Transition) => {
  const standing = new Map(customer.course.map((each) => [nameOf(each), each]));
  return (made) => standing.get(nameOf(made)) ?? made;
};

type CourseDecision = Extract<CustomerEvent, { readonly type: 'CourseAdvanced' | 'CourseRevised' }>;
const isOfCourse = (decision: CustomerEvent): decision is CourseDecision =>
  decision.type === 'CourseAdvanced' || decision.type === 'CourseRevised';

/**
 * Takes the recorded decisions on the customer's course. What went on is told one transition after the other; what was
 * revised, or begun again after the customer had ceased to stand (absorbed by another, then released), is one change.
 */
export const explainByCourse = async (subject: CustomerCase, path: string): Promise<Steps> => {
  const telling = new Telling(path);
  const standing = asItStands(subject);
  const steps = new Steps(telling.valueBy(null));
  const told = subject.decisions.filter(
    ({ decision }) => isOfCourse(decision) && decision.customerId === subject.customer.id,
  );
  /** The transition of a revision that made the value what it is by then, and the decision that says it. */
  let last: { readonly by: Decision; readonly transition: Transition } | undefined;
  for (const [i, decided] of told.entries()) {
    const decision = decided.decision as CourseDecision;
    const isRestart = decision.type === 'CourseAdvanced' && telling.length > 0 && beginsALife(decision.transitions);
    if (isRestart) telling.takeBack(telling.length);
    if (decision.type === 'CourseRevised') telling.takeBack(decision.withdrawn);
    const goesOn = decision.type === 'CourseAdvanced' && !isRestart;
    let value = telling.valueBy(decision.rules);
    let text = canonicalJson(value ?? null);
    for (const transition of decision.transitions) {
      await telling.push(transition);
      value = telling.valueBy(decision.rules);
      const after = canonicalJson(value ?? null);
      if (after !== text) last = { by: decided, transition };
      text = after;
      if (goesOn) steps.note(value, decided, { transition: standing(transition) });
    }
    if (!isContinued(told[i + 1])) {
      steps.note(value, last?.by ?? decided, { transition: last && standing(last.transition) });
      last = undefined;
    }
  }
  return steps;
};

/** A long revision is told in several events: those behind the first withdraw nothing. */
const isContinued = (next: Decision | undefined): boolean =>
  next?.decision.type === 'CourseRevised' && next.decision.withdrawn === 0;

const beginsALife = ([first]: readonly Transition[]): boolean => first?.track === 'relationship' && first.from === null;

/**
 * Takes the course as it stood at a past moment, which is decided anew from whom and what there was by then; what was
 * recorded is of whoever belongs to the customer since, and of what came to light since. So each transition is told by the
 * first decision that made the same one; by the fact after which it came where none did, since it was never decided live.
 */
export const explainByCourseThen = async (subject: CustomerCase, path: string): Promise<Steps> => {
  const { course, rules } = subject.customer;
  const telling = new Telling(path);
  const causeOf = causesIn(subject);
  const steps = new Steps(telling.valueBy(null));
  for (const transition of course) {
    await telling.push(transition);
    const cause = causeOf(transition);
    if (cause) steps.note(telling.valueBy(rules), cause, { transition });
  }
  return steps;
};

const causesIn = ({ facts, decisions }: CustomerCase): ((transition: Transition) => Decision | Fact | undefined) => {
  const makers = new Map<string, Decision>();
  for (const decided of decisions)
    if (isOfCourse(decided.decision))
      for (const made of decided.decision.transitions) if (!makers.has(nameOf(made))) makers.set(nameOf(made), decided);
  const inOrder = [...facts].sort(byInstant);
  const instants = inOrder.map(instantOf);
  return (transition) => makers.get(nameOf(transition)) ?? inOrder[Math.max(0, behind(instants, transition.at) - 1)];
};

/** How many of the ascending instants are not later. */
const behind = (instants: readonly Instant[], at: Instant): number => {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((instants[middle] as Instant) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};
