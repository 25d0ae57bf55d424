import { EngineError, type Warehouse } from '@tributary/kernel';
import { quoted } from '../schema/ddl.js';
import { factTables } from '../schema/tables.js';

const named = factTables.map(({ name }) => quoted(`${name}_local`)).join(', ');

/**
 * On a cluster, what one replica has written and too few others have yet is shown to nobody who asks for what is sure, and no
 * later insert is let in before it. But it may be sure a moment later, when a replica is back: whoever asked just before how far a
 * table has come, and inserted just after, would bring the same rows once more. So nobody asks while there is such a thing.
 */
export const nothingPending = async (warehouse: Warehouse): Promise<void> => {
  if (warehouse.cluster === undefined) return;
  const tables = await warehouse.query<{ path: string }>(
    `SELECT zookeeper_path AS path FROM system.replicas WHERE database = currentDatabase() AND table IN (${named})`,
  );
  if (tables.length === 0) return;
  const paths = tables.map(({ path }) => quoted(`${path}/quorum`)).join(', ');
  const pending = await warehouse.query<{ path: string }>(
    `SELECT path FROM system.zookeeper WHERE path IN (${paths}) AND name = 'status'`,
  );
  if (pending.length > 0)
    throw new EngineError(
      'warehouse',
      'retriable',
      `too few replicas of the cluster have what was last written to ${pending.map(({ path }) => path.split('/').at(-2)).join(', ')}; it is waited for`,
    );
};
