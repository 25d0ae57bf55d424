import { emptyState, type Transition } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { type Moment } from '../moment.js';
import { renderSections } from '../sections.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** Takes the recorded decisions on the customer's course one transition after the other, as far as the moment goes. */
export const explainByCourse = (
  { customer, decisions, at, version }: CustomerCase,
  path: string,
  moment: Moment,
): Steps => {
  let course: Transition[] = [];
  let rules: string | null = null;
  const valueNow = (): unknown =>
    valueAt(renderSections(['lifecycle'], { ...customer, course, rules }, emptyState(), at, version), path)?.value;
  const steps = new Steps(valueNow());
  for (const decided of decisions) {
    const { decision } = decided;
    if (decision.type !== 'CourseAdvanced' && decision.type !== 'CourseRevised') continue;
    if (decision.customerId !== customer.id) continue;
    if (decision.type === 'CourseRevised') course = course.slice(0, Math.max(0, course.length - decision.withdrawn));
    rules = decision.rules;
    for (const transition of decision.transitions) {
      if (transition.at > moment.asOf) break;
      course.push(transition);
      steps.note(valueNow(), decided);
    }
    steps.note(valueNow(), decided);
  }
  return steps;
};
