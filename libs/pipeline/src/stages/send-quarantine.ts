import { type Instant, type Log, type TopicPartition } from '@tributary/kernel';
import { placeOf, quarantineOf } from '../plan-touchpoints.js';
import { channelOf, quarantineTopic } from '../ports.js';
import { type Unreadable } from '../take-batch.js';
import { readBack } from './log-tail.js';

/**
 * Puts aside what could not be understood. `again`: what a first attempt sent since `takenAt` is found by its place and
 * not sent twice. (Two processors that complete one batch at the same instant may both send: readers know it by place.)
 */
export const sendQuarantine = async (
  log: Log,
  from: TopicPartition,
  unreadable: readonly Unreadable[],
  takenAt: Instant,
  attempt: 'first' | 'again',
): Promise<void> => {
  if (unreadable.length === 0) return;
  const sent = attempt === 'again' ? await placesSince(log, quarantineTopic(channelOf(from.topic)), takenAt) : null;
  const missing = sent ? unreadable.filter(({ record }) => !sent.has(placeOf(from, record.offset))) : unreadable;
  if (missing.length > 0) await log.append(quarantineOf(from, missing, takenAt));
};

const CLOCKS_APART_MS = 60_000;

const placesSince = async (log: Log, topic: string, since: Instant): Promise<ReadonlySet<string>> => {
  const places = new Set<string>();
  for (const range of await log.partitions(topic))
    for (const { value } of await readBack(log, range, (record) => record.timestamp_ms < since - CLOCKS_APART_MS))
      places.add((JSON.parse(new TextDecoder().decode(value)) as { readonly position: string }).position);
  return places;
};
