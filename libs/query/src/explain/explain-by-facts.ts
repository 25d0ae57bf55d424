import { setImmediate } from 'node:timers/promises';
import { emptyState } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, foldInto } from '../replay/facts.js';
import { renderSections, type Section } from '../sections.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** Facts between two breaths: a customer with thousands of facts must not hold up the door. */
const FACTS_AT_ONCE = 16;

/** Folds the customer's facts one by one, as if today's subjects had always been one, and notes what each changed. */
export const explainByFacts = async (subject: CustomerCase, section: Section, path: string): Promise<Steps> => {
  const state = emptyState();
  let version = -1;
  const valueNow = (): unknown =>
    valueAt(renderSections([section], subject.customer, state, subject.at, version), path)?.value;
  const steps = new Steps(valueNow());
  let folded = 0;
  for (const fact of [...subject.facts].sort(byInstant)) {
    foldInto(state, fact);
    version = Math.max(version, fact.event.position);
    steps.note(valueNow(), fact);
    if (++folded % FACTS_AT_ONCE === 0) await setImmediate();
  }
  return steps;
};
