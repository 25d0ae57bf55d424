import {
  type CustomerId,
  customerNamedAfter,
  type DocumentStore,
  type StoredDocument,
  type SubjectId,
} from '@tributary/kernel';
import {
  combine,
  type CustomerRecord,
  newCustomer,
  parseCustomer,
  type ReadSubject,
  readSubjects,
  type SubjectRecord,
  type SubjectState,
} from '@tributary/domain';

/** A customer as the documents hold it now. */
export interface TodaysCustomer {
  readonly record: CustomerRecord;
  readonly subjects: readonly SubjectRecord[];
  /** Position of the last event that any of the documents reflects. */
  readonly version: number;
}

/** Documents read one after the other may straddle a commit that moves subjects: then they are read again. */
const ATTEMPTS = 3;
/** So many of a subject's direct ties are fetched on the chance that they are the customer's other subjects. */
const GUESSED = 31;

/**
 * Today's customer of a subject; `undefined` if nobody is known by it. Two rounds of reads (the subject; its customer
 * and its direct ties), and a third only for members that are tied to it indirectly.
 */
export const readToday = async (
  documents: Pick<DocumentStore, 'get'>,
  subject: SubjectId,
): Promise<TodaysCustomer | undefined> => {
  let absentAt: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const [own] = await readSubjects(documents, [subject]);
    if (!own) return undefined;
    const { record } = own;
    const guessed = record.links.slice(0, GUESSED).map(([other]) => other as SubjectId);
    const [[holder], near] = await Promise.all([
      documents.get('customer', [record.customer]),
      readSubjects(documents, guessed),
    ]);
    const held = new Map<string, ReadSubject>([[subject, own]]);
    for (const read of near) if (read) held.set(read.record.id, read);
    if (!holder) {
      // Named by others only (a link that was refused or undone); or just absorbed, between two reads.
      if (absentAt === own.version || attempt === ATTEMPTS) return isOnlyNamed(record) ? onlyNamed(own) : undefined;
      absentAt = own.version;
      continue;
    }
    const customer = parseCustomer(holder.body);
    await fetchMissing(documents, customer.subjects, held);
    const today = assemble(holder, customer, held);
    const isMember = customer.subjects.includes(subject);
    if (isMember && today.subjects.every((each) => each.customer === customer.id)) return today;
    // Better nobody than somebody else.
    if (attempt === ATTEMPTS) return isMember ? today : undefined;
  }
};

/**
 * Whether a subject whose customer does not stand has nothing of its own: touchpoints of others name it, and do not make it
 * theirs. Somebody's word may tie it to others of the same kind. One that was erased is not named any more.
 */
const isOnlyNamed = ({ state, links }: SubjectRecord): boolean => state.touchpoints === 0 && links.length > 0;

/** Whoever has such an identifier: known, and empty. No document says so, since customers are counted by documents. */
const onlyNamed = ({ record, version }: ReadSubject): TodaysCustomer => ({
  record: newCustomer(customerNamedAfter(record.id), [record.id]),
  subjects: [record],
  version,
});

const fetchMissing = async (
  documents: Pick<DocumentStore, 'get'>,
  subjects: readonly SubjectId[],
  held: Map<string, ReadSubject>,
): Promise<void> => {
  const missing = subjects.filter((id) => !held.has(id));
  if (missing.length === 0) return;
  for (const read of await readSubjects(documents, missing)) if (read) held.set(read.record.id, read);
};

const assemble = (
  holder: StoredDocument,
  record: CustomerRecord,
  held: ReadonlyMap<string, ReadSubject>,
): TodaysCustomer => {
  const subjects: SubjectRecord[] = [];
  let version = holder.version;
  for (const id of record.subjects) {
    const read = held.get(id);
    if (!read) continue;
    subjects.push(read.record);
    version = Math.max(version, read.version);
  }
  return { record, subjects, version };
};

/** A page of customers in id order, with their subjects: two reads whatever its size. */
export const scanToday = async (
  documents: DocumentStore,
  after: CustomerId | undefined,
  limit: number,
): Promise<readonly TodaysCustomer[]> => {
  const page = await documents.scan('customer', after ?? '', limit);
  const records = page.map((document) => parseCustomer(document.body));
  const held = new Map<string, ReadSubject>();
  await fetchMissing(documents, [...new Set(records.flatMap((record) => record.subjects))], held);
  return page.map((document, i) => assemble(document, records[i] as CustomerRecord, held));
};

export const stateOf = ({ subjects }: TodaysCustomer): SubjectState => combine(subjects.map(({ state }) => state));
