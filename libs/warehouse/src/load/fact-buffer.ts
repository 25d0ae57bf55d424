import { type AnyTouchpoint } from '@tributary/domain';
import { type Warehouse } from '@tributary/kernel';
import { type Side, storedName } from '../schema/shadow.js';
import { fctInteractions, fctOrderLines, fctOrders, factTables, rawTouchpoints } from '../schema/tables.js';
import { type TableSpec } from '../schema/table-spec.js';
import { type Row, rowsOf, type SourcePosition } from './rows-of.js';

const columnsOf = ({ columns }: TableSpec): readonly string[] => columns.map(({ name }) => name);

/** Rows on their way into the fact tables, of whole intake batches, in the order of these. */
export class FactBuffer {
  readonly #rows = new Map<string, Row[]>(factTables.map(({ name }) => [name, []]));
  readonly #fences: ReadonlyMap<string, number>;

  /** `fences`: what each table holds already; a crash between two tables of a flush leaves some of them ahead. */
  constructor(fences: ReadonlyMap<string, number>) {
    this.#fences = fences;
  }

  get size(): number {
    return this.#of(rawTouchpoints).length;
  }

  add(touchpoint: AnyTouchpoint, at: SourcePosition): void {
    const { raw, order, lines, interaction } = rowsOf(touchpoint, at);
    this.#of(rawTouchpoints).push(raw);
    if (order && this.#lacks(fctOrders, at)) this.#of(fctOrders).push(order);
    if (lines.length > 0 && this.#lacks(fctOrderLines, at)) this.#of(fctOrderLines).push(...lines);
    if (interaction && this.#lacks(fctInteractions, at)) this.#of(fctInteractions).push(interaction);
  }

  /**
   * Writes each table at one stroke, raw_touchpoints last: what it holds, all hold. The buffer is empty afterwards and
   * may be filled while the engine works.
   */
  async flush(warehouse: Warehouse, side: Side): Promise<void> {
    const batches = factTables.map((table) => ({
      table: storedName(table.name, side),
      columns: columnsOf(table),
      rows: this.#of(table),
    }));
    for (const table of factTables) this.#rows.set(table.name, []);
    for (const batch of batches) if (batch.rows.length > 0) await warehouse.insert(batch);
  }

  #of(table: TableSpec): Row[] {
    return this.#rows.get(table.name) as Row[];
  }

  #lacks(table: TableSpec, at: SourcePosition): boolean {
    return at.intake > (this.#fences.get(table.name) ?? -1);
  }
}
