import { type JsonObject } from '../channel/model.js';
import { type BrokenLine } from './lines.js';

/** Takes what a reader makes out of lines, in the order of the file. */
export interface RecordSink {
  record(values: readonly string[] | JsonObject, line: number, raw: string): void;
  broken(bytes: Uint8Array, line: number, reason: string): void;
}

/** Makes records out of lines. Blank lines are none. */
export interface RecordReader {
  /** How many fields a record has; `null` until the header has said so. */
  columns: number | null;
  line(text: string, line: number): void;
  /** A line that is no text. It spoils its record, which may be more than the line. */
  unreadable(given: BrokenLine, line: number): void;
  end(): void;
  /** The file breaks off: an open record is not taken apart to see whether its lines are records, for nobody can know. */
  abandon(reason: string): void;
}
