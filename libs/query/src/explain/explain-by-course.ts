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
import { STEP_LIMIT, Steps } from './steps.js';

/** Transitions between two breaths: some customers have tens of thousands. */
const TRANSITIONS_AT_ONCE = 64;

type Standing = Readonly<Partial<Record<Track, Transition>>>;

/** A course as far as it has come. */
interface Reached {
  readonly standing: Standing;
  readonly digest: Digest;
}
const begun: Reached = { standing: {}, digest: [0, 0] };

/** A course as it grows and is taken back, and the value at a path when it has come so far. */
class Telling {
  readonly #path: string;
  /** Whether the path leads to where the customer stands: that needs no look at how it got there. */
  readonly #standingOnly: boolean;
  /** Whether it leads to all of the history that is shown, which changes with each transition. */
  readonly #isWhole: boolean;
  /** Which entry of the history it leads to. */
  readonly #entry: number | null;
  #course: Transition[] = [];
  /** Behind each transition. */
  #reached: Reached[] = [];
  #taken = 0;

  constructor(path: string) {
    this.#path = path;
    this.#standingOnly = /^lifecycle\.(relationship|buyer|tier|rules)\b/.test(path);
    const [, entry] = /^lifecycle\.history(?:\.|\[)(\d{1,6})\b/.exec(path) ?? [];
    this.#entry = entry === undefined ? null : Number(entry);
    this.#isWhole = path === 'lifecycle' || path === 'lifecycle.history';
  }

  get length(): number {
    return this.#course.length;
  }

  async push(transition: Transition): Promise<void> {
    const { standing, digest } = this.#last;
    this.#course.push(transition);
    this.#reached.push({
      standing: { ...standing, [transition.track]: transition },
      digest: this.#isWhole ? further(digest, nameOf(transition)) : digest,
    });
    if (++this.#taken % TRANSITIONS_AT_ONCE === 0) await setImmediate();
  }

  /** The last `count` hold no more. */
  takeBack(count: number): void {
    this.#course.length = this.#reached.length = Math.max(0, this.#course.length - count);
  }

