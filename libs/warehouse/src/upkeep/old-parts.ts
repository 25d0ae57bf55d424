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
 * Rows leave a table when they are deleted; their bytes leave the disk with the parts that held them. Resolves when all parts
 * that are now no longer of these tables have done so, whoever left them; what merges leave later holds nothing of the deleted
 * rows. Rejects with a retriable EngineError if the engine still has some after two minutes.
 */
export const oldPartsGone = async (warehouse: Warehouse, tables: readonly string[]): Promise<void> => {
  if (tables.length === 0) return;
  const leaving = async (): Promise<readonly string[]> => {
    const rows = await warehouse.query<{ part: string }>(
      `SELECT concat(table, '/', name) AS part FROM system.parts
       WHERE database = currentDatabase() AND _state IN (${LEAVING}) AND table IN (${tables.map(quoted).join(', ')})`,
    );
    return rows.map(({ part }) => part);
  };
  const began = performance.now();
  for (let waiting = await leaving(); waiting.length > 0;) {
    if (performance.now() - began > PATIENCE_MS)
      throw new EngineError(
        'warehouse',
        'retriable',
        'rows are erased, but old parts are still on the disk; erase again',
      );
    await pause(100, never);
    const still = new Set(await leaving());
    waiting = waiting.filter((part) => still.has(part));
  }
};
