import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import {
  combine,
  COMPONENT_BOUND,
  course,
  emptyState,
  historyOf,
  newCustomer,
  readSubjects,
  type RefusedLink,
  type RenderedCustomer,
  type SubjectState,
  toReporting,
} from '@tributary/domain';
import { type ProfileDeps } from './deps.js';
import { ComponentTooLarge } from './errors.js';
import { type Moment } from './moment.js';
import { type Fact } from './replay/facts.js';
import { decisionsAbout } from './replay/decisions-about.js';
import { erasuresOf, readFacts } from './replay/read-facts.js';
import { type Decision, readDecisions } from './replay/read-decisions.js';
import { replay } from './replay/replay.js';
import { walkComponent } from './replay/walk-component.js';

export interface CustomerThen {
  readonly customer: RenderedCustomer & { readonly subjects: readonly SubjectId[] };
  readonly state: SubjectState;
  readonly facts: readonly Fact[];
  /** About the customer or its subjects, and known by the moment; in the order in which they were recorded. */
  readonly decisions: readonly Decision[];
  /** Evidence on pairs that ties nobody: a shared identifier, one too many of a type … */
  readonly refused: readonly Pick<RefusedLink, 'a' | 'b'>[];
  /** Position of the last fact that it is made of. */
  readonly version: number;
}

/**
 * Who held a subject at a moment, and what stood in the profile then: folded from the events, decided by today's rules.
 * `undefined` where nobody had been seen yet. At the present moment it answers what the documents hold.
 *
 * The cost is that of reading every stream of the component. Throws `ComponentTooLarge`.
 */
export const customerAt = async (
  deps: ProfileDeps,
  subject: SubjectId,
  moment: Moment,
): Promise<CustomerThen | undefined> => {
  const { identityRules, lifecycleRules } = deps;
  const walked = await walkComponent(deps.documents, subject, identityRules, moment);
  if (!walked.complete) throw new ComponentTooLarge(COMPONENT_BOUND);
  const [subjects, allDecisions] = await Promise.all([
    readFacts(deps, walked.subjects),
    readDecisions(deps.events, walked.subjects),
  ]);
  const { resolution, named, states, facts } = replay(subjects, allDecisions, identityRules, moment, walked.shared);
  const held = resolution.customers.find((customer) => customer.subjects.includes(subject));
  const parts = held?.subjects.flatMap((id) => states.get(id) ?? []) ?? [];
  if (!held || parts.length === 0)
    return named.has(subject) || (await isNamed(deps, subject, moment)) ? onlyNamed(subject) : undefined;
  const state = combine(parts);
  const history = historyOf(state, (amount, currency) => toReporting(amount, currency, lifecycleRules.reporting));
  // Nobody knows yet whether there is silence after `knownAt`; what is dated ahead of it is known, as it is in the live profile.
  const known = Math.min(moment.asOf, Math.max(moment.knownAt, state.last));
  const { transitions } = course(history, lifecycleRules, known);
  const own = held.subjects.flatMap((id) => facts.get(id) ?? []);
  return {
    customer: { ...held, course: transitions, rules: transitions.length === 0 ? null : lifecycleRules.version },
    state,
    facts: own,
    refused: resolution.refused,
    decisions: decisionsAbout(held, allDecisions, erasuresOf(subjects)).filter(
      ({ event }) => event.metadata.recordedAt <= moment.knownAt,
    ),
    version: own.reduce((last, { event }) => Math.max(last, event.position), -1),
  };
};

/** So many of those who name an identifier are read, to find one who did so by the moment. */
const NAMERS_READ = 200;

/** Whether others name a subject that ties nobody, because too many do: who they are is no part of its component. */
const isNamed = async (deps: ProfileDeps, subject: SubjectId, moment: Moment): Promise<boolean> => {
  const [read] = await readSubjects(deps.documents, [subject]);
  const namers = (read?.record.links ?? []).slice(0, NAMERS_READ).map(([other]) => other as SubjectId);
  if (namers.length === 0) return false;
  return replay(await readFacts(deps, [subject, ...namers]), [], deps.identityRules, moment).named.has(subject);
};

/** At that moment it was named, and nobody held it: as empty as `readToday` has it. */
const onlyNamed = (subject: SubjectId): CustomerThen => ({
  customer: newCustomer(customerNamedAfter(subject), [subject]),
  state: emptyState(),
  facts: [],
  decisions: [],
  refused: [],
  version: -1,
});
