import { type CustomerEvent } from '@tributary/domain';
import { type Instant, isoText } from '@tributary/kernel';
import { type Explanation } from '../api.js';
import { type CustomerCase, profileOf } from '../customer-case.js';
import { UnknownPath } from '../errors.js';
import { type Moment } from '../moment.js';
import { type Decision } from '../replay/read-decisions.js';
import { type Fact, restrict } from '../replay/facts.js';
import { isSection } from '../sections.js';
import { entryOf } from '../timeline/timeline-entry.js';
import { currencyAt } from './currency-at.js';
import { type AmountRules, evidenceCurrencyOf } from './evidence-currency.js';
import { explainByCourse, explainByCourseThen } from './explain-by-course.js';
import { explainByFacts } from './explain-by-facts.js';
import { explainByMembership } from './explain-by-membership.js';
import { explainByRecord } from './explain-by-record.js';
import { nearest } from './nearest.js';
import { isNullablePath, pathsOf, valueAt } from './profile-path.js';
import { type Step, type Steps } from './steps.js';

/** Why the value at a path is what it is, or was at a past moment. Throws `UnknownPath`. */
export const explain = async (
  subject: CustomerCase,
  path: string,
  moment: Moment | undefined,
  identityRules: string,
  lifecycleRules: AmountRules,
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
    currency: currencyAt(profile, path),
    rules,
    steps: told(steps, subject.facts, (step) => evidenceCurrencyOf(step, moment !== undefined, lifecycleRules)),
    omitted: steps.omitted,
  });
  switch (section) {
    case 'lifecycle':
      return answer(await (moment ? explainByCourseThen : explainByCourse)(subject, path), subject.customer.rules);
    case 'customerId':
    case 'subjects':
    case 'identifiers':
      return answer(
        await explainByMembership(subject, section, path, moment !== undefined, found?.value),
        moment ? identityRules : (lastIdentityRules(subject.decisions) ?? identityRules),
      );
    case 'version':
      // Of a past moment it is that of facts alone: what is decided then is decided anew.
      return answer(explainByRecord(moment ? { ...subject, decisions: [] } : subject), null);
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

const told = (
  steps: Steps,
  facts: readonly Fact[],
  evidenceCurrency: (step: Step) => string | null,
): Explanation['steps'] => {
  const byId = new Map(facts.map((fact) => [fact.event.id, fact]));
  /**
   * A stage was entered for what happened at that very moment, or else for time alone. A decision on a long history names facts
   * of one batch, most of which came later than this transition; a revision names the late ones, which it is due to.
   */
  const reasonsOf = ({ cause, at, transition }: Step): readonly Fact[] => {
    if (cause.kind !== 'decision') return [];
    const then = transition === undefined ? [] : factsOf(at, facts);
    const isOfTime = transition !== undefined && cause.decision.type === 'CourseAdvanced';
    if (then.length > 0 || isOfTime) return then;
    return namedBy(cause.decision).flatMap((id) => byId.get(id) ?? []);
  };
  return steps.kept.map((step) => ({
    before: step.before,
    after: step.after,
    currencyBefore: step.currencyBefore,
    currency: step.currency,
    at: isoText(step.at),
    evidence: step.transition?.evidence ?? null,
    evidenceCurrency: evidenceCurrency(step),
    cause: entryOf(step.cause),
    because: reasonsOf(step).map((each) => entryOf(each)),
  }));
};

/** As many as a decision names at most. */
const MOST_REASONS = 20;

/** What happened at a moment. A sum is told as far as it had come by then. */
const factsOf = (at: Instant, facts: readonly Fact[]): Fact[] =>
  facts
    .filter((fact) => isOf(at, fact))
    .slice(0, MOST_REASONS)
    .flatMap((fact) => restrict(fact, { asOf: at, knownAt: Infinity }) ?? []);

/** Looked at for each step: nothing is made of the thousands of facts that are not. */
const isOf = (at: Instant, fact: Fact): boolean =>
  fact.kind === 'fact' ? fact.touchpoint.occurredAt === at : fact.sum.tallies.some(({ times }) => times.includes(at));

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
