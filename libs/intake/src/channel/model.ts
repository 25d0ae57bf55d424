import { type Instant } from '@tributary/kernel';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * What a channel hands to the door: a touchpoint in the producer's words, not yet validated or normalised.
 * Amounts are exact decimal text ("12.34"), instants milliseconds since epoch (or ISO text with an offset).
 */
export interface NativeEnvelope {
  readonly type: string;
  readonly messageId: string;
  readonly occurredAt: Instant | string;
  readonly identifiers: readonly { readonly type: string; readonly value: string }[];
  readonly payload: JsonObject;
}

/** One record of a file as it was read: a list of cells in the order of the source's columns, or one JSON object. */
export interface Row {
  readonly values: readonly string[] | JsonObject;
  /** From 1, headers and blank lines left out, broken rows counted. */
  readonly row: number;
  /** From 1: the physical line on which it begins. */
  readonly line: number;
  /** As it stood in the file, decoded. */
  readonly raw: string;
}

/** The columns that a field of a touchpoint was made of; none where the mapping does not say so for certain. */
export type ColumnsOf = (field: string, envelope: NativeEnvelope) => readonly string[];

export interface MappedItem {
  readonly envelope: NativeEnvelope;
  /** How many rows of the file this touchpoint accounts for; 0 where a sibling already does. */
  readonly rows: number;
  /** The first row that it was made of. */
  readonly row: number;
  /** Of which columns a field is; absent: the row was the touchpoint. */
  readonly columnsOf?: ColumnsOf;
}

/** Rows that could not be understood, with their bytes: for the quarantine. The reason names columns, never values. */
export interface Reject {
  readonly row: number;
  readonly line: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
  readonly reason: string;
}

/** What became of some rows: each of them is in exactly one of the three. */
export interface Mapped {
  readonly items: readonly MappedItem[];
  readonly rejects: readonly Reject[];
  /** Rows that the channel file leaves out on purpose, by its reason. */
  readonly ignored: readonly { readonly reason: string; readonly rows: number }[];
}

export interface SourceFormat {
  readonly kind: 'csv' | 'whitespace' | 'ndjson';
  /** Empty for ndjson. */
  readonly columns: readonly string[];
  readonly header: boolean;
  /** So many lines stand above the header: the title of a report. */
  readonly skip: number;
  readonly delimiter: string;
  /** `null`: quotes mean nothing. */
  readonly quote: string | null;
  /** A label of the WHATWG Encoding Standard whose line feed is the byte 0x0A (`utf-8`, `gb18030`, `windows-1252` …). */
  readonly encoding: string;
}

export interface Grouping {
  /** Rows with the same key are one record. Throws MapFailure for a row in which a part of it is empty, or not exact. */
  readonly keyOf: (row: Row) => string;
  /** Puts the rows of a complete record in order; `null`: as they stand in the file. */
  readonly order: ((a: Row, b: Row) => number) | null;
  /** How many records may be open at once: a row of the same key joins as long as fewer than so many newer keys began. */
  readonly open: number;
  /** More rows than these in one record are refused. */
  readonly maxRows: number;
}

export interface ChannelSource {
  readonly name: string;
  /** File name patterns (`*` and `?`), without `.gz` or `.zip`. Empty: any file. */
  readonly files: readonly string[];
  readonly format: SourceFormat;
  readonly group: Grouping | null;
  /** Maps the rows of one record (one row where the source does not group). Never throws for what rows hold. */
  readonly map: (rows: readonly Row[], file: FileIdentity) => Mapped;
}

/** Tells one file from another by what it holds; `<$file>` in a channel file. */
export type FileIdentity = string;

export interface ChannelSample {
  readonly title: string;
  /** Chooses the source where a channel has several. */
  readonly file: string | null;
  readonly given: string;
  readonly then: readonly NativeEnvelope[];
  readonly ignored: Readonly<Record<string, number>>;
  /** A part of each expected reject's reason, in order. */
  readonly rejected: readonly string[];
}

export interface Channel {
  readonly name: string;
  /** Its file, as whoever read it named it. */
  readonly file: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly description: string;
  readonly sources: readonly ChannelSource[];
  readonly samples: readonly ChannelSample[];
}
