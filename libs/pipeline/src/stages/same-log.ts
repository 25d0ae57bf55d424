import { type BatchTaken } from '@tributary/domain';
import {
  type DocumentStore,
  EngineError,
  type EventStore,
  type Log,
  partitionName,
  type TopicPartition,
} from '@tributary/kernel';
import { commandOf } from '../commands.js';
import { lastIntention } from './intake-lane.js';

/**
 * A log that was set back to an older state, or made anew, fills the offsets that were taken with what comes in now. Whoever went
 * on behind them would pass that over in silence, although a door answered that it holds. So the last record that was taken must
 * still be there; what retention dropped was there, and nothing is filled before it.
 */
export const requireSameLog = async (log: Log, at: TopicPartition, { to, toAt }: BatchTaken): Promise<void> => {
  const range = (await log.partitions(at.topic))[at.partition];
  if (!range || range.end <= to) throw notTheLog(at, to, `it ends at ${range?.end ?? 0}`);
  // Of an older program: it did not say which record that was.
  if (toAt === undefined || range.begin > to) return;
  const [record] = await log.read(at, to, 1);
  if (record?.offset === to && record.timestamp_ms !== toAt) throw notTheLog(at, to, 'it holds another record there');
};

/** As `requireSameLog`, of what the events say was taken. */
export const requireLogOf = async (events: EventStore, log: Log, at: TopicPartition): Promise<void> => {
  const intention = await lastIntention(events, at);
  if (intention) await requireSameLog(log, at, intention.batch);
};

/** As `requireSameLog`, of commands: whatever was carried out before `next` has an outcome. */
export const requireCommandsOf = async (
  documents: DocumentStore,
  log: Log,
  at: TopicPartition,
  next: number,
): Promise<void> => {
  const last = next - 1;
  const range = (await log.partitions(at.topic))[at.partition];
  if (!range || range.begin > last || range.end <= last) return;
  const [record] = await log.read(at, last, 1);
  if (record?.offset !== last) return;
  const command = commandOf(record.value);
  // Of what was passed over, since it is no command, nothing is known.
  if (command.type === 'none') return;
  const [outcome] = await documents.get('outcome', [command.id]);
  if (!outcome) throw notTheLog(at, last, 'it holds another record there');
};

const notTheLog = (at: TopicPartition, to: number, why: string): EngineError =>
  new EngineError(
    'log',
    'fatal',
    `${partitionName(at)} was taken up to ${to}, and ${why}: it is older (restored from a backup?), or another log. What is ` +
      'accepted into it up to there would never be taken: stop the collectors, and see docs/guide/running.md',
  );
