import { type Log } from '@tributary/kernel';
import { type FeedEvent, type FeedFilter, passes, readFeed } from '@tributary/query';

/** As many as are read of the log at once. */
const PAGE_EVENTS = 1_000;
/** Pages that are kept: of some 700 KB each, and of a dozen MB where courses of thousands of stages are revised. */
const MOST_PAGES = 16;

/** Events as they are sent. */
export interface FeedFrames {
  /** Of server-sent events; empty: nothing there that passes the filter. */
  readonly bytes: Buffer;
  /** Position behind the page, also behind what the filter left out. */
  readonly next: string;
  /** Nothing more was there when the page was read. */
  readonly atEnd: boolean;
}

interface Page {
  readonly events: readonly FeedEvent[];
  readonly next: string;
  readonly atEnd: boolean;
  /** Of all events, once somebody wanted them. */
  bytes?: Buffer;
}

/**
 * Pages of the feed as they are sent, each read and made once for all who stand at its place: nearly all subscribers stand at
 * the end, and wake at the same moment. A page that was made stays true, since the feed only grows; what came since is the next.
 */
export class FeedPages {
  readonly #pages = new Map<string, Promise<Page>>();

  constructor(readonly log: Log) {}

  /** What follows `from`, a position. */
  async after(from: string, filter: FeedFilter): Promise<FeedFrames> {
    const page = await this.#page(from);
    const { events, next, atEnd } = page;
    if (filter.types === undefined && filter.customerId === undefined)
      return { bytes: (page.bytes ??= framesOf(events)), next, atEnd };
    return { bytes: framesOf(events.filter(({ event }) => passes(filter, event))), next, atEnd };
  }

  #page(from: string): Promise<Page> {
    const known = this.#pages.get(from);
    if (known) return known;
    // Without partitions there is no position yet.
    const page = readFeed({ log: this.log, from: from === '' ? 'beginning' : from, limit: PAGE_EVENTS });
    this.#pages.set(from, page);
    const forget = (): void => {
      if (this.#pages.get(from) === page) this.#pages.delete(from);
    };
    // Of an empty one nothing is known but that there was nothing yet.
    page.then(({ events }) => events.length === 0 && forget(), forget);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    return page;
  }
}

const framesOf = (events: readonly FeedEvent[]): Buffer =>
  Buffer.from(
    events
      .map(({ position, event }) => `id: ${position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
  );
