import { type Instant } from '@tributary/kernel';
import {
  emptyState,
  type Profile,
  type RenderedCustomer,
  type RenderedOrders,
  renderProfile,
  type SubjectState,
  type TouchpointType,
} from '@tributary/domain';
import { type Fact } from './replay/facts.js';

export type Section = keyof Profile;

/**
 * Which parts of a state each section of the profile is rendered from. Rendering one section from those alone is the
 * same as rendering all (the spec holds that), and an explanation renders once per fact.
 */
const reads: Readonly<Record<Section, readonly (keyof SubjectState)[]>> = {
  customerId: [],
  subjects: [],
  version: [],
  identifiers: ['identifiers'],
  traits: ['traits'],
  place: ['place'],
  lifecycle: [],
  value: ['orders'],
  orders: ['orders'],
  preferences: ['orders', 'labels', 'contacts', 'interests'],
  interactions: ['contacts', 'recent'],
  tickets: ['tickets'],
  feedback: ['surveys', 'reviews'],
  community: ['types'],
  behaviour: ['types', 'labels', 'seconds'],
  activity: ['touchpoints', 'first', 'last', 'days', 'channels'],
};

export const sections = Object.keys(reads) as readonly Section[];
export const isSection = (text: string): text is Section => Object.hasOwn(reads, text);

/** The only types of touchpoints that change these parts; of the others any may. */
const changedBy: Partial<Record<keyof SubjectState, readonly TouchpointType[]>> = {
  orders: ['order_placed', 'order_paid', 'order_cancelled', 'order_refunded'],
  tickets: ['ticket_opened', 'ticket_updated', 'ticket_closed'],
  surveys: ['survey_answered'],
  reviews: ['review_given'],
};

/** Whether a fact may change one of these sections: an explanation need not render what stays as it is. */
export const mayChange = (wanted: readonly Section[], fact: Fact): boolean =>
  wanted.some((section) =>
    reads[section].some((part) => {
      const types = changedBy[part];
      return types === undefined || (fact.kind === 'fact' && types.includes(fact.touchpoint.type));
    }),
  );

/** The profile with only these sections filled. `orders`: what the state's orders come to, as far as these sections tell of it. */
export const renderSections = <S extends Section>(
  wanted: readonly S[],
  customer: RenderedCustomer,
  state: SubjectState,
  at: Instant,
  version: number,
  orders?: RenderedOrders,
): Pick<Profile, S> => {
  const part = emptyState();
  for (const section of wanted) for (const field of reads[section]) Object.assign(part, { [field]: state[field] });
  // Of a course there may be tens of thousands of transitions, and an explanation renders once per fact.
  const told = (wanted as readonly Section[]).includes('lifecycle') ? customer : { ...customer, course: [] };
  const whole = renderProfile(told, part, at, version, orders);
  return Object.fromEntries(wanted.map((section) => [section, whole[section]])) as unknown as Pick<Profile, S>;
};
