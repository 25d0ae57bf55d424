import { setTimeout } from 'node:timers/promises';
import { beginAt, type FeedEvent, type FeedRequest, readFrom } from './read-feed.js';

export interface FollowRequest extends Omit<FeedRequest, 'limit'> {
  readonly signal: AbortSignal;
  /** How long to wait at the end of the feed before looking again; default 250. */
  readonly poll_ms?: number;
}

const PAGE = 500;

/**
 * Profile events from a position on, for as long as the signal allows, one after the other; ends without an error when
 * it aborts. Nothing is read ahead beyond one page: a slow reader holds up only itself.
 * Throws `InvalidPosition`, `PositionNotOfFeed`, or `FeedPositionExpired` (also later on, if retention overtakes the reader).
 */
export async function* followFeed({
  from = 'end',
  signal,
  poll_ms = 250,
  ...request
}: FollowRequest): AsyncGenerator<FeedEvent, void> {
  const position = await beginAt(request.log, from);
  while (!signal.aborted) {
    const page = await readFrom({ ...request, limit: PAGE }, position);
    for (const event of page.events) {
      if (signal.aborted) return;
      yield event;
    }
    if (page.atEnd) await pause(poll_ms, signal);
  }
}

const pause = async (time_ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await setTimeout(time_ms, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
};
