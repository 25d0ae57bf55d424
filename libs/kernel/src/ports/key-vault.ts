/**
 * 32 bytes for AES-256: in the open, or in the hands of the platform's cryptography (Node's `KeyObject`), which no log line
 * and no JSON text can show, and from which a cipher is made at once.
 */
export type SecretKey = Uint8Array | { readonly type: string; export(): Uint8Array };

/**
 * Keys of subjects, outside the event store's file. Deleting a subject's keys makes all that was sealed with them
 * unreadable, wherever copies of it lie.
 */
export interface SubjectKey {
  /** 16 hex digits; stands in the metadata of what it sealed. */
  readonly keyId: string;
  readonly key: SecretKey;
}

export interface KeyVault {
  /** The current key of each subject, made durable before this resolves where there was none. */
  keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** Keys by id; a deleted one is absent. */
  keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, SecretKey>>;
  /** Ids of the keys that these subjects have by now; who has none is left out. */
  idsOf(subjects: readonly string[]): Promise<readonly string[]>;
  /**
   * Deletes these keys, for good; the next `keysFor` makes new ones. By id, so that whoever is late with it takes nothing
   * that was sealed since. Answers how many were there.
   */
  destroy(keyIds: readonly string[]): Promise<number>;
  /**
   * Up to which position of the event store it was last said that keys are here, and gone, as the events want it. A vault that
   * was set back to an older state says less than whoever marked it knows. Absent: of a new one, or one that nobody marked yet.
   */
  markedTo(): Promise<number | undefined>;
  /**
   * Moves that on, durably and never back, if it stands at `from` or behind that; -1: wherever it stands. `false`: it stands
   * before, and is left as it is.
   */
  markTo(position: number, from: number): Promise<boolean>;
}
