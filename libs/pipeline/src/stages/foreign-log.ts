import {
  type DocumentStore,
  type EventStore,
  type Log,
  type RunningConsumption,
  type TopicSpec,
} from '@tributary/kernel';
import { COMMAND_TOPIC } from '../ports.js';
import { requireCommandsOf, requireLogOf } from './same-log.js';

/** The engines that are ours. */
export interface OwnStores {
  readonly log: Log;
  readonly events: EventStore;
  readonly documents: DocumentStore;
}

/**
 * A log whose input comes from elsewhere while all other engines are ours: the foreign log holds what is read, and ours
 * what is sent (`outbox`, for a `Relay` to copy) and how far was read, since that is committed in one transaction with
 * what was made of it. The foreign log's own offsets are only for whoever watches lag.
 */
export const foreignInput = (
  foreign: Log,
  { log: own, events, documents }: OwnStores,
  outbox: ReadonlySet<string>,
): Log => {
  const holderOf = (topic: string): Log => (outbox.has(topic) ? own : foreign);
  return {
    // Ours must know the foreign topics as they are, to keep offsets of their partitions.
    ensureTopics: async (topics: readonly TopicSpec[]) => {
      await foreign.ensureTopics(topics);
      const known = topics.map(async (topic) =>
        outbox.has(topic.name) ? topic : { ...topic, partitions: (await foreign.partitions(topic.name)).length },
      );
      await own.ensureTopics(await Promise.all(known));
    },
    append: async (appends) => {
      for (const log of [own, foreign]) {
        const held = appends.filter(({ topic }) => holderOf(topic) === log);
        if (held.length > 0) await log.append(held);
      }
    },
    read: (at, from, maxRecords) => holderOf(at.topic).read(at, from, maxRecords),
    partitions: (topic) => holderOf(topic).partitions(topic),
    committed: (group, at) => own.committed(group, at),
    consume: (consumption): RunningConsumption => {
      if (consumption.topics.every((topic) => outbox.has(topic))) return own.consume(consumption);
      if (consumption.topics.some((topic) => outbox.has(topic)))
        throw new TypeError(`group ${consumption.group} cannot read from two logs`);
      const { group, startAt } = consumption;
      return foreign.consume({
        ...consumption,
        startAt: async (at) => {
          await requireLogOf(events, foreign, at);
          const next = (await startAt?.(at)) ?? (await own.committed(group, at));
          if (at.topic === COMMAND_TOPIC && next !== undefined) await requireCommandsOf(documents, foreign, at, next);
          return next ?? (await foreign.partitions(at.topic))[at.partition]?.begin;
        },
      });
    },
    truncate: (at, before) => holderOf(at.topic).truncate(at, before),
  };
};
