import { type Database, type SqlValue, type Statement } from './sqlite.js';

const ROWS = 16;

/**
 * Inserts of one kind, gathered into statements of many rows: half of what a row costs is the call. Nothing is
 * written before a batch is full or `flush` is called; order is kept.
 */
export class RowBatch {
  readonly #one: Statement;
  readonly #many: Statement;
  readonly #columns: number;
  #values: SqlValue[] = [];

  /** `into` as far as `VALUES`, and what follows the rows. */
  constructor(db: Database, into: string, columns: number, after = '') {
    const row = `(${Array(columns).fill('?').join(', ')})`;
    this.#columns = columns;
    this.#one = db.prepare(`${into} VALUES ${row} ${after}`);
    this.#many = db.prepare(`${into} VALUES ${Array(ROWS).fill(row).join(', ')} ${after}`);
  }

  add(...row: SqlValue[]): void {
    const values = this.#values;
    for (const value of row) values.push(value);
    if (values.length < ROWS * this.#columns) return;
    this.#values = [];
    this.#many.run(...values);
  }

  flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    for (let at = 0; at < values.length; at += this.#columns) this.#one.run(...values.slice(at, at + this.#columns));
  }

  /** After a rollback what was gathered is void. */
  forget(): void {
    this.#values = [];
  }
}
