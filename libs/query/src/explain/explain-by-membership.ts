import { type SubjectId, namesakeOf } from '@tributary/kernel';
import { combine, emptyState, type SubjectState } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, foldInto, instantOf } from '../replay/facts.js';
import { type Decision, instantOfDecision } from '../replay/read-decisions.js';
import { renderSections, type Section } from '../sections.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/**
 * Who belongs to the customer changes by decisions, what is known of each of them by facts: both in event time, a fact
 * before what was decided from it. A subject's facts count from when it was linked.
 */
export const explainByMembership = (subject: CustomerCase, section: Section, path: string): Steps => {
  const { customer, at } = subject;
  const members = new Set<SubjectId>([namesakeOf(customer.id)]);
  const states = new Map<SubjectId, SubjectState>();
  let version = -1;
  const valueNow = (): unknown => {
    const known = [...states].flatMap(([id, state]) => (members.has(id) ? state : []));
    const subjects = known.length === 0 && states.size === 0 ? [] : [...members].sort();
    return valueAt(renderSections([section], { ...customer, subjects }, combine(known), at, version), path)?.value;
  };
  const steps = new Steps(valueNow());
  for (const each of inEventTime(subject)) {
    if (each.kind === 'decision') {
      const change = changeOf(each, customer.id);
      for (const id of change.joined) members.add(id);
      for (const id of change.left) members.delete(id);
    } else {
      let state = states.get(each.subject);
      if (!state) states.set(each.subject, (state = emptyState()));
      foldInto(state, each);
    }
    version = Math.max(version, each.event.position);
    steps.note(valueNow(), each);
  }
  return steps;
};

const inEventTime = ({ facts, decisions }: CustomerCase): readonly (Fact | Decision)[] => {
  const told: { each: Fact | Decision; at: number }[] = [...facts]
    .sort(byInstant)
    .map((each) => ({ each, at: instantOf(each) }));
  for (const each of decisions) told.push({ each, at: instantOfDecision(each) });
  return told.sort((a, b) => a.at - b.at).map(({ each }) => each);
};

const nobody: readonly SubjectId[] = [];

const changeOf = ({ decision }: Decision, customer: CustomerCase['customer']['id']) => {
  if (decision.type === 'SubjectsLinked' && decision.customerId === customer)
    return { joined: decision.subjects, left: nobody };
  if (decision.type === 'SubjectsReleased') {
    const joined = decision.customerId === customer ? decision.subjects : nobody;
    const left = decision.released.filter((group) => group.customerId !== customer).flatMap((group) => group.subjects);
    const received = decision.released
      .filter((group) => group.customerId === customer)
      .flatMap((group) => group.subjects);
    return { joined: [...joined, ...received], left };
  }
  return { joined: nobody, left: nobody };
};
