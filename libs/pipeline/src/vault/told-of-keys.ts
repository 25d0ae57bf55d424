import { decodeDecision } from '@tributary/contracts';
import { SUBJECT_STREAMS } from '@tributary/domain';
import { type EventStore, type RecordedEvent } from '@tributary/kernel';
import { type Unreadable } from './unreadable.js';

const STREAMS_AT_ONCE = 200;

/** What a subject's stream tells of keys. */
export interface Told {
  /** Position of its last erasure; -1: it has none. */
  readonly erasedAt: number;
  /** By which it was erased. */
  readonly commandIds: readonly string[];
  /** By key the position of the first event that it sealed. */
  readonly sealedFrom: ReadonlyMap<string, number>;
}

/** By stream, of those that the keys are of. What nobody is named in is no subject's, and nobody erases it. */
export const toldOfKeys = async (
  events: EventStore,
  unreadable: readonly Unreadable[],
): Promise<ReadonlyMap<string, Told>> => {
  const told = new Map<string, Told>();
  const keyIds = new Set(unreadable.map(({ keyId }) => keyId));
  const streams = [...new Set(unreadable.map(({ stream }) => stream))].filter((s) => s.startsWith(SUBJECT_STREAMS));
  for (let from = 0; from < streams.length; from += STREAMS_AT_ONCE)
    for (const [stream, all] of await events.readStreams(streams.slice(from, from + STREAMS_AT_ONCE)))
      told.set(stream, toldIn(all, keyIds));
  return told;
};

const toldIn = (events: readonly RecordedEvent[], keyIds: ReadonlySet<string>): Told => {
  let erasedAt = -1;
  const commandIds: string[] = [];
  const sealedFrom = new Map<string, number>();
  for (const { type, data, position, metadata } of events) {
    const { keyId } = metadata;
    if (keyId !== undefined && keyIds.has(keyId) && !sealedFrom.has(keyId)) sealedFrom.set(keyId, position);
    const erased = type === 'SubjectErased' ? decodeDecision(data) : undefined;
    if (erased?.type !== 'SubjectErased') continue;
    erasedAt = position;
    commandIds.push(erased.commandId);
  }
  return { erasedAt, commandIds, sealedFrom };
};
