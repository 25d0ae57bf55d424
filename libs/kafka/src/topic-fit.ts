import { type TopicSpec } from '@tributary/kernel';
import { MAX_BATCH_BYTES } from './produce-queue.js';

/** What a topic's records hang on. */
export const relevantConfig = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'] as const;

const FOR_EVER = '-1';
/** Of a batch of ours, with what stands around it: Kafka limits batches by the name of messages. Its default is 1,048,588. */
const LEAST_LIMIT_BYTES = MAX_BATCH_BYTES + 1_024;

/**
 * Why a topic that is there already will not do, and what to do about it; `null` if it will. Where one partition is asked for,
 * the order over all of it counts, and others are never looked at; more are a matter of capacity, and may be another number.
 * What is not known of its configuration is taken to be well.
 */
export const mismatchOf = (
  { partitions, retention_ms, compacted = false }: TopicSpec,
  count: number,
  config: ReadonlyMap<string, string>,
): string | null => {
  if (partitions === 1 && count > 1)
    return `has ${count} partitions and must have one: what is in the others would never be read. Delete it while nothing of value is in it, and it is made anew`;
  if (Number(config.get('max.message.bytes') ?? Infinity) < LEAST_LIMIT_BYTES)
    return `takes batches of ${config.get('max.message.bytes')} bytes at most, and would refuse ours under load: set max.message.bytes=1048588`;
  const policy = (config.get('cleanup.policy') ?? 'delete').split(',');
  if (!compacted && policy.includes('compact'))
    return 'is compacted, which drops records of the same key: set cleanup.policy=delete';
  const limits = (['retention.ms', 'retention.bytes'] as const).filter(
    (name) => (config.get(name) ?? FOR_EVER) !== FOR_EVER,
  );
  if (retention_ms === undefined && policy.includes('delete') && limits.length > 0)
    return `drops its records after a while and must keep them for ever: set ${limits.map((name) => `${name}=${FOR_EVER}`).join(' and ')}`;
  return null;
};
