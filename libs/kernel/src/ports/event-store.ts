/**
 * The event store: streams of events with optimistic expected revisions, and one global order of all.
 * EventStoreDB is the measure. Revisions are contiguous from 0 within a stream. Positions rise and may have gaps.
 */
export interface NewEvent {
  /** Deterministic (a UUID from the touchpoint's id or the log range that a sum covers), so that a retry is recognised. */
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: EventMetadata;
}

/** Where an event came from, and when the platform first knew what it says. JSON on the wire; never personal data. */
export interface EventMetadata {
  /** Source in the log: `topic/partition/offset`, the last one that this event covers. Absent on decisions by time. */
  readonly source?: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** When the platform accepted what the event says (`receivedAt` of the touchpoint, or the time of the decision). */
  readonly recordedAt: number;
  /** Key with which `data` is sealed; absent: `data` is plain (decisions: no personal data). */
  readonly keyId?: string;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

export interface Append {
  readonly stream: string;
  /** Revision of the stream's last event, or -1 if there must be none. */
  readonly expectedRevision: number;
  readonly events: readonly NewEvent[];
}

export interface EventStore {
  /**
   * Each append is atomic on its own, all are in flight together (bounded). Rejects with `WrongExpectedRevision` when
   * a stream has moved, unless the very same events (by id) are already there, which counts as done.
   */
  append(appends: readonly Append[]): Promise<void>;
  /** Events of one stream from `fromRevision` on, oldest first; empty if there are none. */
  readStream(stream: string, fromRevision: number, maxEvents: number): Promise<readonly RecordedEvent[]>;
  /** Events of many streams at once, each whole and oldest first (the caller bounds the number of streams). */
  readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>>;
  /** All events after `position` (exclusive; -1: from the beginning), in global order, optionally of streams with a prefix. */
  readAll(after: number, maxEvents: number, streamPrefix?: string): Promise<readonly RecordedEvent[]>;
  /** Position of the newest event; -1 if there is none. */
  head(): Promise<number>;
}
