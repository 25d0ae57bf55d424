import { type Log } from '@tributary/kernel';
import { FEED_TOPIC, type FeedMessage, feedRecords } from '../feed-messages.js';
import { readBack } from './log-tail.js';

/**
 * Where profile events leave. Each is a function of the events up to a position, so to send each once it is enough to
 * know the last position that was sent, and that nobody else sends.
 */
export interface FeedOutlet {
  /** From now on we send, and whoever did before fails. Answers the position of the last message sent; -1: none. */
  begin(): Promise<number>;
  /** Sends all or none, in order, behind all that was sent before. */
  send(messages: readonly FeedMessage[]): Promise<void>;
}

/** Position of the newest message that the topic holds. */
export const lastSentTo = async (log: Log): Promise<number> => {
  let last = -1;
  for (const range of await log.partitions(FEED_TOPIC)) {
    let newest: number | undefined;
    await readBack(log, range, ({ value }) => {
      newest ??= (JSON.parse(new TextDecoder().decode(value)) as FeedMessage).sequence;
      return true;
    });
    last = Math.max(last, newest ?? -1);
  }
  return last;
};

/** Over a log whose appends are all or nothing and that one process owns (embedded). It fences nobody. */
export const logFeed = (log: Log): FeedOutlet => ({
  begin: () => lastSentTo(log),
  send: (messages) => log.append([{ topic: FEED_TOPIC, records: feedRecords(messages) }]),
});
