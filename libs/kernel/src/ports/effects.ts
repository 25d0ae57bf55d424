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

/**
 * Effects said one by one, as they are planned, so that an engine may bring each into its own form at once: nothing of a
 * large batch need wait as objects. Nothing is durable before `commit`; a draft that is never committed never was.
 */
export interface EffectsDraft {
  append(append: Append): void;
  /**
   * As `append`, where the engine seals the data of each event itself, with the key that the vault has or makes for `owner`,
   * and says in the event's metadata which (`keyId`). Absent: whoever appends has sealed before.
   */
  readonly appendUnsealed?: (append: Append, owner: string) => void;
  see(mark: SeenMark): void;
  send(append: LogAppend): void;
  /**
   * Says the rest, and makes all of it durable. Called once. Documents are asked for one by one, all of them before the call
   * returns its promise: afterwards what they are made of may change.
   */
  commit(rest: EffectsRest): Promise<void>;
}

/** A document as a draft is told of it: bytes are its text in UTF-8, and change when the next one is asked for. */
export type DocumentSaid = Omit<DocumentWrite, 'body'> & { readonly body: string | Uint8Array | null };

const utf8 = new TextDecoder();

/** The same with a text of its own, to be kept. */
export const asText = ({ body, ...document }: DocumentSaid): DocumentWrite => ({
  ...document,
  body: body instanceof Uint8Array ? utf8.decode(body) : body,
});

export type EffectsRest = Pick<Effects, 'expectedHead' | 'offsets'> & { readonly documents: Iterable<DocumentSaid> };

export interface EffectSink {
  commit(effects: Effects): Promise<void>;
  /**
   * @param topics those that the draft will send to, or name in marks of what was seen, or in offsets; they exist
   * @param records of how many records it will be made, about: for whoever makes room beforehand
   */
  begin(topics: Iterable<string>, records?: number): Promise<EffectsDraft>;
}

export const noEffects: Effects = { appends: [], documents: [], seen: [], outgoing: [], offsets: [] };
