import { seenKey } from '@tributary/contracts';
import { neighboursOf } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type SeenMark, type SubjectId } from '@tributary/kernel';
import { type Census, countBatch } from './census.js';
import { type DecodedAppend } from './decoded.js';
import { type FeedMessage } from './feed-messages.js';
import { Projection } from './projection.js';
import { subjectsNamedIn } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/*
 * What whoever reads events back in pages, a rebuild or a projector, does around `Projection.apply`: what has to be in memory
 * before, and what follows from a page besides its documents.
 */

export interface FoldedPage {
  readonly projection: Projection;
  /** What the feed is told of it, in order. */
  readonly messages: readonly FeedMessage[];
}

/** Folds a page into a set and a census. `applied`: told of each append when it was. */
export const foldPage = async (
  set: WorkingSet,
  census: Census,
  appends: readonly DecodedAppend[],
  applied: (append: DecodedAppend, projection: Projection) => void = () => undefined,
): Promise<FoldedPage> => {
  await loadAll(set, appends);
  const projection = new Projection(set);
  const messages: FeedMessage[] = [];
  for (const append of appends) {
    messages.push(...projection.apply(append));
    countIntake(census, append);
    applied(append, projection);
  }
  return { projection, messages };
};

/** Erasures and decisions reach customers that the page does not name; the records of all their members are wanted, too. */
const loadAll = async (set: WorkingSet, appends: readonly DecodedAppend[]): Promise<void> => {
  const subjects = subjectsNamedIn(appends);
  await set.loadSubjects(subjects);
  const neighbours = new Set<SubjectId>();
  for (const { events } of appends)
    for (const { content } of events)
      if (content.kind === 'erased')
        for (const id of [content.erased.subject, ...content.erased.members]) {
          const record = set.subject(id);
          if (record) for (const other of neighboursOf(record)) neighbours.add(other);
        }
  await set.loadSubjects(neighbours);
  const customers = new Set<CustomerId>();
  for (const id of [...subjects, ...neighbours]) {
    customers.add(customerNamedAfter(id));
    const holder = set.subject(id)?.customer;
    if (holder) customers.add(holder);
  }
  await set.loadCustomers(customers);
  const members = new Set<SubjectId>();
  for (const id of customers) for (const subject of set.customer(id)?.subjects ?? []) members.add(subject);
  await set.loadSubjects(members);
};

const countIntake = (census: Census, { events }: DecodedAppend): void => {
  for (const { content } of events) if (content.kind === 'intake') countBatch(census, content.batch);
};

/** What the events remember of message ids. (The offset stands in the source metadata, which a retry does not need.) */
export const seenIn = (appends: readonly DecodedAppend[]): SeenMark[] => {
  const marks: SeenMark[] = [];
  for (const { events } of appends)
    for (const { content, position } of events)
      if (content.kind === 'fact')
        marks.push({ key: seenKey(content.touchpoint.channel, content.touchpoint.messageId), at: `event/${position}` });
      else if (content.kind === 'sum')
        for (const key of content.sum.messages) marks.push({ key, at: `event/${position}` });
  return marks;
};
