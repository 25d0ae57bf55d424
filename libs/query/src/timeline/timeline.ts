import { type CustomerId, type Instant } from '@tributary/kernel';
import { type TimelinePage } from '../api.js';
import { InvalidPosition } from '../errors.js';
import { type Fact, instantOf } from '../replay/facts.js';
import { type Decision, instantOfDecision } from '../replay/read-decisions.js';
import { entryOf } from './timeline-entry.js';
import { withdrawnIn } from './withdrawn.js';

/** The order of a timeline, newest first. */
interface Place {
  readonly at: Instant;
  readonly position: number;
  readonly id: string;
}

const newestFirst = (a: Place, b: Place): number =>
  b.at - a.at || b.position - a.position || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** One page of a customer's facts and decisions by event time; the decisions in the order in which they were recorded. */
export const pageOf = (
  customerId: CustomerId,
  events: readonly (Fact | Decision)[],
  limit: number,
  before: string | undefined,
): TimelinePage => {
  const cursor = before === undefined ? undefined : parseCursor(before);
  const placed = events
    .map((each) => ({
      each,
      at: each.kind === 'decision' ? instantOfDecision(each) : instantOf(each),
      position: each.event.position,
      id: each.event.id,
    }))
    .filter((place) => !cursor || newestFirst(cursor, place) < 0)
    .sort(newestFirst);
  const withdrawn = withdrawnIn(events.filter((each) => each.kind === 'decision'));
  const page = placed.slice(0, limit);
  const last = page[page.length - 1];
  return {
    customerId,
    entries: page.map(({ each }) => entryOf(each, withdrawn)),
    next: last && placed.length > page.length ? `${last.at}:${last.position}:${last.id}` : null,
  };
};

const parseCursor = (text: string): Place => {
  const [, at, position, id] = /^(-?\d{1,16}):(\d{1,16}):([\w-]{1,64})$/.exec(text) ?? [];
  if (at === undefined || position === undefined || id === undefined)
    throw new InvalidPosition('place in a timeline', '1764547200000:4711:0b0e7a52-8f8c-5d0a-9c1e-7f3a2b1c0d9e');
  return { at: Number(at), position: Number(position), id };
};
