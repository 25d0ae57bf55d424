import { setImmediate } from 'node:timers/promises';
import { canonicalJson, combine, emptyState, foldIdentifiers, type SubjectState } from '@tributary/domain';
import { namesakeOf, type SubjectId } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, instantOf, namingsOf } from '../replay/facts.js';
import { type Decision, instantOfDecision } from '../replay/read-decisions.js';
import { renderSections, type Section } from '../sections.js';
import { AsRecorded, AsTied, type Membership } from './membership.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** Between two breaths. */
const EVENTS_AT_ONCE = 16;

/**
 * Who belongs to the customer, as decided, and what is known of each of them by facts: both in event time, a fact before what
 * was decided from it. A subject's facts count from when it belonged to it. Where what was recorded does not lead to what
 * holds (of a past moment, or after late evidence), it is told by what ties the members.
 */
export const explainByMembership = async (
  subject: CustomerCase,
  section: Section,
  path: string,
  ofPast: boolean,
  value: unknown,
): Promise<Steps> => {
  const tied = (): Promise<Steps> => explainBy(new AsTied(subject), subject, section, path);
  if (ofPast) return tied();
  const recorded = await explainBy(new AsRecorded(subject.customer.id), subject, section, path);
  return canonicalJson(recorded.value) === canonicalJson(value ?? null) ? recorded : tied();
};

const explainBy = async (
  membership: Membership,
  subject: CustomerCase,
  section: Section,
  path: string,
): Promise<Steps> => {
  const { customer, at } = subject;
  const states = new Map<SubjectId, SubjectState>();
  /** A customer is called after whom it begins with. */
  let isNamed = false;
  let version = -1;
  const valueNow = (): unknown => {
    if (section === 'customerId') return isNamed ? customer.id : null;
    const subjects = isNamed ? membership.members() : [];
    const known = subjects.flatMap((id) => states.get(id) ?? []);
    return valueAt(renderSections([section], { ...customer, subjects }, combine(known), at, version), path)?.value;
  };
  const steps = new Steps(valueNow());
  let told = 0;
  for (const each of inEventTime(subject)) {
    membership.take(each);
    if (each.kind !== 'decision') {
      let state = states.get(each.subject);
      if (!state) states.set(each.subject, (state = { ...emptyState(), touchpoints: 1 }));
      noteIdentifiers(state, each);
      isNamed ||= names(each, namesakeOf(customer.id));
    }
    version = Math.max(version, each.event.position);
    steps.note(valueNow(), each);
    if (++told % EVENTS_AT_ONCE === 0) await setImmediate();
  }
  return steps;
};

/** All that is told here of what facts say: what else there is of thousands of them is not folded. */
const noteIdentifiers = (state: SubjectState, fact: Fact): void => {
  if (fact.kind === 'fact') foldIdentifiers(state, fact.touchpoint.identifiers, fact.touchpoint.occurredAt);
  else for (const link of fact.sum.links) foldIdentifiers(state, [link], link.at);
};

const names = (fact: Fact, subject: SubjectId): boolean =>
  fact.subject === subject || namingsOf(fact).some((naming) => naming.subject === subject);

const inEventTime = ({ facts, decisions }: CustomerCase): readonly (Fact | Decision)[] => {
  const told: { each: Fact | Decision; at: number }[] = [...facts]
    .sort(byInstant)
    .map((each) => ({ each, at: instantOf(each) }));
  for (const each of decisions) told.push({ each, at: instantOfDecision(each) });
  return told.sort((a, b) => a.at - b.at).map(({ each }) => each);
};
