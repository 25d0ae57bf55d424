export type UndecodableReason =
  'empty' | 'bad_magic' | 'unknown_schema_id' | 'not_a_touchpoint' | 'truncated' | 'trailing_bytes' | 'malformed';

/** Bytes that are no message of the catalogue. Retrying cannot help: they belong in quarantine. Holds no data of theirs. */
export class Undecodable extends Error {
  constructor(
    readonly reason: UndecodableReason,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'Undecodable';
  }
}
