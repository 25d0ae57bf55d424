import { type EventMetadata, type RecordedEvent } from '@tributary/kernel';
import { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { failure } from './failures.js';

type WireRecord = NonNullable<ReturnType<ReadResp.ReadEvent['getEvent']>>;

const TICKS_PER_MS = 10_000;
const text = new TextDecoder();

/**
 * Byte offset in the server's log. All that is written through gRPC has commit = prepare = the event's own offset, also
 * each event of one append. They differ only in explicit transactions, which the old TCP clients could write: two of
 * those events may share a commit position, so that no one number could be resumed from. Neither they nor an offset
 * beyond 2^53 (8 PiB of log) can be passed over in silence.
 */
export const positionOf = (commit: string, prepare: string): number => {
  const position = Number(commit);
  if (commit === '18446744073709551615')
    throw failure('fatal', 'the server does not tell positions in streams: version 22.10 or newer is needed');
  if (!Number.isSafeInteger(position)) throw failure('fatal', `position ${commit} is beyond 2^53`);
  if (commit !== prepare)
    throw failure('fatal', `an event at ${commit}/${prepare} is of an explicit transaction; read with a stream prefix`);
  return position;
};

/** Ours always say when they were recorded; of others' events only the server knows. */
const metadataOf = (record: WireRecord): EventMetadata => {
  try {
    const parsed: unknown = JSON.parse(text.decode(record.getCustomMetadata_asU8()));
    if (typeof parsed === 'object' && parsed !== null && 'recordedAt' in parsed) return parsed as EventMetadata;
  } catch {
    // Not JSON: written by somebody else, to whom metadata may be anything.
  }
  return { recordedAt: Math.floor(Number(record.getMetadataMap().get('created') ?? 0) / TICKS_PER_MS) };
};

export const streamOf = (record: WireRecord): string => text.decode(record.getStreamIdentifier()!.getStreamName_asU8());

/** System events: those of `$` streams, and links, metadata and tombstones, whose types begin so. */
export const isOwn = (record: WireRecord): boolean =>
  !record.getMetadataMap().get('type')!.startsWith('$') && !streamOf(record).startsWith('$');

export const recordOf = (answer: ReadResp): WireRecord | undefined => answer.getEvent()?.getEvent();

export const positionOfRecord = (record: WireRecord): number =>
  positionOf(record.getCommitPosition(), record.getPreparePosition());

export const recordedEvent = (record: WireRecord): RecordedEvent => ({
  id: record.getId()!.getString(),
  type: record.getMetadataMap().get('type')!,
  data: record.getData_asU8(),
  metadata: metadataOf(record),
  stream: streamOf(record),
  revision: Number(record.getStreamRevision()),
  position: positionOfRecord(record),
});
