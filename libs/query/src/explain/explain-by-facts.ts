import { setImmediate } from 'node:timers/promises';
import { emptyState, Habits, type RenderedOrders, type SubjectState, Takings, valueIn } from '@tributary/domain';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, foldInto } from '../replay/facts.js';
import { mayChange, renderSections, type Section } from '../sections.js';
import { currencyAt } from './currency-at.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

/** Facts between two breaths: a customer with thousands of facts must not hold up the door. */
const FACTS_AT_ONCE = 16;

/**
 * Folds the customer's facts one by one, as if today's subjects had always been one, and notes what each changed. A customer may
 * have tens of thousands of orders: a fact of one of them is rendered without a look at the others.
 */
export const explainByFacts = async (subject: CustomerCase, section: Section, path: string): Promise<Steps> => {
  const state = emptyState();
  const orders = ordersFor(section);
  let version = -1;
  // What was bought of a category is told in the currency that the section `value` names.
  const wanted: readonly Section[] = section === 'preferences' ? [section, 'value'] : [section];
  const now = (): { readonly value: unknown; readonly currency: string | null } => {
    const profile = renderSections(wanted, subject.customer, state, subject.at, version, orders);
    return { value: valueAt(profile, path)?.value, currency: currencyAt(profile, path) };
  };
  const before = now();
  const steps = new Steps(before.value, before.currency);
  let folded = 0;
  for (const fact of [...subject.facts].sort(byInstant)) {
    foldInto(state, fact);
    orders.take(fact, state);
    version = Math.max(version, fact.event.position);
    if (mayChange(wanted, fact)) {
      const { value, currency } = now();
      steps.note(value, fact, { currency });
    }
    if (++folded % FACTS_AT_ONCE === 0) await setImmediate();
  }
  return steps;
};

interface RunningOrders extends RenderedOrders {
  /** The fact has been folded into the state. */
  readonly take: (fact: Fact, state: SubjectState) => void;
}

/** What orders come to, as far as the section tells of it. */
const ordersFor = (section: Section): RunningOrders => {
  const takings = new Takings();
  const habits = new Habits();
  const told = section === 'preferences' ? [takings, habits] : ['value', 'orders'].includes(section) ? [takings] : [];
  const take = (fact: Fact, { orders }: SubjectState): void => {
    if (fact.kind !== 'fact' || !('orderId' in fact.touchpoint.payload)) return;
    const { orderId } = fact.touchpoint.payload;
    const order = valueIn(orders, orderId);
    if (order) for (const each of told) each.restate(orderId, order);
  };
  return { takings, habits, take };
};
