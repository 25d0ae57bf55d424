import { refuse } from '../channel/mapping.js';
import {
  type ChannelSource,
  type JsonObject,
  type Mapped,
  type MappedItem,
  type Reject,
  type Row,
} from '../channel/model.js';
import { Grouper } from './grouping.js';
import { type Line } from './lines.js';
import { readerOfFormat } from './reader-of-format.js';
import { type RecordReader } from './record-reader.js';
import { noHeader } from './no-header.js';
import { SourceMismatch } from './source-damaged.js';

export interface FileBatch {
  readonly items: readonly MappedItem[];
  readonly rejects: readonly Reject[];
  /** Rows that the channel file leaves out on purpose, by its reason. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Rows that this batch accounts for: those of `items`, `rejects` and `ignored` together. */
  readonly rows: number;
  /** How far the file has been read, of `bytesTotal`. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  /** Once this batch is durable, an import that stops may go on from here (`from`). */
  readonly resumeAt: number;
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const mayLackRows = 'the file breaks off before this record is surely complete';

/** Behind its last row a spreadsheet may export thousands of which every cell is empty. */
const isBlank = ({ values }: Row): boolean =>
  Array.isArray(values) && values.every((cell: string) => cell.trim() === '');
const blank: Mapped = { items: [], rejects: [], ignored: [{ reason: 'the row is empty', rows: 1 }] };

/** The state of reading one file: lines go in, what they came to is taken out. */
export class Reading {
  private readonly reader: RecordReader;
  private readonly grouper: Grouper | null;
  private items: MappedItem[] = [];
  private rejects: Reject[] = [];
  private ignored: Record<string, number> = {};
  accounted = 0;
  file = '';
  private lines = 0;
  private rows = 0;
  private headerDue: boolean;
  /** Where each of the source's columns stands in this file; `null`: in the same order. */
  private order: readonly number[] | null = null;

  constructor(
    private readonly path: string,
    readonly source: ChannelSource,
    private readonly from: number,
  ) {
    this.headerDue = source.format.header;
    this.reader = readerOfFormat(source.format, {
      record: (values, line, raw) => this.record(values, line, raw),
      broken: (bytes, line, reason) => this.broken(bytes, line, reason),
    });
    this.grouper =
      source.group &&
      new Grouper(source.group, {
        group: (rows) => this.map(rows),
        stray: (row, reason) => this.reject(refuse([row], reason)),
        keyless: (row, reason) => this.keyless(row, reason),
      });
  }

  line(line: Line): void {
    this.lines++;
    if (this.lines <= this.source.format.skip) return;
    if (typeof line === 'string') this.reader.line(line, this.lines);
    else this.reader.unreadable(line, this.lines);
  }

  end(): void {
    this.reader.end();
    this.grouper?.end();
    if (this.headerDue) throw new SourceMismatch(this.path, 'is empty: not even a header', 'Export it again.');
  }

  /** The file breaks off, maybe in the middle of a line: neither it nor an open record passes for complete. */
  cut(rest: Line | null): void {
    if (this.headerDue) return;
    this.reader.abandon(mayLackRows);
    if (rest !== null)
      this.broken(typeof rest === 'string' ? Buffer.from(rest) : rest.bytes, this.lines + 1, mayLackRows);
    this.grouper?.abandon(mayLackRows);
  }

  take(progress: { readonly bytesRead: () => number; readonly bytesTotal: number }): FileBatch {
    const { items, rejects, ignored, accounted } = this;
    [this.items, this.rejects, this.ignored, this.accounted] = [[], [], {}, 0];
    const firstOpen = this.grouper?.firstOpenRow ?? null;
    const resumeAt = Math.max(this.from, firstOpen === null ? this.rows : firstOpen - 1);
    return {
      items,
      rejects,
      ignored,
      rows: accounted,
      bytesRead: progress.bytesRead(),
      bytesTotal: progress.bytesTotal,
      resumeAt,
    };
  }

  private record(values: readonly string[] | JsonObject, line: number, raw: string): void {
    if (this.headerDue) return this.header(values as readonly string[]);
    this.rows++;
    if (this.rows <= this.from) return;
    const { order } = this;
    const inOrder = order ? order.map((at) => (values as readonly string[])[at] ?? '') : values;
    const row: Row = { values: inOrder, row: this.rows, line, raw };
    if (this.grouper) this.grouper.push(row);
    else this.map([row]);
  }

  private header(names: readonly string[]): void {
    this.headerDue = false;
    const found = names.map((n) => n.trim());
    if (!this.source.format.columns.every((c) => found.includes(c))) this.refuseHeader(found);
    const twice = this.source.format.columns.filter((c) => found.indexOf(c) !== found.lastIndexOf(c));
    if (twice.length > 0)
      throw new SourceMismatch(
        this.path,
        `has more than one column called ${twice.join(', ')}, and nobody can say which is meant`,
        'Rename the others in the file. What no mapping reads may be left out of `columns`.',
      );
    const order = this.source.format.columns.map((c) => found.indexOf(c));
    this.order = order.every((at, i) => at === i) ? null : order;
    this.reader.columns = names.length;
  }

  private refuseHeader(found: readonly string[]): never {
    const { columns, skip } = this.source.format;
    const missing = columns.filter((c) => !found.includes(c));
    throw new SourceMismatch(
      this.path,
      `has a header without ${missing.join(', ')} (line ${this.lines} has ${counted(found.length, 'column')})`,
      `Is it the right file, delimiter and encoding? Lines that stand above the header are left out with \`skip: ${skip + 1}\`. ` +
        'Otherwise mend `columns` in the channel file.',
    );
  }

  private broken(bytes: Uint8Array, line: number, reason: string): void {
    if (this.headerDue) throw noHeader(this.path, this.source.format.encoding, bytes, reason);
    this.rows++;
    if (this.rows > this.from) this.reject({ row: this.rows, line, rows: 1, bytes, reason });
  }

  private reject(reject: Reject): void {
    this.rejects.push(reject);
    this.accounted += reject.rows;
  }

  /** It joins no other, or strangers would be one record. What a rule leaves out on purpose (a line of totals) needs no key. */
  private keyless(row: Row, reason: string): void {
    const mapped = this.source.map([row], this.file);
    if (mapped.ignored.length > 0) this.account(mapped);
    else this.account(isBlank(row) ? blank : { items: [], rejects: [refuse([row], reason)], ignored: [] });
  }

  private map(rows: readonly Row[]): void {
    const mapped = this.source.map(rows, this.file);
    const [row] = rows;
    this.account(row && mapped.rejects.length > 0 && rows.length === 1 && isBlank(row) ? blank : mapped);
  }

  private account({ items, rejects, ignored }: Mapped): void {
    for (const item of items) {
      this.items.push(item);
      this.accounted += item.rows;
    }
    for (const reject of rejects) this.reject(reject);
    for (const { reason, rows: n } of ignored) {
      this.ignored[reason] = (this.ignored[reason] ?? 0) + n;
      this.accounted += n;
    }
  }
}
