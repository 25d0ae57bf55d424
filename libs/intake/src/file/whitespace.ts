import { type BrokenLine, reasonOf } from './lines.js';
import { type RecordReader, type RecordSink } from './record-reader.js';

/** A record a line; any white space between its fields, none within. */
export class WhitespaceReader implements RecordReader {
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