  valueBy(rules: string | null): unknown {
    return valueAt({ lifecycle: this.#told(rules) }, this.#path)?.value;
  }

  /** As much of what a profile tells as the path leads to: it is asked for behind each of a great many transitions. */
  #told(rules: string | null): object {
    if (this.#entry !== null) return { history: this.#only(this.#entry) };
    if (this.#path === 'lifecycle.omitted') return { omitted: Math.max(0, this.length - HISTORY_SHOWN) };
    const course = this.#standingOnly ? Object.values(this.#last.standing) : this.#course;
    return renderLifecycle({ course, rules }, HISTORY_SHOWN);
  }

  /** One entry of the history at its place. */
  #only(entry: number): readonly unknown[] {
    const shown = this.#course.slice(-HISTORY_SHOWN)[entry];
    if (!shown) return [];
    const history: unknown[] = [];
    [history[entry]] = renderLifecycle({ course: [shown], rules: null }, 1).history;
    return history;
  }

  /** Another one, if the value is: a long history is not rendered for each of its transitions. */
  textBy(rules: string | null): string {
    if (!this.#isWhole) return canonicalJson(this.valueBy(rules) ?? null);
    const history = this.#shownDigest.join('.');
    if (this.#path !== 'lifecycle') return history;
    const standing = Object.values(this.#last.standing).map(nameOf);
    return [history, rules, this.length, ...standing.sort()].join(' ');
  }

  /** Of the newest transitions alone: what was revised before them is not seen in the profile. */
  get #shownDigest(): Digest {
    const before = this.#reached[this.length - 1 - HISTORY_SHOWN] ?? begun;
    return without(this.#last.digest, before.digest, Math.min(this.length, HISTORY_SHOWN));
  }

  get #last(): Reached {
    return this.#reached[this.#reached.length - 1] ?? begun;
  }
}

/**
 * Tells lists of transitions from each other: two polynomials of what they are called, modulo 2^32, so that the digest of the end of
 * a list follows from those of two of its beginnings (R. M. Karp, M. O. Rabin, Efficient Randomized Pattern-Matching, 1987).
 */
type Digest = readonly [number, number];
const BASES: Digest = [0x01000193, 0x85ebca6b];

const further = ([a, b]: Digest, name: string): Digest => {
  const [x, y] = hashOf(name);
  return [(Math.imul(a, BASES[0]) + x) >>> 0, (Math.imul(b, BASES[1]) + y) >>> 0];
};

/** The digest of the last `count`, of a list and of what stands before them. */
const without = ([a, b]: Digest, [x, y]: Digest, count: number): Digest => [
  (a - Math.imul(x, power(BASES[0], count))) >>> 0,
  (b - Math.imul(y, power(BASES[1], count))) >>> 0,
];

const power = (base: number, exponent: number): number => {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base);
  return result;
};

const hashOf = (text: string): Digest => {
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return [a >>> 0, b >>> 0];
};

/** After it the value was another. */
interface Change {
  readonly cause: Decision | Fact;
  readonly transition: Transition | undefined;
  readonly rules: string | null;
}

/** The changes, told twice: only the newest are rendered, and how many there are is known by then. */
const stepsOf = async (path: string, changesIn: (telling: Telling) => AsyncIterable<Change>): Promise<Steps> => {
  let count = 0;
  for await (const _ of changesIn(new Telling(path))) count += 1;
  const telling = new Telling(path);
  const steps = new Steps(telling.valueBy(null));
  let told = 0;
  for await (const { cause, transition, rules } of changesIn(telling)) {
    const older = count - ++told - STEP_LIMIT;
    if (older > 0) steps.passOver();
    else if (older === 0) steps.passOver(telling.valueBy(rules) ?? null);
    else steps.note(telling.valueBy(rules), cause, { transition });
  }
  return steps;
};

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
export const explainByCourse = (subject: CustomerCase, path: string): Promise<Steps> => {
  const standing = asItStands(subject);
  const told = subject.decisions.filter(
    ({ decision }) => isOfCourse(decision) && decision.customerId === subject.customer.id,
  );
  return stepsOf(path, (telling) => changesIn(told, telling, standing));
};

async function* changesIn(
  told: readonly Decision[],
  telling: Telling,
  standing: (made: Transition) => Transition,
): AsyncGenerator<Change> {
  let noted = telling.textBy(null);
  /** The transition of a revision that made the value what it is by then, and the decision that says it. */
  let last: { readonly by: Decision; readonly transition: Transition } | undefined;
  for (const [i, decided] of told.entries()) {
    const { rules, ...decision } = decided.decision as CourseDecision;
    const isRestart = decision.type === 'CourseAdvanced' && telling.length > 0 && beginsALife(decision.transitions);
    if (isRestart) telling.takeBack(telling.length);
    if (decision.type === 'CourseRevised') telling.takeBack(decision.withdrawn);
    const goesOn = decision.type === 'CourseAdvanced' && !isRestart;
    let text = telling.textBy(rules);
    for (const transition of decision.transitions) {
      await telling.push(transition);
      const after = telling.textBy(rules);
      if (after !== text) last = { by: decided, transition };
      text = after;
      if (!goesOn || text === noted) continue;
      noted = text;
      yield { cause: decided, transition: standing(transition), rules };
    }
    if (isContinued(told[i + 1])) continue;
    if (text !== noted) yield { cause: last?.by ?? decided, transition: last && standing(last.transition), rules };
    noted = text;
    last = undefined;
  }
}

/** A long revision is told in several events: those behind the first withdraw nothing. */
const isContinued = (next: Decision | undefined): boolean =>
  next?.decision.type === 'CourseRevised' && next.decision.withdrawn === 0;

const beginsALife = ([first]: readonly Transition[]): boolean => first?.track === 'relationship' && first.from === null;

/**
 * Takes the course as it stood at a past moment, which is decided anew from whom and what there was by then; what was
 * recorded is of whoever belongs to the customer since, and of what came to light since. So each transition is told by the
 * first decision that made the same one; by the fact after which it came where none did, since it was never decided live.
 */
export const explainByCourseThen = (subject: CustomerCase, path: string): Promise<Steps> => {
  const { course, rules } = subject.customer;
  const causeOf = causesIn(subject);
  return stepsOf(path, async function* (telling) {
    let noted = telling.textBy(null);
    for (const transition of course) {
      await telling.push(transition);
      const text = telling.textBy(rules);
      const cause = text === noted ? undefined : causeOf(transition);
      if (!cause) continue;
      noted = text;
      yield { cause, transition, rules };
    }
  });
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
