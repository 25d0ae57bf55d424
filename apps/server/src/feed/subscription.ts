import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { type CustomerId, type Log } from '@tributary/kernel';
import { type FeedStart, type ProfileEventType, readFeed } from '@tributary/query';
import { endOf, type FeedWatch } from './feed-watch.js';

export interface SubscriptionRequest {
  readonly log: Log;
  readonly watch: FeedWatch;
  readonly from: FeedStart;
  readonly types?: readonly ProfileEventType[];
  readonly customerId?: CustomerId;
  readonly heartbeat_ms: number;
  /** A reader that takes nothing for so long is let go; it resumes where it was with its Last-Event-ID. */
  readonly stalled_ms: number;
  readonly signal: AbortSignal;
}

const PAGE = 500;

/**
 * Writes profile events as server-sent events until the signal aborts or the reader leaves. A page is read only when the
 * one before has gone out: a slow reader is paused, and holds no more than a page of memory.
 */
export const subscribe = async (
  response: ServerResponse,
  { log, watch, heartbeat_ms, stalled_ms, signal, ...request }: SubscriptionRequest,
): Promise<void> => {
  const filter = {
    ...(request.types ? { types: request.types } : {}),
    ...(request.customerId ? { customerId: request.customerId } : {}),
  };
  let from = request.from;
  let spokeAt = performance.now();
  while (!signal.aborted) {
    const page = await readFeed({ log, from, limit: PAGE, ...filter });
    let text = '';
    for (const { position, event } of page.events)
      text += `id: ${position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    from = page.next;
    // The id alone moves the reader's Last-Event-ID behind what its filter left out; the comment keeps proxies awake.
    if (text === '' && performance.now() - spokeAt >= heartbeat_ms) text = `: alive\nid: ${from}\n\n`;
    if (text !== '') {
      spokeAt = performance.now();
      if (!response.write(text)) await drained(response, signal, stalled_ms);
    }
    if (page.atEnd) await watch.beyond(endOf(from), Math.max(1, heartbeat_ms - (performance.now() - spokeAt)), signal);
  }
};

const drained = async (response: ServerResponse, signal: AbortSignal, stalled_ms: number): Promise<void> => {
  const stalled = new AbortController();
  const leave = () => stalled.abort();
  // Neither `AbortSignal.any` nor `.timeout`: of a timeout that only such a union knows, Node 20 loses hold, and it never comes.
  const timer = setTimeout(leave, stalled_ms);
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
