import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { type FeedFilter } from '@tributary/query';
import { type FeedPages } from './feed-pages.js';
import { endOf, type FeedWatch } from './feed-watch.js';

export interface SubscriptionRequest {
  readonly pages: FeedPages;
  readonly watch: FeedWatch;
  /** A position. */
  readonly from: string;
  readonly filter: FeedFilter;
  readonly heartbeat_ms: number;
  /** A reader that takes nothing for so long is let go; it resumes where it was with its Last-Event-ID. */
  readonly stalled_ms: number;
  /** Such a reader is let go now. */
  readonly onStalled: () => void;
  readonly signal: AbortSignal;
}

/**
 * Writes profile events as server-sent events until the signal aborts or the reader leaves. A page is read only when the
 * one before has gone out: a slow reader is paused, and holds no more than a page of memory.
 */
export const subscribe = async (
  response: ServerResponse,
  { pages, watch, filter, heartbeat_ms, stalled_ms, onStalled, signal, ...request }: SubscriptionRequest,
): Promise<void> => {
  let from = request.from;
  let spokeAt = performance.now();
  while (!signal.aborted) {
    const page = await pages.after(from, filter);
    let { bytes } = page;
    from = page.next;
    // The id alone moves the reader's Last-Event-ID behind what its filter left out; the comment keeps proxies awake.
    if (bytes.length === 0 && performance.now() - spokeAt >= heartbeat_ms)
      bytes = Buffer.from(`: alive\nid: ${from}\n\n`);
    if (bytes.length > 0) {
      spokeAt = performance.now();
      if (!response.write(bytes)) await drained(response, signal, { stalled_ms, onStalled });
    }
    if (page.atEnd) await watch.beyond(endOf(from), Math.max(1, heartbeat_ms - (performance.now() - spokeAt)), signal);
  }
};

const drained = async (
  response: ServerResponse,
  signal: AbortSignal,
  { stalled_ms, onStalled }: Pick<SubscriptionRequest, 'stalled_ms' | 'onStalled'>,
): Promise<void> => {
  const stalled = new AbortController();
  const leave = () => stalled.abort();
  // Neither `AbortSignal.any` nor `.timeout`: of a timeout that only such a union knows, Node 20 loses hold, and it never comes.
  const timer = setTimeout(() => (onStalled(), leave()), stalled_ms);
  signal.addEventListener('abort', leave, { once: true });
  try {
    await once(response, 'drain', { signal: stalled.signal });
  } catch {
    if (!signal.aborted) response.destroy();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
};
