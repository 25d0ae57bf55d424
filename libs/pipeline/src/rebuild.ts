import { seenKey } from '@tributary/contracts';
import { neighboursOf } from '@tributary/domain';
import {
  type CustomerId,
  customerNamedAfter,
  type DocumentStore,
  type RecordedEvent,
  type SeenMark,
  type SeenStore,
  type SubjectId,
} from '@tributary/kernel';
import { type Census, countBatch, emptyCensus } from './census.js';
import { decideCourse } from './decide-course.js';
import { type DecodedAppend } from './decoded.js';
import { type FeedMessage } from './feed-messages.js';
import { type StageContext } from './ports.js';
import { Projection } from './projection.js';
import { decodeEvents } from './read-events.js';
import { subjectsNamedIn } from './subjects-named.js';
import { WorkingSet } from './working-set.js';

export interface RebuildTarget {
  readonly documents: DocumentStore;
  readonly seen?: SeenStore;
  /** Told the feed messages in order, as the live pipeline would have sent it. */
  readonly onFeed?: (messages: readonly FeedMessage[]) => Promise<void>;
  readonly onProgress?: (position: number, head: number) => void;
}

const PAGE = 5_000;

/**
 * Folds all events into a target beside the running read models, through the same `Projection` as the live pipeline. It
 * decides nothing: decisions are read. `advance` may be called again to catch up with what came in meanwhile.
 */
export class Rebuild {
  readonly #context: StageContext;
  readonly #target: RebuildTarget;
  readonly #set: WorkingSet;
  readonly #census = emptyCensus();
  #position = -1;

  constructor(context: StageContext, target: RebuildTarget) {
    this.#context = context;
    this.#target = target;
    this.#set = new WorkingSet(target.documents, { subjects: 60_000, customers: 40_000 });
  }

  /** Position up to which the target is true. */
  get position(): number {
    return this.#position;
  }

  /** Folds up to the head as it is now; answers how many events that were. */
  async advance(): Promise<number> {
    const head = await this.#context.ports.events.head();
    let held: RecordedEvent[] = [];
    let read = this.#position;
    let folded = 0;
    while (read < head) {
      const page = (await this.#context.ports.events.readAll(read, PAGE)).filter((event) => event.position <= head);
      if (page.length === 0) break;
      read = (page[page.length - 1] as RecordedEvent).position;
      // An append may go on beyond the page: what could be its first half waits for the rest.
      const events: RecordedEvent[] = [...held, ...page];
      held = read < head ? lastStreamOf(events) : [];
      const ready = events.slice(0, events.length - held.length);
      if (ready.length === 0) continue;
      this.#position = (ready[ready.length - 1] as RecordedEvent).position;
      folded += ready.length;
      await applyPage(
        this.#context,
        this.#target,
        this.#set,
        this.#census,
        await decodeEvents(ready, this.#context),
        this.#position,
      );
      this.#target.onProgress?.(this.#position, head);
    }
    return folded;
  }
}

const lastStreamOf = (events: readonly RecordedEvent[]): RecordedEvent[] => {
  const stream = events[events.length - 1]?.stream;
  let from = events.length;
  while (from > 0 && events[from - 1]?.stream === stream) from -= 1;
  return events.slice(from);
};

const applyPage = async (
  context: StageContext,
  target: RebuildTarget,
  set: WorkingSet,
  census: Census,
  appends: readonly DecodedAppend[],
  position: number,
): Promise<void> => {
  const projection = new Projection(set);
  await loadAll(set, appends);
  const messages: FeedMessage[] = [];
  for (const append of appends) {
    messages.push(...projection.apply(append));
    countIntake(census, append);
  }
  await target.onFeed?.(messages);
  await setTimers(set, projection, context);
  set.recountInto(census);
  await target.documents.put([
    ...set.writes(position),
    { kind: 'checkpoint', key: 'census', version: position, body: JSON.stringify(census) },
  ]);
  await target.seen?.markSeen(seenIn(appends));
  set.settled();
};

/** Erasures and decisions reach customers that the page does not name; the records of all their members are wanted, too. */
export const loadAll = async (set: WorkingSet, appends: readonly DecodedAppend[]): Promise<void> => {
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

export const setTimers = async (
  set: WorkingSet,
  projection: Projection,
  { lifecycleRules }: Pick<StageContext, 'lifecycleRules'>,
): Promise<void> => {
  const moved = [...projection.moved.keys()];
  await set.loadCustomers(moved);
  await set.loadSubjects(moved.flatMap((id) => set.customer(id)?.subjects ?? []));
  for (const id of moved) {
    const customer = set.customer(id);
    if (customer) set.courseKnown(id, decideCourse(set, customer, lifecycleRules, []).nextChange, null);
  }
};

export const countIntake = (census: Census, { events }: DecodedAppend): void => {
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
