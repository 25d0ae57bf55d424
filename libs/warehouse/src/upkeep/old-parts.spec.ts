import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Warehouse } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { oldPartsGone } from './old-parts.js';

let warehouse: ChdbWarehouse;
const { path } = ownWarehouse((opened) => void (warehouse = opened));

const COLUMNS = Array.from({ length: 100 }, (_, i) => `c${i}`);

/** The folders in which the table's parts are, under the name that they have while they are deleted. */
const beingDeleted = async (table: string): Promise<readonly string[]> => {
  const [row] = await warehouse.query<{ uuid: string }>(`SELECT uuid FROM system.tables WHERE name = '${table}'`);
  const uuid = row?.uuid ?? '';
  return readdirSync(join(path, 'store', uuid.slice(0, 3), uuid)).filter((name) => name.startsWith('delete_tmp_'));
};

describe('parts that are no longer of a table', () => {
  test('are not called gone while their files are being deleted', async () => {
    // Each column in files of its own: then deleting takes the engine long enough to be met in the middle of it.
    await warehouse.command(
      `CREATE TABLE wide (id UInt64, ${COLUMNS.map((name) => `${name} String`).join(', ')}) ENGINE = MergeTree ORDER BY id
       PARTITION BY id % 5 SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0, old_parts_lifetime = 1,
       cleanup_delay_period = 1, max_cleanup_delay_period = 2, cleanup_delay_period_random_add = 0`,
    );
    /** Asks again without a pause until the answer is none: the moment after which nothing may be left. */
    const impatient: Warehouse = {
      ...warehouse,
      query: async (sql, options) => {
        for (;;) {
          const rows = await warehouse.query(sql, options);
          if (rows.length === 0) return rows as never;
        }
      },
    };
    for (let round = 0; round < 3; round++) {
      await warehouse.command(
        `INSERT INTO wide SELECT number, ${COLUMNS.map(() => 'toString(number)').join(', ')} FROM numbers(1000)`,
      );
      await warehouse.command(`ALTER TABLE wide DELETE WHERE id < 500 SETTINGS mutations_sync = 2`);
      await oldPartsGone(impatient, ['wide']);
      expect(await beingDeleted('wide')).toEqual([]);
    }
  });
});
