import { DAY_MS, type Instant } from '@tributary/kernel';
import {
  combineForHistory,
  course,
  type Course,
  type CustomerRecord,
  historyOf,
  type LifecycleRules,
  type SubjectState,
  toReporting,
  type Transition,
} from '@tributary/domain';
import { courseDifference } from './course-difference.js';
import { type Decided } from './decide-identity.js';
import { type Movement } from './movement.js';
import { type Calm } from './held-records.js';
import { type WorkingSet } from './working-set.js';

export interface CourseDecision {
  /** Nothing, if what was decided still holds; a long course takes several events. */
  readonly decided: readonly Decided[];
  readonly nextChange: Instant | null;
  readonly calm: Calm | null;
}

/**
 * Whether a touchpoint without an order may change where a customer stands only by ending its silence: true if the rules
 * count no active days, and ask of silence only whether it is long. Then, for a customer whose stage does not come from
 * silence, behaviour that arrives in order and before the next due change needs no new decision.
 */
export const behaviourIsCalm = (rules: LifecycleRules): boolean =>
  [...rules.relationship, ...rules.buyer].every(({ when }) =>
    when.every(
      ({ feature, compare }) => feature !== 'active_days' && (feature !== 'silence_days' || compare === 'at_least'),
    ),
  );

/** Nothing new to decide: see `behaviourIsCalm`. */
export const staysCalm = (calm: Calm | null, movement: Movement): calm is Calm =>
  calm !== null && movement.calm && movement.first >= calm.last && movement.last < calm.until;

/** As far ahead as the doors let a touchpoint be dated. */
const AHEAD_MS = DAY_MS;

/**
 * Where a customer stands by the rules, against what was decided before. Looks as far as the customer's own last
 * touchpoint or last decision; `until`, given by a timer, looks further: silence is only concluded when nothing waits
 * to be read. What was decided for later than `latest` was decided by a clock that was ahead, and is decided anew; what
 * happened later than a day after it has not happened yet.
 */
export const decideCourse = (
  set: WorkingSet,
  customer: CustomerRecord,
  rules: LifecycleRules,
  movement: Pick<Movement, 'because' | 'revises'>,
  latest: Instant,
  until: Instant = -Infinity,
): CourseDecision => {
  const states = statesOf(set, customer);
  const state = combineForHistory(states);
  const decidedTo = customer.course[customer.course.length - 1]?.at ?? state.last;
  const end = Math.min(Math.max(state.last, Math.min(decidedTo, latest), until), latest + AHEAD_MS);
  const next: Course = course(
    historyOf(state, (amount, currency) => toReporting(amount, currency, rules.reporting)),
    rules,
    end,
  );
  const isAllSeen = state.last <= end;
  const isCalm = isAllSeen && !endsSilence(next.transitions);
  return {
    decided: courseDifference(customer.id, customer.course, next.transitions, rules.version, movement),
    // What is still to come is asked for again by and by.
    nextChange: isAllSeen ? next.nextChange : Math.min(next.nextChange ?? Infinity, end),
    calm: isCalm ? { last: state.last, until: next.nextChange ?? Infinity } : null,
  };
};

/** Whether the present stage was reached by silence, so that any touchpoint ends it. */
const endsSilence = (transitions: readonly Transition[]): boolean => {
  for (const track of ['relationship', 'buyer'] as const)
    for (let i = transitions.length - 1; i >= 0; i--) {
      const transition = transitions[i] as Transition;
      if (transition.track !== track) continue;
      if (transition.evidence['silence_days'] !== undefined) return true;
      break;
    }
  return false;
};

export const statesOf = (set: WorkingSet, customer: CustomerRecord): SubjectState[] => {
  const states: SubjectState[] = [];
  for (const id of customer.subjects) {
    const record = set.subject(id);
    if (record && record.state.touchpoints > 0) states.push(record.state);
  }
  return states;
};
