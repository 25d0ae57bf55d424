import { EngineError, type Warehouse } from '@tributary/kernel';
import { pause } from '../load/pacing.js';
import { quoted } from '../schema/ddl.js';

const PATIENCE_MS = 120_000;
const never = new AbortController().signal;

/**
 * States of a part that is no longer of its table, but may still have files. One whose files are just being deleted is listed
 * only to who asks for `_state`: by `active` alone it would be gone already (StorageSystemPartsBase in ClickHouse's source).
 */
const LEAVING = ['Outdated', 'Deleting', 'DeleteOnDestroy'].map(quoted).join(', ');

/**
 * Rows leave a table when they are deleted; their bytes leave the disk with the parts that held them. Resolves when those of
 * these tables have done so; rejects with a retriable EngineError if the engine still has some after two minutes.
 */
export const oldPartsGone = async (warehouse: Warehouse, tables: readonly string[]): Promise<void> => {
  if (tables.length === 0) return;
  const began = performance.now();
  for (;;) {
    const [row] = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM system.parts
       WHERE database = currentDatabase() AND _state IN (${LEAVING}) AND table IN (${tables.map(quoted).join(', ')})`,
    );
    if (Number(row?.n ?? 0) === 0) return;
    if (performance.now() - began > PATIENCE_MS)
      throw new EngineError(
        'warehouse',
        'retriable',
        'rows are erased, but old parts are still on the disk; erase again',
      );
    await pause(100, never);
  }
};
