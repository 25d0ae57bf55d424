/**
 * Keys of subjects, outside the event store's file. Deleting a subject's keys makes all that was sealed with them
 * unreadable, wherever copies of it lie.
 */
export interface SubjectKey {
  /** 16 hex digits; stands in the metadata of what it sealed. */
  readonly keyId: string;
  /** 32 bytes, AES-256. */
  readonly key: Uint8Array;
}

export interface KeyVault {
  /** The current key of each subject, made durable before this resolves where there was none. */
  keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** Keys by id; a deleted one is absent. */
  keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Deletes every key of these subjects, for good; the next `keysFor` makes new ones. Answers how many were deleted. */
  destroy(subjects: readonly string[]): Promise<number>;
}
