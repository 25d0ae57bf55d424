/**
 * How the records of a topic look in Kafka, where programs of others read them. Our log knows values only, so what a
 * binding says in headers is part of the value on our side.
 */
export interface RecordBinding {
  /** As it is sent; `undefined`: as it is, without headers. */
  bind(value: Uint8Array): BoundRecord | undefined;
  /** The value that was bound. Not asked of a record without headers, which was sent before there was a binding. */
  unbind(value: Uint8Array, headers: RecordHeaders): Uint8Array;
}

export interface BoundRecord {
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** As the client decodes them: bytes, or several for one name. */
export type RecordHeaders = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;

/** Of topics, by the names that the platform has for them. */
export type RecordBindings = ReadonlyMap<string, RecordBinding>;
