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
import { readRange } from '../read-range.js';
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

/**
 * As `requireSameLog`, of commands: whatever was carried out before `next` has an outcome. Of what was passed over, since it is no
 * command, nothing is known, so the last one that is a command has to say it.
 */
export const requireCommandsOf = async (
  documents: DocumentStore,
  log: Log,
  at: TopicPartition,
  next: number,
): Promise<void> => {
  const range = (await log.partitions(at.topic))[at.partition];
  if (!range || range.end < next) return;
  const last = await lastCommand(log, at, Math.max(range.begin, next - MOST_PASSED_OVER), next);
  if (!last) return;
  const [outcome] = await documents.get('outcome', [last.id]);
  if (!outcome) throw notTheLog(at, next - 1, `it holds another command at ${last.offset}`);
};

/** Records that are no commands were written past the API: of more in a row nobody knows. */
const MOST_PASSED_OVER = 1_000;
const PAGE = 100;

const lastCommand = async (
  log: Log,
  at: TopicPartition,
  begin: number,
  next: number,
): Promise<{ readonly id: string; readonly offset: number } | undefined> => {
  for (let to = next; to > begin; to -= PAGE) {
    const records = await readRange(log, at, Math.max(begin, to - PAGE), to);
    for (const { offset, value } of [...records].reverse()) {
      const command = commandOf(value);
      if (command.type !== 'none') return { id: command.id, offset };
    }
  }
  return undefined;
};

const notTheLog = (at: TopicPartition, to: number, why: string): EngineError =>
  new EngineError(
    'log',
    'fatal',
    `${partitionName(at)} was taken up to ${to}, and ${why}: it is older (restored from a backup?), or another log. What is ` +
      'accepted into it up to there would never be taken: stop the collectors, and see docs/guide/running.md',
  );
