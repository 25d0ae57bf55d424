import { type Append } from './event-store.js';
import { type DocumentWrite, type SeenMark } from './documents.js';
import { type LogAppend, type TopicPartition } from './log.js';

/**
 * All that one batch does. The embedded engine commits it in one transaction. Distributed engines carry it out in the
 * order of these fields, each step idempotent (expected revision, version guard, first place wins), and the offset
 * last: a crash between two steps is repaired by doing the batch again.
 */
export interface Effects {
  /**
   * Embedded only, where one pipeline is the only writer: the position of the newest event before this batch. Its events
   * take the positions that follow, one by one, so that documents can carry them as versions in the same transaction.
   * Rejected with `WrongExpectedRevision` of stream `$all` if another writer came between.
   */
  readonly expectedHead?: number;
  readonly appends: readonly Append[];
  readonly documents: readonly DocumentWrite[];
  readonly seen: readonly SeenMark[];
  readonly outgoing: readonly LogAppend[];
  readonly offsets: readonly (TopicPartition & { readonly group: string; readonly next: number })[];
}

export interface EffectSink {
  commit(effects: Effects): Promise<void>;
}

export const noEffects: Effects = { appends: [], documents: [], seen: [], outgoing: [], offsets: [] };
