import { type Instant, type RecordedEvent, type SubjectId } from '@tributary/kernel';
import { type BehaviourSum } from '@tributary/contracts';
import {
  type AnyTouchpoint,
  type BehaviourTally,
  foldFact,
  foldIdentifiers,
  foldTally,
  type SubjectState,
} from '@tributary/domain';
import { type Moment } from '../moment.js';

/** An event of a subject's stream in clear: one touchpoint, or a sum of many small ones. */
export type Fact = TouchpointFact | BehaviourFact;

export interface TouchpointFact {
  readonly kind: 'fact';
  readonly subject: SubjectId;
  readonly event: RecordedEvent;
  readonly touchpoint: AnyTouchpoint;
}

export interface BehaviourFact {
  readonly kind: 'behaviour';
  readonly subject: SubjectId;
  readonly event: RecordedEvent;
  readonly sum: Pick<BehaviourSum, 'tallies' | 'links'>;
}

/** When it happened; of a sum, its last touchpoint. */
export const instantOf = (fact: Fact): Instant => {
  if (fact.kind === 'fact') return fact.touchpoint.occurredAt;
  let last = -Infinity;
  for (const { times } of fact.sum.tallies) last = Math.max(last, times[times.length - 1] ?? -Infinity);
  return last;
};

/** The order in which explanations tell facts. States do not depend on it. */
export const byInstant = (a: Fact, b: Fact): number =>
  instantOf(a) - instantOf(b) || (a.event.id < b.event.id ? -1 : a.event.id > b.event.id ? 1 : 0);

/** As much of a fact as belongs to the moment; `undefined`: nothing of it. A sum is looked at touchpoint by touchpoint. */
export const restrict = (fact: Fact, moment: Moment): Fact | undefined => {
  const { asOf, knownAt } = moment;
  if (asOf === Infinity && knownAt === Infinity) return fact;
  if (fact.kind === 'fact') {
    const { occurredAt, receivedAt } = fact.touchpoint;
    return occurredAt <= asOf && receivedAt <= knownAt ? fact : undefined;
  }
  const tallies: BehaviourTally[] = [];
  for (const tally of fact.sum.tallies) {
    const part = restrictTally(tally, moment);
    if (part) tallies.push(part);
  }
  if (tallies.length === 0) return undefined;
  const links = fact.sum.links.filter((link) => link.at <= asOf && link.known <= knownAt);
  return { ...fact, sum: { tallies, links } };
};

const restrictTally = (tally: BehaviourTally, { asOf, knownAt }: Moment): BehaviourTally | undefined => {
  const times: Instant[] = [];
  const received: Instant[] = [];
  for (let i = 0; i < tally.times.length; i++) {
    const at = tally.times[i] as Instant;
    const known = tally.received[i] as Instant;
    if (at > asOf || known > knownAt) continue;
    times.push(at);
    received.push(known);
  }
  if (times.length === tally.times.length) return tally;
  // Sessions of one length share a tally; earlier versions summed all of a label, and theirs can only be shared out evenly.
  const seconds = Math.round((tally.seconds * times.length) / tally.times.length);
  return times.length === 0 ? undefined : { ...tally, times, received, seconds };
};

/**
 * The fact without what it says of identifiers that were erased after it: that went from the live profile, too, and counts
 * again only when it is said again.
 */
export const withoutErased = (fact: Fact, erasedAt: ReadonlyMap<SubjectId, number>): Fact => {
  const stands = ({ subject }: { readonly subject: SubjectId }): boolean =>
    fact.event.position > (erasedAt.get(subject) ?? -1);
  if (fact.kind === 'behaviour')
    return fact.sum.links.every(stands)
      ? fact
      : { ...fact, sum: { ...fact.sum, links: fact.sum.links.filter(stands) } };
  const { touchpoint } = fact;
  return touchpoint.identifiers.every(stands)
    ? fact
    : { ...fact, touchpoint: { ...touchpoint, identifiers: touchpoint.identifiers.filter(stands) } };
};

/** Folds a fact into the state, in place, as the live projection does. */
export const foldInto = (state: SubjectState, fact: Fact): void => {
  if (fact.kind === 'fact') return foldFact(state, fact.touchpoint, fact.event.id);
  for (const tally of fact.sum.tallies) foldTally(state, tally);
  for (const link of fact.sum.links) foldIdentifiers(state, [link], link.at);
};

/** An identifier that a fact names, with the earliest touchpoint of the fact that does. */
export interface Naming {
  readonly subject: SubjectId;
  readonly type: string;
  readonly at: Instant;
  readonly id: string;
}

export const namingsOf = (fact: Fact): readonly Naming[] => {
  if (fact.kind === 'behaviour') return fact.sum.links;
  const { occurredAt: at, identifiers } = fact.touchpoint;
  return identifiers.map(({ subject, type }) => ({ subject, type, at, id: fact.event.id }));
};
