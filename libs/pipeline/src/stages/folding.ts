import { type RecordedEvent } from '@tributary/kernel';
import { randomUUID } from 'node:crypto';
import { type Census, censusWrite, readCensus } from '../census.js';
import { foldPage } from '../event-page.js';
import { ordersUnderWay } from '../orders-under-way.js';
import { type StageContext } from '../ports.js';
import { VaultMark } from '../vault/vault-mark.js';
import { type WorkingSet } from '../working-set.js';
import { Checkpoint } from './checkpoint.js';
import { type Deciding } from './deciding.js';
import { type FeedOutlet } from './feed-outlet.js';
import { outcomesIn } from './outcomes-in.js';
import { requireHolds, requireReached } from './reached.js';
import { readPage } from './read-page.js';
import { type WhomToAsk } from './whom-to-ask.js';

export interface FoldingOptions {
  readonly maxEvents?: number;
  readonly onProgress?: (progress: ProjectorProgress) => void;
}

export interface ProjectorProgress {
  readonly events: number;
  readonly position: number;
  readonly duration_ms: number;
}

/** What a page is folded into, and who is told of it. */
export interface Folded {
  readonly set: WorkingSet;
  readonly deciding: Deciding;
  readonly whom: WhomToAsk;
  readonly feed: FeedOutlet;
}

const MAX_EVENTS = 2_000;

interface Begun {
  readonly checkpoint: Checkpoint;
  readonly census: Census;
  /** Up to here the feed was sent, and so all was decided, by an earlier life. */
  readonly sentTo: number;
  /** Head when we began. */
  readonly head: number;
}

/**
 * Page by page from events to documents and to the feed, with what was decided of each, for a projector whose turn it is. Begins with
 * what an earlier life has left, at the first page that is asked for.
 */
export class Folding {
  readonly #context: StageContext;
  readonly #folded: Folded;
  readonly #options: FoldingOptions;
  readonly #vault: VaultMark;
  #begun: Begun | null = null;
  #position = -1;

  constructor(context: StageContext, folded: Folded, options: FoldingOptions) {
    this.#context = context;
    this.#folded = folded;
    this.#options = options;
    this.#vault = new VaultMark(context);
  }

  /** Up to here all is folded. */
  get position(): number {
    return this.#position;
  }

  /** Takes the next page; answers how many events it had. */
  async page(): Promise<number> {
    const began = performance.now();
    const begun = (this.#begun ??= await this.#begin());
    const events = await readPage(this.#context.ports.events, this.#position, this.#options.maxEvents ?? MAX_EVENTS);
    const { length } = events;
    if (length === 0) return 0;
    await this.#apply(begun, events);
    this.#options.onProgress?.({ events: length, position: this.#position, duration_ms: performance.now() - began });
    return length;
  }

  /** Throws where the documents are another's meanwhile. */
  async requireOurs(): Promise<void> {
    await this.#begun?.checkpoint.requireOurs();
  }

  /**
   * Nothing may be written for long, and whoever reads must not be told of nobody for so long. A store that ends before what was
   * read of it has no word of that for who asks it what comes next.
   */
  async requireEngines(): Promise<void> {
    if (!this.#begun) return;
    await this.#begun.checkpoint.requireOurs();
    await requireReached(this.#context.ports.events, this.#position, -1);
    await this.#vault.hold();
  }

  /** Documents may have been changed by others' hands. Not begun anew: that would fence whoever has taken over meanwhile. */
  async documentsChanged(): Promise<void> {
    if (this.#begun) this.#begun = { ...this.#begun, census: await readCensus(this.#context.ports.documents) };
  }

  async #begin(): Promise<Begun> {
    const { events, documents } = this.#context.ports;
    const { deciding, whom, feed } = this.#folded;
    await whom.begin();
    const sentTo = await feed.begin();
    const head = await events.head();
    const checkpoint = await Checkpoint.open(documents, head, randomUUID);
    await requireReached(events, Math.max(checkpoint.position, sentTo), head);
    await requireHolds(events, checkpoint.intake);
    await this.#vault.hold();
    this.#position = checkpoint.position;
    // Where an earlier life has decided, it is only applied.
    await deciding.remember(Math.max(checkpoint.position, sentTo));
    for (const taken of await ordersUnderWay(this.#context.ports)) await deciding.foresee(taken);
    return { checkpoint, census: await readCensus(documents), sentTo, head };
  }

  async #apply({ checkpoint, census, sentTo, head }: Begun, events: readonly RecordedEvent[]): Promise<void> {
    const { set, deciding, whom, feed } = this.#folded;
    const end = (events[events.length - 1] as RecordedEvent).position;
    const appends = await this.#vault.read(events);
    const { projection, messages } = await foldPage(set, census, appends, (append, on) => deciding.arrived(append, on));
    if (end > sentTo) await deciding.decide(projection);
    else await deciding.noteTimes(projection);
    await checkpoint.requireOurs();
    const unsent = messages.filter(({ sequence, untold }) => sequence > sentTo && !untold);
    if (unsent.length > 0) await feed.send(unsent);
    set.recountInto(census);
    const vault = await this.#vault.move(end);
    const writes = [...set.writes(end), ...outcomesIn(appends, head), censusWrite(census, end), vault];
    await checkpoint.commit(end, writes, events);
    set.settled();
    this.#position = end;
    whom.news();
  }
}
