import { EngineError, type EventStore } from '@tributary/kernel';
import { type IntakeEvent } from './checkpoint.js';

/**
 * A store that ends before what was made of it is another one, or an older: one that was restored. What it is told from then on
 * would take positions that count as read, and would never be in the documents nor in the feed, with no word about it.
 *
 * @param made up to where documents, or the feed, tell of it
 * @param seen its head, asked for before that: others may have gone on meanwhile
 */
export const requireReached = async (events: EventStore, made: number, seen: number): Promise<void> => {
  if (made <= seen) return;
  const head = await events.head();
  if (made <= head) return;
  throw olderStore(`ends at ${head}, and documents or profile events tell of it up to ${made}`);
};

/**
 * An older store, once others have written enough to it, ends where the former one did, and its events count as read. Events of the
 * intake are never dropped: the newest that documents tell of must be there.
 */
export const requireHolds = async (events: EventStore, intake: IntakeEvent | undefined): Promise<void> => {
  if (!intake) return;
  const { stream, revision, id } = intake;
  const [event] = await events.readStream(stream, revision, 1);
  if (event?.revision !== revision || event.id !== id)
    throw olderStore(`does not hold event ${revision} of ${stream} of which documents tell`);
};

/** `why`: what it lacks that was made of it. */
export const olderStore = (why: string): EngineError =>
  new EngineError(
    'events',
    'retriable',
    `the event store ${why}: it is older than that (restored from a backup?), or another one. ` +
      'Bring back the newer one, or have all that is made of it made anew: docs/guide/running.md',
  );
