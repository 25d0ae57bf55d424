import { type Instant } from '@tributary/kernel';
import { prepareLadder, walkLadder, type PreparedLadder } from './ladder.js';
import { type LifecycleRules } from './rules.js';
import { type Course, type History, type Transition } from './types.js';
import { walkTiers } from './walk-tiers.js';

/**
 * The course of a customer's life: every change of stage, buyer type and tier from the first touchpoint up to `until`
 * (inclusive), and the next one after it if nothing else happens.
 *
 * What is true at T depends on nothing that happened after T: the course up to T is the beginning of any later course,
 * so "as of T" is a call, and a back-filled history gives what it would have given live. Facts after `until` are
 * ignored; before the first touchpoint there is no course. Facts of one instant count together: each track changes at
 * most once at an instant. A tier is first held at the first purchase; the other tracks begin with the first touchpoint.
 *
 * Linear in the history, but for sorting what was taken back. The first call with a set of rules prepares them; pass the same
 * object again.
 */
export const course = (history: History, rules: LifecycleRules, until: Instant): Course => {
  if (until < history.firstSeen) return { transitions: [], nextChange: null };
  const { relationship, buyer } = preparedOf(rules);
  const transitions: Transition[] = [];
  const nextChange = Math.min(
    walkLadder(relationship, history, until, transitions),
    walkLadder(buyer, history, until, transitions),
    walkTiers(rules.tiers, history, until, transitions),
  );
  // The sort is stable and the walks came in the order of `tracks`.
  transitions.sort((x, y) => x.at - y.at);
  return { transitions, nextChange: nextChange === Infinity ? null : nextChange };
};

interface Prepared {
  readonly relationship: PreparedLadder;
  readonly buyer: PreparedLadder;
}

const prepared = new WeakMap<LifecycleRules, Prepared>();

const preparedOf = (rules: LifecycleRules): Prepared => {
  let ready = prepared.get(rules);
  if (ready === undefined) {
    ready = {
      relationship: prepareLadder('relationship', rules.relationship, rules.rhythm),
      buyer: prepareLadder('buyer', rules.buyer, rules.rhythm),
    };
    prepared.set(rules, ready);
  }
  return ready;
};
