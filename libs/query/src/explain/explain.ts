import { type CustomerEvent } from '@tributary/domain';
import { type Explanation, type TimelineEntry } from '../api.js';
import { type CustomerCase, profileOf } from '../customer-case.js';
import { UnknownPath } from '../errors.js';
import { type Moment } from '../moment.js';
import { type Decision } from '../replay/read-decisions.js';
import { type Fact } from '../replay/facts.js';
import { isSection } from '../sections.js';
import { entryOf } from '../timeline/timeline-entry.js';
import { explainByCourse, explainByCourseThen } from './explain-by-course.js';
import { explainByFacts } from './explain-by-facts.js';
import { explainByMembership } from './explain-by-membership.js';
import { nearest } from './nearest.js';
import { isNullablePath, pathsOf, valueAt } from './profile-path.js';
import { type Steps } from './steps.js';

/** Why the value at a path is what it is, or was at a past moment. Throws `UnknownPath`. */
export const explain = async (
  subject: CustomerCase,
  path: string,
  moment: Moment | undefined,
  identityRules: string,
): Promise<Explanation> => {
  const profile = profileOf(subject);
  const section = /^[^.[]*/.exec(path)?.[0] ?? '';
  const found = valueAt(profile, path);
  if (!isSection(section) || (!found && !isNullablePath(path)))
    throw new UnknownPath(path, nearest(path, pathsOf(profile), 3));
  const answer = (steps: Steps, rules: string | null): Explanation => ({
    customerId: subject.customer.id,
    path,
    value: found?.value ?? null,
    rules,
    steps: told(steps, subject.facts),
    omitted: steps.omitted,
  });
  switch (section) {
    case 'lifecycle':
      return answer((moment ? explainByCourseThen : explainByCourse)(subject, path), subject.customer.rules);
    case 'customerId':
    case 'subjects':
    case 'identifiers':
      return answer(explainByMembership(subject, section, path), lastIdentityRules(subject.decisions) ?? identityRules);
    case 'version':
    case 'traits':
    case 'place':
    case 'value':
    case 'orders':
    case 'preferences':
    case 'interactions':
    case 'tickets':
    case 'feedback':
    case 'community':
    case 'behaviour':
    case 'activity':
      return answer(await explainByFacts(subject, section, path), null);
    default:
      return section satisfies never;
  }
};

const told = (steps: Steps, facts: readonly Fact[]): Explanation['steps'] => {
  const byId = new Map(facts.map((fact) => [fact.event.id, fact]));
  const reasonsOf = (cause: Fact | Decision): TimelineEntry[] =>
    cause.kind === 'decision'
      ? namedBy(cause.decision)
          .flatMap((id) => byId.get(id) ?? [])
          .map(entryOf)
      : [];
  return steps.kept.map(({ before, after, cause }) => ({
    before,
    after,
    cause: entryOf(cause),
    because: reasonsOf(cause),
  }));
};

/** Touchpoints that a decision names as its reason. */
const namedBy = (decision: CustomerEvent): readonly string[] => {
  switch (decision.type) {
    case 'CourseAdvanced':
    case 'CourseRevised':
      return decision.because;
    case 'SubjectsLinked':
      return decision.evidence;
    case 'LinkRefused':
      return [decision.touchpoint];
    case 'SubjectsReleased':
    case 'ManualLinkMade':
      return [];
    default:
      return decision satisfies never;
  }
};

const lastIdentityRules = (decisions: readonly Decision[]): string | undefined => {
  for (const { decision } of [...decisions].reverse())
    if (decision.type === 'SubjectsLinked' || decision.type === 'SubjectsReleased') return decision.rules;
  return undefined;
};
