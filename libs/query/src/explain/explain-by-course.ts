import { canonicalJson, emptyState, type Transition } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, instantOf } from '../replay/facts.js';
import { type Decision } from '../replay/read-decisions.js';
import { renderSections } from '../sections.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** The value at a path once the course had gone so far. */
const valueOf = ({ customer, at, version }: CustomerCase, path: string) => {
  return (course: readonly Transition[], rules: string | null): unknown =>
    valueAt(renderSections(['lifecycle'], { ...customer, course, rules }, emptyState(), at, version), path)?.value;
};

/** One transition as it stands: late facts may have changed what the rule found there, and not what it came to. */
const asItStands = ({ customer }: CustomerCase): ((made: Transition) => Transition) => {
  const nameOf = ({ track, from, to, at }: Transition): string => `${track} ${from} ${to} ${at}`;
  const standing = new Map(customer.course.map((each) => [nameOf(each), each]));
  return (made) => standing.get(nameOf(made)) ?? made;
};

/**
 * Takes the recorded decisions on the customer's course. What went on is told one transition after the other; what was
 * revised, or begun again after the customer had ceased to stand (absorbed by another, then released), is one change.
 */
export const explainByCourse = (subject: CustomerCase, path: string): Steps => {
  const valueAfter = valueOf(subject, path);
  const standing = asItStands(subject);
  let recorded: Transition[] = [];
  const steps = new Steps(valueAfter(recorded, null));
  for (const decided of subject.decisions) {
    const { decision } = decided;
    if (decision.type !== 'CourseAdvanced' && decision.type !== 'CourseRevised') continue;
    if (decision.customerId !== subject.customer.id) continue;
    const isRestart = decision.type === 'CourseAdvanced' && recorded.length > 0 && beginsALife(decision.transitions);
    if (isRestart) recorded = [];
    if (decision.type === 'CourseRevised')
      recorded = recorded.slice(0, Math.max(0, recorded.length - decision.withdrawn));
    const goesOn = decision.type === 'CourseAdvanced' && !isRestart;
    let last: Transition | undefined;
    let value = valueAfter(recorded, decision.rules);
    for (const transition of decision.transitions) {
      recorded.push(transition);
      const after = valueAfter(recorded, decision.rules);
      if (canonicalJson(after ?? null) !== canonicalJson(value ?? null)) last = transition;
      value = after;
      if (goesOn) steps.note(after, decided, { transition: standing(transition) });
    }
    steps.note(value, decided, { transition: last && standing(last) });
  }
  return steps;
};

const beginsALife = ([first]: readonly Transition[]): boolean => first?.track === 'relationship' && first.from === null;

/**
 * Takes the course as it stood at a past moment, which is decided anew from whom and what there was by then; what was
 * recorded is of whoever belongs to the customer since, and of what came to light since. So each transition is told by the
 * first decision that made the same one; by the fact after which it came where none did, since it was never decided live.
 */
export const explainByCourseThen = (subject: CustomerCase, path: string): Steps => {
  const { course, rules } = subject.customer;
  const valueAfter = valueOf(subject, path);
  const facts = [...subject.facts].sort(byInstant);
  const causeOf = (transition: Transition): Decision | Fact | undefined =>
    subject.decisions.find((decided) => makes(decided, transition)) ??
    facts.findLast((fact) => instantOf(fact) <= transition.at) ??
    facts[0];
  const steps = new Steps(valueAfter([], null));
  for (const [i, transition] of course.entries()) {
    const cause = causeOf(transition);
    if (cause) steps.note(valueAfter(course.slice(0, i + 1), rules), cause, { transition });
  }
  return steps;
};

const makes = ({ decision }: Decision, { track, from, to, at }: Transition): boolean =>
  (decision.type === 'CourseAdvanced' || decision.type === 'CourseRevised') &&
  decision.transitions.some((made) => made.track === track && made.from === from && made.to === to && made.at === at);
