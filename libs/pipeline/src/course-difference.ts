import { type Transition } from '@tributary/domain';
import { type CustomerId } from '@tributary/kernel';
import { type Decided } from './decide-identity.js';
import { type Movement } from './movement.js';

/**
 * So many transitions one event tells at most, some 100 KB of them: a record of Kafka, and what EventStoreDB appends at once, are a
 * megabyte by default. Somebody passes through some dozen; an account that orders and cancels all day through tens of thousands, and
 * one late touchpoint may revise them all.
 */
export const MOST_TRANSITIONS = 500;

/** What the course that stands now changes of the one that was told, as events that are told one after the other. */
export const courseDifference = (
  customerId: CustomerId,
  before: readonly Transition[],
  after: readonly Transition[],
  rules: string,
  { because, revises }: Pick<Movement, 'because' | 'revises'>,
  most = MOST_TRANSITIONS,
): Decided[] => {
  let same = 0;
  while (same < before.length && same < after.length && alike(before[same] as Transition, after[same] as Transition))
    same += 1;
  const told = inPieces(after.slice(same), most);
  // The rest of a revision that was told in part is no news: subscribers have had most of it.
  if (same === before.length && !revises)
    return told.map((transitions) => ({
      customerId,
      event: { type: 'CourseAdvanced', customerId, transitions, rules, because },
    }));
  const changedAt = before[same]?.at ?? Infinity;
  if (told.length === 0 && same < before.length) told.push([]);
  // What follows the first withdraws nothing more: it goes on behind it.
  return told.map((transitions, i) => {
    const [first] = transitions;
    const since = i === 0 ? Math.min(changedAt, first?.at ?? Infinity) : (first as Transition).at;
    const withdrawn = i === 0 ? before.length - same : 0;
    return { customerId, event: { type: 'CourseRevised', customerId, since, withdrawn, transitions, rules, because } };
  });
};

const inPieces = (transitions: readonly Transition[], most: number): (readonly Transition[])[] => {
  const pieces: (readonly Transition[])[] = [];
  for (let from = 0; from < transitions.length; from += most) pieces.push(transitions.slice(from, from + most));
  return pieces;
};

const alike = (a: Transition, b: Transition): boolean => {
  if (a.at !== b.at || a.track !== b.track || a.to !== b.to || a.from !== b.from) return false;
  const features = Object.keys(a.evidence);
  return (
    features.length === Object.keys(b.evidence).length &&
    features.every((feature) => a.evidence[feature] === b.evidence[feature])
  );
};
