import {
  EngineError,
  messageOf,
  StoreFull,
  WrongExpectedRevision,
  type DocumentKind,
  type TopicSpec,
} from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { type OpenKey } from './key-table.js';
import { remedyFor, SQLITE_BUSY, SQLITE_FULL, sqliteCode } from './sqlite-failure.js';

/** What passes between a client thread and the writer thread. */
export type ToWriter =
  | { readonly type: 'write'; readonly id: number; readonly frame: Uint8Array; readonly independent: boolean }
  | { readonly type: 'call'; readonly id: number; readonly call: WriterCall }
  | { readonly type: 'forgotten'; readonly token: number }
  | { readonly type: 'released'; readonly member: string; readonly partition: number };

export type WriterCall =
  | { readonly name: 'ensureTopics'; readonly topics: readonly TopicSpec[] }
  | { readonly name: 'truncate'; readonly partition: number; readonly before: number }
  | { readonly name: 'expire'; readonly now_ms: number }
  | { readonly name: 'replace'; readonly frame: Uint8Array }
  | { readonly name: 'clear'; readonly kind: DocumentKind }
  | { readonly name: 'scrub' }
  | { readonly name: 'ensureKeys'; readonly subjects: readonly string[] }
  | { readonly name: 'destroyKeys'; readonly keyIds: readonly string[] }
  | { readonly name: 'keysMarkedTo' }
  | { readonly name: 'markKeys'; readonly position: number; readonly from: number }
  | { readonly name: 'join'; readonly group: string; readonly member: string; readonly partitions: readonly number[] }
  | { readonly name: 'leave'; readonly member: string }
  | { readonly name: 'stats' }
  | { readonly name: 'rest' }
  | { readonly name: 'shutdown' };

export interface WriterAnswers {
  ensureTopics: void;
  truncate: void;
  expire: number;
  replace: void;
  clear: void;
  scrub: void;
  ensureKeys: readonly OpenKey[];
  destroyKeys: number;
  keysMarkedTo: number | undefined;
  markKeys: boolean;
  join: void;
  leave: void;
  stats: WriterStats;
  rest: void;
  shutdown: void;
}

export interface WriterStats {
  /** Transactions, and the writes that they gathered. */
  readonly groups: number;
  readonly writes: number;
  /** Time spent in transactions, in checkpoints and waiting for the disk. */
  readonly busy_ms: number;
  readonly queued: number;
  readonly head: number;
}

export type FromWriter =
  | { readonly type: 'hello'; readonly masterKey: Uint8Array }
  | {
      readonly type: 'committed';
      readonly done: readonly number[];
      readonly refused: readonly (readonly [id: number, failure: Failure])[];
      /** Partition, next offset, partition, next offset … */
      readonly ends: readonly number[];
      readonly head: number;
    }
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly failure?: Failure }
  | { readonly type: 'forget'; readonly token: number; readonly subjects: readonly string[] }
  | { readonly type: 'granted' | 'revoked'; readonly member: string; readonly partition: number };

export type Failure =
  | { readonly type: 'revision'; readonly stream: string; readonly expected: number; readonly actual: number }
  | { readonly type: 'full'; readonly message: string }
  | { readonly type: 'engine'; readonly failure: 'retriable' | 'unknown' | 'fatal'; readonly message: string };

/** Errors lose their class between threads; this is what is kept of them. */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof WrongExpectedRevision)
    return { type: 'revision', stream: error.stream, expected: error.expected, actual: error.actual };
  const message = messageOf(error);
  if (sqliteCode(error) === SQLITE_FULL) return { type: 'full', message };
  if (sqliteCode(error) === SQLITE_BUSY) return { type: 'engine', failure: 'retriable', message };
  if (error instanceof EngineError) return { type: 'engine', failure: error.failure, message };
  const remedy = remedyFor(error);
  if (remedy !== undefined) return { type: 'engine', failure: 'fatal', message: `${message}; ${remedy}` };
  return { type: 'engine', failure: 'fatal', message: error instanceof Error ? (error.stack ?? message) : message };
};

export const fromFailure = (failure: Failure): Error => {
  switch (failure.type) {
    case 'revision':
      return new WrongExpectedRevision(failure.stream, failure.expected, failure.actual);
    case 'full':
      return new StoreFull(ENGINE, failure.message);
    case 'engine':
      return new EngineError(ENGINE, failure.failure, failure.message);
  }
};
