/** What passes between the thread that holds chDB and one that streams an answer. */
export interface StreamStart {
  readonly path: string;
}

export interface StreamQuestion {
  /** Said on its connection before. */
  readonly prelude: readonly string[];
  readonly sql: string;
  readonly format: string;
}

/** Each is answered, once. */
export type ToStream =
  | { readonly type: 'begin'; readonly question: StreamQuestion }
  | { readonly type: 'next' }
  /** Ends the answer, wherever it is. */
  | { readonly type: 'leave' }
  | { readonly type: 'end' };

export type FromStream =
  | { readonly type: 'part'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string };
