/** What passes between the warehouse and the thread that holds chDB. */
export const ENGINE = 'chdb';

export interface ThreadData {
  /** Shared; becomes 1 when chDB is closed. */
  readonly closed: Int32Array<SharedArrayBuffer>;
}

export interface OpenRequest {
  readonly type: 'open';
  /** Absolute. */
  readonly path: string;
  /** Statements of the platform that may run at once, beside the loader's. */
  readonly readers: number;
  /** Statements of analysts that may run at once. */
  readonly analysts: number;
  readonly memory_bytes: number;
  readonly heldAfter_ms: number;
}

/** Where a question of an analyst comes from. */
export interface Origin {
  /** The name that it was given. */
  readonly queryId: string;
  /** Who asked, as the operator names him (the id of a key); `undefined`: somebody on this machine, say. */
  readonly asker: string | undefined;
}

/** A question that does not end. */
export type HeldQuestion = Origin;

export interface Statement {
  readonly sql: string;
  readonly format: string;
  readonly settings: Readonly<Record<string, string | number>>;
  /** Values of `{name:Type}` placeholders, in ClickHouse's escaped text form. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Insertion {
  readonly table: string;
  readonly columns: readonly string[];
  /** Names and types of the columns, as the engine reads the bytes. */
  readonly structure: string;
  readonly bytes: Uint8Array;
}

export interface Question extends Statement {
  /** Absent: what the door itself says to an order of theirs. */
  readonly origin?: Origin;
  /** Whether the blocks are sent as they come; only of a SELECT, in a format whose blocks need nothing around them. */
  readonly streamable: boolean;
}

export interface AnswerPart {
  readonly bytes: Uint8Array;
  /** How many rows the answer has, where this is all of it. */
  readonly rows?: number;
}

export interface Classified {
  /** The engine's parser understands it. */
  readonly parsed: boolean;
  readonly statements: number;
  /** The engine's parser says that it changes nothing, anywhere. */
  readonly readOnly: boolean;
}

export type Call =
  | { readonly name: 'command'; readonly statement: Statement }
  | { readonly name: 'insert'; readonly insertion: Insertion }
  | { readonly name: 'read'; readonly statement: Statement }
  | { readonly name: 'classify'; readonly sql: string };

export interface Answers {
  readonly command: undefined;
  readonly insert: undefined;
  readonly read: Uint8Array;
  readonly classify: Classified;
}

export type ToThread =
  | OpenRequest
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  /** Answered by chunks, each of which the asker acknowledges with a credit; a short run of them may be under way. */
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | { readonly type: 'credit'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'opened'; readonly version: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly type: 'chunk'; readonly id: number; readonly part: AnswerPart }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  /** All questions that do not end now, and how many can be answered beside them. */
  | { readonly type: 'held'; readonly held: readonly HeldQuestion[]; readonly placesLeft: number }
  /** So many questions do not end: chDB cannot be closed, nor the thread that holds it ended. */
  | { readonly type: 'unclosed'; readonly questions: number }
  /** A bug: it answers nothing more, and can be closed. */
  | { readonly type: 'broken'; readonly message: string }
  | { readonly type: 'closed' };

export const CHUNKS_UNDER_WAY = 4;
