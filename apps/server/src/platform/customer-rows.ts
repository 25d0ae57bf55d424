import { type CustomerId, type DocumentStore, type Instant, namesakeOf, type RowBatch } from '@tributary/kernel';
import {
  combine,
  parseCustomer,
  parseSubject,
  readSubjects,
  type ProfileSummary,
  renderSummary,
  type SubjectRecord,
} from '@tributary/domain';
import { customerBatches, type CustomerRows } from '@tributary/warehouse';

/** Few enough that what is parsed for them dies young. */
const AT_ONCE = 200;

/** Rows of customers from their documents as they are now; the version is the feed's own sequence, which a rebuild repeats. */
export const customerRowsFrom =
  (documents: DocumentStore, now: () => Instant): CustomerRows =>
  async (ids, feed, sequences) => {
    const batches = new Map<string, RowBatch>();
    for (let from = 0; from < ids.length; from += AT_ONCE)
      for (const batch of await rowsOf(documents, now, ids.slice(from, from + AT_ONCE), feed, sequences)) {
        const before = batches.get(batch.table);
        batches.set(batch.table, before ? { ...batch, rows: [...before.rows, ...batch.rows] } : batch);
      }
    return [...batches.values()];
  };

const rowsOf = async (
  documents: DocumentStore,
  now: () => Instant,
  ...[ids, feed, sequences]: Parameters<CustomerRows>
): ReturnType<CustomerRows> => {
  const stored = await documents.get('customer', ids);
  const customers = stored.map((document) => (document ? parseCustomer(document.body) : undefined));
  const members = [...new Set(customers.flatMap((customer) => customer?.subjects ?? []))];
  const records = new Map<string, SubjectRecord>();
  (await readSubjects(documents, members)).forEach((read) => {
    if (read) records.set(read.record.id, read.record);
  });
  const profiles: ProfileSummary[] = [];
  const gone: { customerId: string; version: number }[] = [];
  ids.forEach((id, i) => {
    const customer = customers[i];
    const version = sequences.get(id) ?? 0;
    if (!customer) {
      gone.push({ customerId: id, version });
      return;
    }
    const states = customer.subjects.flatMap((subject) => records.get(subject)?.state ?? []);
    profiles.push(renderSummary(customer, combine(states), now(), version));
  });
  const [subjects, ...rest] = customerBatches(profiles, gone, feed);
  if (!subjects) return rest;
  // An identifier that was let go and has no touchpoints of its own stands for itself, and must not point elsewhere.
  const namesakes = gone.map(({ customerId }) => namesakeOf(customerId as CustomerId));
  const alone = (await documents.get('subject', namesakes)).flatMap((document, i) => {
    const one = gone[i];
    return document && one && parseSubject(document.body).customer === one.customerId
      ? [[namesakes[i] as string, one.customerId, one.version]]
      : [];
  });
  return [{ ...subjects, rows: [...subjects.rows, ...alone] }, ...rest];
};
