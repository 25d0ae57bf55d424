import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import { type ManualLink } from '../identity/types.js';
import { type Transition } from '../lifecycle/types.js';
import { type Keyed } from './keyed.js';
import { emptyState, type SubjectState } from './state.js';

/** The earliest touchpoint, by (`at`, `id`), that names two subjects together. */
export interface Link {
  at: Instant;
  id: string;
  /** When the platform accepted that touchpoint. */
  known: Instant;
  /** Identifier type of the other subject. */
  type: string;
}

/** All that is known of one subject: its partial state, and how it is tied to others. */
export interface SubjectRecord {
  readonly id: SubjectId;
  type: string;
  /** The customer that holds it now. */
  customer: CustomerId;
  /** Revision of its stream's last event; -1: it has none (only others' touchpoints name it). */
  revision: number;
  /** Revision of the last decision in the stream of the customer named after it; -1: none. */
  decided: number;
  /** By the other subject: the earliest touchpoint that names both. */
  links: Keyed<Link>;
  manual: ManualLink[];
  state: SubjectState;
  /** Touchpoints of its own can be read no more: it is about to be erased, and stands until then. */
  sealed?: true;
}

/** Decisions on one customer. Exists while at least one of its subjects has a touchpoint of its own. */
export interface CustomerRecord {
  readonly id: CustomerId;
  /** Sorted. */
  subjects: SubjectId[];
  /** Stages and tiers as decided, ascending. */
  course: Transition[];
  /** Version of the lifecycle rules that decided last. */
  rules: string | null;
  /** How often a late fact, a merge or an unmerge changed what had been decided. */
  revisions: number;
}

/** Of all who have said nothing themselves, one: of identifiers that only others' touchpoints name there are many. */
export const silent: SubjectState = Object.freeze(emptyState());
for (const part of Object.values(silent)) Object.freeze(part);

export const newSubject = (id: SubjectId, type: string, customer: CustomerId): SubjectRecord => ({
  id,
  type,
  customer,
  revision: -1,
  decided: -1,
  links: [],
  manual: [],
  state: silent,
});

/** Its state, to fold a touchpoint of its own into. */
export const speaking = (record: SubjectRecord): SubjectState =>
  record.state === silent ? (record.state = emptyState()) : record.state;

export const newCustomer = (id: CustomerId, subjects: readonly SubjectId[]): CustomerRecord => ({
  id,
  subjects: [...subjects],
  course: [],
  rules: null,
  revisions: 0,
});

/**
 * Whether nothing is known of the subject that its id does not say: as good as if it had never been named, and all that a
 * rebuild knows of who was named only by what is sealed and erased.
 */
export const isBlank = ({ id, customer, revision, decided, links, manual, state }: SubjectRecord): boolean =>
  revision < 0 &&
  decided < 0 &&
  links.length === 0 &&
  manual.length === 0 &&
  state.touchpoints === 0 &&
  customer === customerNamedAfter(id);

/** Whether it makes a customer: it has touchpoints of its own. */
export const stands = ({ state, sealed }: SubjectRecord): boolean => state.touchpoints > 0 || sealed === true;

/** When a subject was first named by any touchpoint: its own, or one filed under another. */
export const firstSeenOf = (record: SubjectRecord): Instant => {
  let first = record.state.touchpoints > 0 ? record.state.first : Number.MAX_SAFE_INTEGER;
  for (const [, link] of record.links) if (link.at < first) first = link.at;
  return first;
};
