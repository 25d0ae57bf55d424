import { valueIn } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type Instant, type SubjectId } from '@tributary/kernel';
import { type TakenBatch } from './take-batch.js';
import { type WorkingSet } from './working-set.js';

/** Loads what the touchpoints of a batch read and change, in bulk. */
export const loadShares = async (set: WorkingSet, bySubject: TakenBatch['bySubject']): Promise<void> => {
  await set.loadSubjects(bySubject.keys());
  // Neighbours are read only where a touchpoint says something new of the tie.
  const others = new Set<SubjectId>();
  const customers = new Set<CustomerId>();
  for (const [subject, share] of bySubject) {
    const record = set.subject(subject);
    customers.add(record?.customer ?? customerNamedAfter(subject));
    const links = record?.links ?? [];
    const name = (other: SubjectId, at: Instant): void => {
      const link = valueIn(links, other);
      if (other !== subject && (!link || at <= link.at)) others.add(other);
    };
    for (const { touchpoint } of share.facts)
      for (const { subject: other } of touchpoint.identifiers) name(other, touchpoint.occurredAt);
    for (const { subject: other, at } of share.behaviour?.links ?? []) name(other, at);
  }
  if (others.size > 0) await set.loadSubjects(others);
  await set.loadCustomers(customers);
};
