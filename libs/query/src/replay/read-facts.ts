import { setImmediate } from 'node:timers/promises';
import { type EventStore, type KeyVault, type RecordedEvent, type SecretKey, type SubjectId } from '@tributary/kernel';
import { behaviourSummed, type Catalogue, decodeBehaviourSum, unseal } from '@tributary/contracts';
import { subjectStream } from '@tributary/domain';
import { type Fact, withoutErased } from './facts.js';

export interface FactSources {
  readonly events: EventStore;
  readonly vault: KeyVault;
  readonly catalogue: Catalogue;
}

/** What can still be read of one subject. */
export interface SubjectFacts {
  readonly subject: SubjectId;
  /** Oldest first in the order of the stream. */
  readonly facts: readonly Fact[];
  /** Position of its last erasure; -1: never erased. Everything before it is gone, whatever keys are left. */
  readonly erasedAt: number;
}

/** Streams that are read at once; a customer seldom has more than a handful. */
const STREAMS_AT_ONCE = 500;

/**
 * The facts of subjects, unsealed and decoded, in the order of `subjects`. What was sealed with a deleted key says
 * nothing any more and is left out, and so is what they say of others among `subjects` that were erased since. Throws
 * where bytes that have their key cannot be read: that is damage, not erasure.
 */
export const readFacts = async (
  sources: FactSources,
  subjects: readonly SubjectId[],
): Promise<readonly SubjectFacts[]> => {
  const read: SubjectFacts[] = [];
  for (let from = 0; from < subjects.length; from += STREAMS_AT_ONCE) {
    const chunk = subjects.slice(from, from + STREAMS_AT_ONCE);
    const streams = await sources.events.readStreams(chunk.map(subjectStream));
    const keyIds = new Set<string>();
    for (const events of streams.values())
      for (const { metadata } of events) if (metadata.keyId) keyIds.add(metadata.keyId);
    const keys = keyIds.size === 0 ? new Map<string, SecretKey>() : await sources.vault.keysById([...keyIds]);
    for (const subject of chunk)
      read.push(await factsOf(subject, streams.get(subjectStream(subject)) ?? [], keys, sources.catalogue));
  }
  const erasedAt = erasuresOf(read);
  if (erasedAt.size === 0) return read;
  return read.map((each) => ({ ...each, facts: each.facts.map((fact) => withoutErased(fact, erasedAt)) }));
};

/** Of those among the subjects that were erased, the position of the last erasure. */
export const erasuresOf = (subjects: readonly SubjectFacts[]): ReadonlyMap<SubjectId, number> =>
  new Map(subjects.filter(({ erasedAt }) => erasedAt >= 0).map(({ subject, erasedAt }) => [subject, erasedAt]));

/** Events between two breaths: one customer may have tens of thousands, and whoever else reads must not wait for all of them. */
const EVENTS_AT_ONCE = 256;

const factsOf = async (
  subject: SubjectId,
  events: readonly RecordedEvent[],
  keys: ReadonlyMap<string, SecretKey>,
  catalogue: Catalogue,
): Promise<SubjectFacts> => {
  let facts: Fact[] = [];
  let erasedAt = -1;
  for (const [i, event] of events.entries()) {
    if (i % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1) await setImmediate();
    if (event.type === 'SubjectErased') {
      facts = [];
      erasedAt = event.position;
      continue;
    }
    const clear = inClear(event, keys);
    if (!clear) continue;
    if (event.type === behaviourSummed)
      facts.push({ kind: 'behaviour', subject, event, sum: decodeBehaviourSum(clear) });
    else facts.push({ kind: 'fact', subject, event, touchpoint: catalogue.decode(clear) });
  }
  return { subject, facts, erasedAt };
};

const inClear = ({ data, metadata }: RecordedEvent, keys: ReadonlyMap<string, SecretKey>): Uint8Array | undefined => {
  if (metadata.keyId === undefined) return data;
  const key = keys.get(metadata.keyId);
  return key && unseal(key, data);
};
