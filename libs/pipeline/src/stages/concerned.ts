import { type CustomerEvent } from '@tributary/domain';
import { type CustomerId, customerNamedAfter } from '@tributary/kernel';
import { type Decided } from '../decide-identity.js';
import { type DecodedAppend } from '../decoded.js';
import { type WorkingSet } from '../working-set.js';

/** Of customers; a refusal changes nobody, and what was said by hand is no decision of a projector's. */
export const decisionsIn = (appends: readonly DecodedAppend[]): readonly Decided[] =>
  appends.flatMap(({ events }) =>
    events.flatMap(({ content }) => {
      if (content.kind !== 'decision') return [];
      const { decision: event } = content;
      if (event.type === 'LinkRefused' || event.type === 'ManualLinkMade') return [];
      return [{ customerId: event.customerId, event }];
    }),
  );

/** Whether it says who belongs to whom; a course and a refusal do not. */
export const changesMembers = ({ type }: CustomerEvent): boolean =>
  type === 'SubjectsLinked' || type === 'SubjectsReleased' || type === 'ManualLinkMade';

/** By whose decision it is: the others whose members change by what was decided. */
export const concernedBy = (
  decisions: readonly Decided[],
  set: WorkingSet,
): ReadonlyMap<CustomerId, readonly CustomerId[]> => {
  const concerned = new Map<CustomerId, readonly CustomerId[]>();
  for (const { customerId, event } of decisions) {
    const others = customersOf(event, set).filter((id) => id !== customerId);
    concerned.set(customerId, [...new Set([...(concerned.get(customerId) ?? []), ...others])]);
  }
  return concerned;
};

/** Customers whose members such a decision changes; also one that does not stand yet, since whom it is of said nothing so far. */
const customersOf = (event: CustomerEvent, set: WorkingSet): readonly CustomerId[] => {
  switch (event.type) {
    case 'SubjectsLinked':
      return [...event.absorbed, ...event.added.map((id) => set.subject(id)?.customer ?? customerNamedAfter(id))];
    case 'SubjectsReleased':
      return event.released.map(({ customerId }) => customerId);
    default:
      return [];
  }
};

/**
 * What can be told of who is who: nothing of whose members are about to change (`waits`), nor what goes with that. It would be
 * decided from members that are not theirs any more, and of whoever stands no more nobody would say so. When what they wait for
 * comes, it is decided anew.
 */
export const freeOf = (
  decisions: readonly Decided[],
  set: WorkingSet,
  waits: (id: CustomerId, isOwn: boolean) => boolean,
): readonly Decided[] => {
  const held = new Set<CustomerId>();
  let free = decisions.map((decided) => ({ decided, others: customersOf(decided.event, set) }));
  for (let before = -1; before !== held.size;) {
    before = held.size;
    free = free.filter(({ decided: { customerId, event }, others }) => {
      if (event.type === 'LinkRefused') return true;
      const all = [customerId, ...others];
      if (!all.some((id) => held.has(id) || waits(id, id === customerId))) return true;
      for (const id of all) held.add(id);
      return false;
    });
  }
  return free.map(({ decided }) => decided);
};
