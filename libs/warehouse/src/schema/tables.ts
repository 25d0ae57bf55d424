import { low } from './columns.js';
import { customerTables } from './customer-tables.js';
import { factTables } from './fact-tables.js';
import { specName } from './shadow.js';
import { type TableSpec } from './table-spec.js';

export * from './customer-tables.js';
export * from './fact-tables.js';

export const loaderFences: TableSpec = {
  name: 'loader_fences',
  comment:
    'Positions below which everything is loaded, written down before rows are erased: resuming must not bring them back. And up to where erasures were carried out.',
  engine: 'ReplacingMergeTree(position)',
  orderBy: ['table_name', 'feed_partition'],
  personalBy: 'subject_id',
  columns: [
    { name: 'table_name', type: low, comment: "Table that was loaded, or 'erasures'" },
    { name: 'feed_partition', type: 'UInt32', comment: 'Partition of the feed; 0 for the facts, which have one order' },
    { name: 'position', type: 'UInt64', comment: 'Intake position or feed offset' },
  ],
};

export const tables: readonly TableSpec[] = [...factTables, ...customerTables, loaderFences];

const byName = new Map(tables.map((table) => [table.name, table]));

/** By its name, or that of its shadow. */
export const tableNamed = (name: string): TableSpec => {
  const table = byName.get(specName(name));
  if (table === undefined)
    throw new TypeError(`the warehouse has no table ${name}; it has ${[...byName.keys()].join(', ')}`);
  return table;
};
