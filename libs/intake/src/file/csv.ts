import { type BrokenLine, type Line, longestLine_bytes, reasonOf } from './lines.js';
import { type RecordReader, type RecordSink } from './record-reader.js';

/** A quoted field may run over so many lines; an opening quote that is never closed is given up behind them. */
const mostLines = 1000;

/**
 * CSV (RFC 4180, any delimiter; a quote within an unquoted field is a plain character) with recovery: where a record
 * that spans several lines turns out broken, only its first line is given up and reading starts again at the second.
 * So a stray quote costs its own line and not the rest of the file. A line that is no text breaks the whole record that
 * it belongs to: without it, the record would say something else.
 */
export class CsvReader implements RecordReader {
  private pending: Line[] = [];
  private pending_chars = 0;
  private firstLine = 0;
  private fields: string[] = [];
  /** The part of a quoted field that earlier lines held; `null`: not within quotes. */
  private open: string | null = null;

  constructor(
    private readonly delimiter: string,
    private readonly quote: string | null,
    public columns: number | null,
    private readonly sink: RecordSink,
  ) {}

  line(text: string, line: number): void {
    if (this.open === null) {
      if (this.quote === null || !text.includes(this.quote)) return this.plain(text, line);
      this.firstLine = line;
    }
    this.pending.push(text);
    this.pending_chars += text.length;
    this.after(this.feed(text));
  }

  unreadable(given: BrokenLine, line: number): void {
    if (this.quote === null) return this.sink.broken(given.bytes, line, reasonOf(given));
    if (this.open === null) this.firstLine = line;
    this.pending.push(given);
    this.pending_chars += given.bytes.length;
    // Byte by byte: in every encoding that is read here, a quote's byte is part of no other character.
    const outcome = this.feed(Buffer.from(given.bytes).toString('latin1'));
    this.after(outcome !== 'malformed' && given.quotesLost % 2 === 1 ? this.turned() : outcome);
  }

  /** Behind an odd number of quotes that were not kept, an open field is closed and a closed one open. */
  private turned(): 'done' | 'more' {
    const wasOpen = this.open !== null;
    this.open = wasOpen ? null : '';
    return wasOpen ? 'done' : 'more';
  }

  private after(outcome: 'done' | 'more' | 'malformed'): void {
    if (outcome === 'done') this.finish();
    else if (outcome === 'malformed') this.giveUp('a closing quote is followed by text');
    else if (this.pending.length >= mostLines || this.pending_chars > longestLine_bytes)
      this.giveUp('a quote opened on this line is not closed');
  }

  end(): void {
    while (this.open !== null) this.giveUp('a quote opened on this line is not closed');
  }

  abandon(reason: string): void {
    const { pending, firstLine } = this;
    this.reset();
    if (pending.length > 0) this.sink.broken(bytesOf(pending), firstLine, reason);
  }

  private plain(text: string, line: number): void {
    const bare = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (bare.trim() === '' && this.columns !== 1) return;
    const values = bare.split(this.delimiter);
    if (this.columns === null || values.length === this.columns) this.sink.record(values, line, text);
    else this.sink.broken(Buffer.from(text), line, this.wrongCount(values.length));
  }

  private finish(): void {
    const { fields, pending, firstLine } = this;
    const broken = pending.find((line) => typeof line !== 'string');
    // Of what is no text nobody knows how many fields it has: it is one broken record.
    if (!broken && this.columns !== null && fields.length !== this.columns)
      return this.giveUp(this.wrongCount(fields.length));
    this.reset();
    if (!broken) return this.sink.record(fields, firstLine, pending.join('\n'));
    const reason = pending.length === 1 ? reasonOf(broken) : `a line of the record ${broken.fault}`;
    this.sink.broken(bytesOf(pending), firstLine, reason);
  }

  private giveUp(reason: string): void {
    const [first = '', ...rest] = this.pending;
    const line = this.firstLine;
    this.reset();
    if (typeof first === 'string') this.sink.broken(Buffer.from(first), line, reason);
    else this.sink.broken(first.bytes, line, reasonOf(first));
    rest.forEach((next, i) =>
      typeof next === 'string' ? this.line(next, line + 1 + i) : this.unreadable(next, line + 1 + i),
    );
  }

  private reset(): void {
    this.pending = [];
    this.pending_chars = 0;
    this.fields = [];
    this.open = null;
  }

  private wrongCount(found: number): string {
    return `the row has ${found} fields, ${this.columns} are expected`;
  }

  private feed(text: string): 'done' | 'more' | 'malformed' {
    const { delimiter, quote } = this;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    let pos = 0;
    for (;;) {
      if (this.open !== null) {
        const closing = text.indexOf(quote as string, pos);
        if (closing < 0) {
          this.open += `${text.slice(pos)}\n`;
          return 'more';
        }
        this.open += text.slice(pos, closing);
        pos = closing + 1;
        if (text[pos] === quote) {
          this.open += quote as string;
          pos++;
          continue;
        }
        this.fields.push(this.open);
        this.open = null;
        if (pos >= end) return 'done';
        if (text[pos] !== delimiter) return 'malformed';
        pos++;
        if (pos >= end) {
          this.fields.push('');
          return 'done';
        }
      }
      if (text[pos] === quote) {
        this.open = '';
        pos++;
        continue;
      }
      const next = text.indexOf(delimiter, pos);
      if (next < 0 || next >= end) {
        this.fields.push(text.slice(pos, end));
        return 'done';
      }
      this.fields.push(text.slice(pos, next));
      pos = next + 1;
      if (pos >= end) {
        this.fields.push('');
        return 'done';
      }
    }
  }
}

const lineFeed = Buffer.from('\n');

/** Lines of text in UTF-8, as all rejects are; those that are none as they came. */
const bytesOf = (lines: readonly Line[]): Uint8Array =>
  Buffer.concat(
    lines.flatMap((line, i) => [
      ...(i === 0 ? [] : [lineFeed]),
      typeof line === 'string' ? Buffer.from(line) : line.bytes,
    ]),
  );
