import { type CustomerCase } from '../customer-case.js';
import { Steps } from './steps.js';

/** The version is the place of the last event, fact or decision: told in the order in which they were recorded. */
export const explainByRecord = ({ facts, decisions }: Pick<CustomerCase, 'facts' | 'decisions'>): Steps => {
  const steps = new Steps(-1);
  const recorded = [...facts, ...decisions].sort((a, b) => a.event.position - b.event.position);
  for (const each of recorded) steps.note(each.event.position, each);
  return steps;
};
