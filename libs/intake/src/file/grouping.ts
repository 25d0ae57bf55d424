import { MapFailure } from '../channel/errors.js';
import { type Grouping, type Row } from '../channel/model.js';

/** Where whole records, and rows that can join none, go. */
export interface GroupSink {
  group(rows: readonly Row[]): void;
  stray(row: Row, reason: string): void;
  /** A row that no key says the record of. */
  keyless(row: Row, reason: string): void;
}

/** Keys of closed records that are remembered, so that a row which comes too late is noticed. About 100 bytes each. */
const mostRemembered = 500_000;

/**
 * Gathers rows of one key into records. A record closes when so many newer ones have begun (`open`), and records leave
 * in the order in which they began, so that one row number says what is done and what is not.
 */
export class Grouper {
  private readonly opened = new Map<string, Row[]>();
  private readonly closed = new Set<string>();

  constructor(
    private readonly rule: Grouping,
    private readonly sink: GroupSink,
  ) {}

  push(row: Row): void {
    const key = this.keyOf(row);
    if (key === null) return;
    const rows = this.opened.get(key);
    if (rows) {
      if (rows.length < this.rule.maxRows) rows.push(row);
      else this.sink.stray(row, `its record has more than ${this.rule.maxRows} rows; raise group.maxRows`);
      return;
    }
    if (this.closed.has(key))
      return this.sink.stray(
        row,
        'its record was complete already: rows of one key lie too far apart; sort the file, or raise group.open',
      );
    if (this.opened.size >= this.rule.open) this.closeOldest();
    this.opened.set(key, [row]);
  }

  /** The file is whole: what is open is complete. */
  end(): void {
    while (this.opened.size > 0) this.closeOldest();
  }

  /** The file breaks off: what is open may lack rows, and must not pass for complete. */
  abandon(reason: string): void {
    for (const rows of this.opened.values()) for (const row of rows) this.sink.stray(row, reason);
    this.opened.clear();
  }

  /** The first row of the oldest open record; `null`: none is open. */
  get firstOpenRow(): number | null {
    for (const rows of this.opened.values()) return rows[0]?.row ?? null;
    return null;
  }

  /** `null`: the row has none, and has been handed on as such. */
  private keyOf(row: Row): string | null {
    try {
      return this.rule.keyOf(row);
    } catch (error) {
      if (!(error instanceof MapFailure)) throw error;
      this.sink.keyless(row, error.reason);
      return null;
    }
  }

  private closeOldest(): void {
    for (const [key, rows] of this.opened) {
      this.opened.delete(key);
      if (this.closed.size >= mostRemembered)
        for (const oldest of this.closed) {
          this.closed.delete(oldest);
          break;
        }
      this.closed.add(key);
      return this.sink.group(this.rule.order ? rows.sort(this.rule.order) : rows);
    }
  }
}
