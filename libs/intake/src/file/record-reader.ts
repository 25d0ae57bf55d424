import { type JsonObject, type SourceFormat } from '../channel/model.js';
import { CsvReader } from './csv.js';
import { type BrokenLine, reasonOf } from './lines.js';

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

export const recordReader = (format: SourceFormat, sink: RecordSink): RecordReader => {
  switch (format.kind) {
    case 'csv':
      return new CsvReader(format.delimiter, format.quote, format.header ? null : format.columns.length, sink);
    case 'whitespace':
      return new WhitespaceReader(format.header ? null : format.columns.length, sink);
    case 'ndjson':
      return ndjsonReader(sink);
  }
};

class WhitespaceReader implements RecordReader {
  constructor(
    public columns: number | null,
    private readonly sink: RecordSink,
  ) {}

  line(text: string, line: number): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const values = trimmed.split(/\s+/);
    if (this.columns === null || values.length === this.columns) this.sink.record(values, line, text);
    else this.sink.broken(Buffer.from(text), line, `the row has ${values.length} fields, ${this.columns} are expected`);
  }

  unreadable(given: BrokenLine, line: number): void {
    this.sink.broken(given.bytes, line, reasonOf(given));
  }

  end(): void {}
  abandon(): void {}
}

/** What the JSON parser can read, its writer cannot always write again: from some thousands deep it fails. */
const deepest = 1000;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

const ndjsonReader = (sink: RecordSink): RecordReader => ({
  columns: null,
  line: (text, line) => {
    if (text.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return sink.broken(Buffer.from(text), line, 'the line is not valid JSON');
    }
    if (text.length > 2 * deepest && isDeeperThan(deepest, value))
      return sink.broken(Buffer.from(text), line, `the line is JSON nested more than ${deepest} deep`);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      sink.record(value as JsonObject, line, text);
    else sink.broken(Buffer.from(text), line, 'the line is JSON, but not an object');
  },
  unreadable: (given, line) => sink.broken(given.bytes, line, reasonOf(given)),
  end: () => {},
  abandon: () => {},
});
