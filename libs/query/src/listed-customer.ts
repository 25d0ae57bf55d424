import { type Instant } from '@tributary/kernel';
import { type ListedCustomer } from './api.js';
import { renderSections } from './sections.js';
import { stateOf, type TodaysCustomer } from './today/read-today.js';

export const listed = (customer: TodaysCustomer, now: Instant): ListedCustomer => {
  const { traits, lifecycle, value, activity } = renderSections(
    ['traits', 'lifecycle', 'value', 'activity'],
    customer.record,
    stateOf(customer),
    now,
    customer.version,
  );
  return {
    customerId: customer.record.id,
    name: traits['name'] ?? null,
    stage: lifecycle.relationship?.stage ?? null,
    buyer: lifecycle.buyer?.stage ?? null,
    tier: lifecycle.tier?.stage ?? null,
    net: value.net,
    currency: value.currency,
    lastSeen: activity.last,
  };
};
