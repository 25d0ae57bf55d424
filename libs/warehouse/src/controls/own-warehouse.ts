import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type ChdbOptions, type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';

/**
 * For a suite: an engine of its own with the schema in it, and the folder of its data. `opened` is told before the first test.
 * Not for one that closes it: a process has one engine at a time.
 */
export const ownWarehouse = (
  opened: (warehouse: ChdbWarehouse) => void,
  options: Omit<ChdbOptions, 'path'> = {},
): { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-warehouse-'));
  let warehouse: ChdbWarehouse;
  beforeAll(async () => {
    warehouse = await openChdbWarehouse({ path, ...options });
    await warehouse.migrate();
    opened(warehouse);
  });
  afterAll(async () => {
    await warehouse.close();
    rmSync(path, { recursive: true, force: true });
  });
  return { path };
};
