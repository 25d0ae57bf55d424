import { type CustomerId, type Log, type PartitionRange, type StoredRecord } from '@tributary/kernel';
import { FEED_TOPIC } from '@tributary/domain';
import { FeedPositionExpired, PositionNotOfFeed } from '../errors.js';
import { type CloudEvent, cloudEventOf, type ProfileEventMessage, type ProfileEventType } from './cloud-event.js';
import { type FeedFilter, passes } from './feed-filter.js';
import { type FeedPosition, parsePosition, positionText } from './feed-position.js';

export const PROFILE_EVENTS = FEED_TOPIC;

/** Where to begin: a position that was given out before, the oldest message held, or what comes from now on. */
export type FeedStart = string | 'beginning' | 'end';

export interface FeedRequest {
  readonly log: Log;
  /** A `Last-Event-ID`; default `beginning`. */
  readonly from?: FeedStart;
  /** Only these; absent: all. */
  readonly types?: readonly ProfileEventType[];
  /** Only what `concerns` this customer. */
  readonly customerId?: CustomerId;
  /** Events of a page at most; at most 1,000. */
  readonly limit: number;
}

export interface FeedEvent {
  /** Pass as `from` to go on behind this event (`Last-Event-ID`). */
  readonly position: string;
  readonly event: CloudEvent;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Behind everything that was looked at, also what the filter left out. */
  readonly next: string;
  /** Nothing more was there. */
  readonly atEnd: boolean;
}

const LIMIT = 1_000;
const RECORDS_AT_ONCE = 1_000;
/** … and at first, when it is not known how large they are. */
const RECORDS_AT_FIRST = 100;
/** A narrow filter must not hold a request for ever: after so many messages the page ends, and `next` says where. */
const LOOKED_AT = 20_000;
/** So much of messages makes a page, too: most are some hundred bytes, those of a long course a hundred kilobytes. */
const PAGE_BYTES = 8 * 1024 * 1024;

/**
 * A page of profile events, in order per customer, without gaps: each message once, from the position on.
 * Throws `InvalidPosition`, `FeedPositionExpired`.
 */
export const readFeed = async ({
  log,
  from = 'beginning',
  types,
  customerId,
  limit,
}: FeedRequest): Promise<FeedPage> => {
  const position = await startAt(log, from);
  const filter: FeedFilter = {
    ...(types ? { types: new Set(types) } : {}),
    ...(customerId === undefined ? {} : { customerId }),
  };
  const most = Math.min(Math.max(1, limit), LIMIT);
  const events: FeedEvent[] = [];
  let lookedAt = 0;
  let bytes = 0;
  let atOnce = RECORDS_AT_FIRST;
  let atEnd = true;
  const partitions = [...position.keys()].sort((a, b) => a - b);
  for (const [i, partition] of partitions.entries()) {
    // Each partition has its share of the page, so that a busy one does not keep the others waiting.
    const left = partitions.length - i;
    const share = events.length + Math.ceil((most - events.length) / left);
    const share_bytes = bytes + (PAGE_BYTES - bytes) / left;
    const isFull = (): boolean => events.length >= share || bytes >= share_bytes;
    for (;;) {
      if (isFull() || lookedAt >= LOOKED_AT) {
        atEnd = false;
        break;
      }
      const records = await readRecords(log, partition, position, atOnce);
      if (records.length === 0) break;
      atOnce = fittingAfter(records);
      for (const record of records) {
        position.set(partition, record.offset + 1);
        lookedAt += 1;
        const event = cloudEventOf(JSON.parse(text.decode(record.value)) as ProfileEventMessage);
        if (passes(filter, event)) {
          events.push({ position: positionText(position), event });
          bytes += record.value.length;
        }
        if (isFull()) break;
      }
    }
  }
  return { events, next: positionText(position), atEnd };
};

const text = new TextDecoder('utf-8', { fatal: true });

/** How many more to read: as many as make a page, if they are like those before. */
const fittingAfter = (records: readonly StoredRecord[]): number => {
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
  return Math.max(1, Math.min(RECORDS_AT_ONCE, Math.floor((PAGE_BYTES * records.length) / bytes)));
};

const readRecords = async (
  log: Log,
  partition: number,
  position: FeedPosition,
  atOnce: number,
): Promise<readonly StoredRecord[]> => {
  const next = position.get(partition) ?? 0;
  const records = await log.read({ topic: PROFILE_EVENTS, partition }, next, atOnce);
  const [first] = records;
  // A jump is a hole in the offsets, or messages that retention took before a slow reader came to them.
  if (first && first.offset > next) assertHeld(await log.partitions(PROFILE_EVENTS), position);
  return records;
};

const startAt = async (log: Log, from: FeedStart): Promise<FeedPosition> => {
  const named = from === 'beginning' || from === 'end' ? undefined : parsePosition(from);
  const ranges = await log.partitions(PROFILE_EVENTS);
  const position: FeedPosition = new Map();
  // Partitions that the position does not name were added since: all that is in them is new.
  for (const { partition, begin, end } of ranges)
    position.set(partition, from === 'end' ? end : (named?.get(partition) ?? begin));
  if (named) assertHeld(ranges, position);
  return position;
};

/**
 * Where a follower begins; refuses with `PositionNotOfFeed` what this feed cannot have given out, and otherwise as `readFeed`
 * does. Who followed from there would be told nothing until the feed has grown so far, or everything anew.
 */
export const beginAt = async (log: Log, from: FeedStart): Promise<FeedPosition> => {
  const position = await startAt(log, from);
  if (from !== 'beginning' && from !== 'end') await assertGiven(log, parsePosition(from));
  return position;
};

const assertGiven = async (log: Log, position: FeedPosition): Promise<void> => {
  const ranges = await log.partitions(PROFILE_EVENTS);
  const ends: FeedPosition = new Map(ranges.map(({ partition, end }) => [partition, end]));
  for (const [partition, next] of position) {
    const end = ends.get(partition);
    if (end === undefined) throw new PositionNotOfFeed(`there is no partition ${partition}`, positionText(ends));
    if (next <= end) continue;
    // An end may be known late (Kafka's, while a transaction is open): whether the message is there decides.
    const seen = await log.read({ topic: PROFILE_EVENTS, partition }, next - 1, 1);
    if (seen.length === 0)
      throw new PositionNotOfFeed(`it is beyond the end of partition ${partition}`, positionText(ends));
  }
};

const assertHeld = (ranges: readonly PartitionRange[], position: FeedPosition): void => {
  const isLost = ranges.some(({ partition, begin }) => (position.get(partition) ?? begin) < begin);
  if (!isLost) return;
  const oldest: FeedPosition = new Map(ranges.map(({ partition, begin }) => [partition, begin]));
  throw new FeedPositionExpired(positionText(position), positionText(oldest));
};
