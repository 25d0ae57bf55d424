import { type Warehouse } from '@tributary/kernel';
import { createTable } from '../schema/ddl.js';
import { storedName } from '../schema/shadow.js';
import { tableNamed } from '../schema/tables.js';

export interface Rebuild {
  readonly warehouse: Warehouse;
  /** In the order in which they are changed over. */
  readonly tables: readonly string[];
  /** Loads the shadows (`side: 'shadow'`) as far as there is something to load; called twice, and goes on where it was. */
  fill(): Promise<void>;
  /** Stops the live loader, so that the last filling and the change see the same input; answers how to start it again. */
  settle(): Promise<() => void>;
  /** Called when all is filled and nothing is changed yet: the place to compare digests. */
  filled?(): Promise<void>;
}

/** Builds tables anew beside those in use, then changes them over; readers never see a half. Safe to start over. */
export const rebuild = async ({ warehouse, tables, fill, settle, filled }: Rebuild): Promise<void> => {
  const shadows = tables.map((table) => storedName(table, 'shadow'));
  const drop = async (): Promise<void> => {
    // A server refuses to drop what is larger than 50 GB, unless told that it is meant.
    for (const shadow of shadows)
      await warehouse.command(`DROP TABLE IF EXISTS ${shadow} SYNC SETTINGS max_table_size_to_drop = 0`);
  };
  await drop();
  for (const table of tables) await warehouse.command(createTable(tableNamed(table), storedName(table, 'shadow')));
  await fill();
  const resume = await settle();
  try {
    await fill();
    await filled?.();
    for (const table of tables) await warehouse.command(`EXCHANGE TABLES ${table} AND ${storedName(table, 'shadow')}`);
  } finally {
    resume();
  }
  await drop();
};
