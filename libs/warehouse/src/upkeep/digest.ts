import { type Warehouse } from '@tributary/kernel';
import { isNullable } from '../schema/column-type.js';
import { type Side, storedName } from '../schema/shadow.js';
import { isReplacing } from '../schema/table-spec.js';
import { tableNamed } from '../schema/tables.js';

export interface Digest {
  readonly rows: number;
  /** 32 hex digits; the same rows give the same, in whatever order and however often merged. */
  readonly hash: string;
}

/** A hash over what a table says (not over where it was loaded from): equal tables, equal digests. */
export const digest = async (warehouse: Warehouse, table: string, side: Side = 'live'): Promise<Digest> => {
  const spec = tableNamed(table);
  // A hash over a NULL is NULL, and would drop the row from the sums.
  const columns = spec.columns
    .filter(({ technical }) => !technical)
    .map(({ name, type }) => (isNullable(type) ? `ifNull(toString(${name}), 'NULL')` : name));
  const [row] = await warehouse.query<{ rows: number; sum: string; xor: string }>(
    `SELECT count() AS rows, leftPad(lower(hex(sum(h))), 16, '0') AS sum, leftPad(lower(hex(groupBitXor(h))), 16, '0') AS xor
     FROM (SELECT sipHash64(${columns.join(', ')}) AS h FROM ${storedName(table, side)}${isReplacing(spec) ? ' FINAL' : ''})`,
  );
  return { rows: Number(row?.rows ?? 0), hash: `${row?.sum ?? ''}${row?.xor ?? ''}` };
};
