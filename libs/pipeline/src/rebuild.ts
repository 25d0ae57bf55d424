import { type DocumentStore, EngineError, type Log, type RecordedEvent, type SeenStore } from '@tributary/kernel';
import { type Census, censusWrite, emptyCensus } from './census.js';
import { type DecodedAppend } from './decoded.js';
import { foldPage, seenIn } from './event-page.js';
import { type FeedMessage } from './feed-messages.js';
import { COMMAND_TOPIC, PIPELINE_GROUP, PROJECTOR_GROUP, type StageContext } from './ports.js';
import { decodeEvents } from './read-events.js';
import { nothingWaits } from './reading.js';
import { lostKeys, LostKeys } from './vault/lost-keys.js';
import { type Unreadable, unreadableIn } from './vault/unreadable.js';
import { WorkingSet } from './working-set.js';

export interface RebuildTarget {
  readonly documents: DocumentStore;
  readonly seen?: SeenStore;
  /** Told the feed messages in order, as the live pipeline would have sent them. */
  readonly onFeed?: (messages: readonly FeedMessage[]) => Promise<void>;
  readonly onProgress?: (position: number, head: number) => void;
}

const PAGE = 5_000;
/** So many erasures are not under way at a time. */
const MOST_IN_DOUBT = 10_000;

/**
 * Folds all events into a target beside the running read models, through the same `Projection` as the live pipeline. It
 * decides nothing: decisions are read; and it notes no due times, since nobody is asked there. `advance` may be called
 * again to catch up with what came in meanwhile.
 */
export class Rebuild {
  readonly #context: StageContext;
  readonly #target: RebuildTarget;
  readonly #set: WorkingSet;
  readonly #census = emptyCensus();
  readonly #lost: LostKeys;
  #inDoubt: readonly Unreadable[] = [];
  #position = -1;

  constructor(context: StageContext, target: RebuildTarget) {
    this.#context = context;
    this.#target = target;
    this.#set = new WorkingSet(target.documents);
    this.#lost = new LostKeys(context);
  }

  /** Position up to which the target is true. */
  get position(): number {
    return this.#position;
  }

  /**
   * Throws where keys are lost and not destroyed: then the target lacks whom they were of. To be asked where the pipeline stands still,
   * since where one transaction holds all a key goes a moment before its erasure is said.
   */
  async requireKeys(): Promise<void> {
    const lost = await this.#lost.among(this.#inDoubt);
    if (lost.length === 0) return;
    const { log, events } = this.#context.ports;
    if (await commandsWait(log))
      throw new EngineError(
        'keys',
        'retriable',
        'some are missing, and commands wait to be carried out: ask again then',
      );
    throw lostKeys(lost, await events.head());
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
      const appends = await decodeEvents(ready, this.#context);
      this.#inDoubt = [...this.#inDoubt, ...(await this.#lost.among(unreadableIn(appends)))];
      if (this.#inDoubt.length > MOST_IN_DOUBT) await this.requireKeys();
      await applyPage(this.#context, this.#target, this.#set, this.#census, appends, this.#position);
      this.#target.onProgress?.(this.#position, head);
    }
    return folded;
  }
}

/** Whoever died between keys and word of an erasure comes to it again. One of the two groups reads them; the other never did. */
const commandsWait = async (log: Log): Promise<boolean> => {
  const groups = [PIPELINE_GROUP, PROJECTOR_GROUP];
  return !(await Promise.all(groups.map((group) => nothingWaits(log, group, [COMMAND_TOPIC])))).includes(true);
};

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
  const { messages } = await foldPage(set, census, appends);
  await target.onFeed?.(messages);
  set.recountInto(census);
  await target.documents.put([...set.writes(position), censusWrite(census, position)]);
  await target.seen?.markSeen(seenIn(appends));
  set.settled();
};
