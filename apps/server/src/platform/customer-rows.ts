import { type DocumentStore, type Instant } from '@tributary/kernel';
import {
  combine,
  parseCustomer,
  parseSubject,
  type Profile,
  renderProfile,
  type SubjectRecord,
} from '@tributary/domain';
import { customerBatches, type CustomerRows } from '@tributary/warehouse';

/** Rows of customers from their documents as they are now; the version is the feed's own sequence, which a rebuild repeats. */
export const customerRowsFrom =
  (documents: DocumentStore, now: () => Instant): CustomerRows =>
  async (ids, feed, sequences) => {
    const stored = await documents.get('customer', ids);
    const customers = stored.map((document) => (document ? parseCustomer(document.body) : undefined));
    const members = [...new Set(customers.flatMap((customer) => customer?.subjects ?? []))];
    const records = new Map<string, SubjectRecord>();
    (await documents.get('subject', members)).forEach((document, i) => {
      if (document) records.set(members[i] as string, parseSubject(document.body));
    });
    const profiles: Profile[] = [];
    const gone: { customerId: string; version: number }[] = [];
    ids.forEach((id, i) => {
      const customer = customers[i];
      const version = sequences.get(id) ?? 0;
      if (!customer) {
        gone.push({ customerId: id, version });
        return;
      }
      const states = customer.subjects.flatMap((subject) => records.get(subject)?.state ?? []);
      profiles.push(renderProfile(customer, combine(states), now(), version));
    });
    return customerBatches(profiles, gone, feed);
  };
