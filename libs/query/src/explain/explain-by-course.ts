import { emptyState, type Transition } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { type Moment } from '../moment.js';
import { renderSections } from '../sections.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/**
 * Takes the recorded decisions on the customer's course as far as the moment goes. What went on is told one transition
 * after the other; what was revised, or begun again after the customer had ceased to stand (absorbed by another, then
 * released), is one change.
 */
export const explainByCourse = (
  { customer, decisions, at, version }: CustomerCase,
  path: string,
  moment: Moment,
): Steps => {
  /** As recorded, beyond the moment, too: what a revision withdraws is counted from its end. */
  let recorded: Transition[] = [];
  let rules: string | null = null;
  const valueNow = (): unknown => {
    const course = recorded.filter((transition) => transition.at <= moment.asOf);
    return valueAt(renderSections(['lifecycle'], { ...customer, course, rules }, emptyState(), at, version), path)
      ?.value;
  };
  const steps = new Steps(valueNow());
  for (const decided of decisions) {
    const { decision } = decided;
    if (decision.type !== 'CourseAdvanced' && decision.type !== 'CourseRevised') continue;
    if (decision.customerId !== customer.id) continue;
    const isRestart = decision.type === 'CourseAdvanced' && recorded.length > 0 && beginsALife(decision.transitions);
    if (isRestart) recorded = [];
    if (decision.type === 'CourseRevised')
      recorded = recorded.slice(0, Math.max(0, recorded.length - decision.withdrawn));
    rules = decision.rules;
    const goesOn = decision.type === 'CourseAdvanced' && !isRestart;
    for (const transition of decision.transitions) {
      recorded.push(transition);
      if (goesOn) steps.note(valueNow(), decided);
    }
    steps.note(valueNow(), decided);
  }
  return steps;
};

const beginsALife = ([first]: readonly Transition[]): boolean => first?.track === 'relationship' && first.from === null;
