import { type CustomerId, type DocumentStore, type DocumentWrite, type Instant } from '@tributary/kernel';
import { AskDecidedAhead } from '../ask-decided-ahead.js';
import { type ProcessingTime } from '../processing-time.js';
import { AskByNewRules } from './ask-by-new-rules.js';

const TIMER_BATCH = 500;

export interface Asked {
  readonly ids: readonly CustomerId[];
  /** As far as this, silence may be concluded of them. */
  readonly now: Instant;
}

/**
 * Whom a projector asks next: whoever was decided for a time that has not come, then whom other rules decided, then who is
 * due by now. Never those of whom a decision is on its way: they are looked at again when that comes.
 */
export class WhomToAsk {
  readonly #documents: DocumentStore;
  readonly #time: ProcessingTime;
  readonly #decidedAhead: AskDecidedAhead;
  readonly #byNewRules: AskByNewRules;
  readonly #isAwaited: (id: CustomerId) => boolean;
  /** When these want to be asked again, which could not be written down at the present position. */
  readonly #unwritten = new Map<string, Instant>();

  constructor(documents: DocumentStore, time: ProcessingTime, rules: string, isAwaited: (id: CustomerId) => boolean) {
    this.#documents = documents;
    this.#time = time;
    this.#decidedAhead = new AskDecidedAhead(documents, time);
    this.#byNewRules = new AskByNewRules(documents, rules);
    this.#isAwaited = isAwaited;
  }

  async begin(): Promise<void> {
    await this.#time.begin(this.#documents);
    await this.#byNewRules.begin();
  }

  /** Whether there may be anybody, from the documents alone. */
  async isAnybody(): Promise<boolean> {
    if (this.#time.mustAskAgain || this.#byNewRules.isUnderWay || (await this.#due(this.#time.now())).length > 0)
      return true;
    await this.#time.mark(this.#documents);
    return false;
  }

  /** The next of them, of whom none need be left; `null`: there is nobody for now. Whom the call before answered was asked. */
  async next(): Promise<Asked | null> {
    const again = (await this.#decidedAhead.next()) ?? (await this.#byNewRules.next());
    if (again !== null) return { ids: again.filter((id) => !this.#isAwaited(id)), now: this.#time.now() };
    const now = this.#time.now();
    await this.#time.mark(this.#documents);
    const ids = await this.#due(now);
    return ids.length > 0 ? { ids, now } : null;
  }

  async #due(now: Instant): Promise<readonly CustomerId[]> {
    // Those whose time could not be written stand before all others, however many.
    const due = await this.#documents.due('customer', now, TIMER_BATCH + this.#unwritten.size);
    return due
      .map(({ key }) => key as CustomerId)
      .filter((id) => !this.#isAwaited(id) && (this.#unwritten.get(id) ?? -Infinity) <= now);
  }

  /**
   * Documents of which only the due times changed; answers whether all were written. One that reflects the very `position`
   * cannot be written at a newer one that means anything: its time is kept in mind until there is news.
   */
  async retime(writes: readonly DocumentWrite[], position: number): Promise<boolean> {
    const writable = writes.filter(({ version }) => version <= position);
    await this.#documents.put(writable);
    for (const { key, version, due_ms } of writes) if (version > position) this.#unwritten.set(key, due_ms ?? Infinity);
    return writable.length === writes.length;
  }

  /** The documents are at another position now, or somebody changed them: what is written there counts. */
  news(): void {
    this.#unwritten.clear();
  }
}
